"""`python -m export.teach` as people type it, in real processes, on a little network."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.export.conftest import SmallDisk, unwarned
from tests.export.transfer.drawn import draw
from tests.export.transfer.test_hub import pooled, saved

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[3]
Done = subprocess.CompletedProcess[str]


def command(folder: Path, *arguments: object) -> list[str]:
    places = ("--out", folder / "models", "--assets", folder / "assets")
    return [str(part) for part in (sys.executable, "-m", "export.teach", *arguments, *places)]


def run(folder: Path, *arguments: object, environment: Mapping[str, str] | None = None) -> Done:
    return subprocess.run(
        command(folder, *arguments),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | (environment or {}),
    )


def refused(done: Done) -> str:
    """The one line of a command that could not do what it was asked."""
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    *progress, line = done.stderr.splitlines()
    assert not [one for one in progress if one.startswith("teach:")]
    assert line.startswith("teach: ")
    return line.removeprefix("teach: ")


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where one model was trained: photos, models and assets below."""
    folder = tmp_path_factory.mktemp("taught")
    draw(folder / "photos", {"blue": 30, "red": 30})
    return folder


@pytest.fixture(scope="session")
def vector(_imported: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A little feature vector, as TF Hub publishes large ones."""
    with unwarned():
        return saved(tmp_path_factory.mktemp("hub") / "vector", pooled)


@pytest.fixture(scope="module")
def first(kit: Path, vector: Path) -> Done:
    cache = {"HANDSET_CACHE": str(kit / "cache")}
    return run(kit, kit / "photos", *named(vector), "--variants", "fp32,int8", environment=cache)


def named(vector: Path) -> tuple[object, ...]:
    return ("--name", "my_colours", "--backbone", vector)


def test_a_person_sees_the_stages_the_parity_table_and_the_marks(first: Done) -> None:
    assert first.returncode == 0, first.stderr
    stages = [line.strip().split(":")[0] for line in first.stderr.splitlines()]
    assert stages == [
        *("read pictures", "my_colours", "features for training", "features for validation", "train the head"),
        *("convert and pack", "compare with Keras"),
    ]
    shown = first.stdout.splitlines()
    assert shown[0].strip() == "my_colours"
    assert [line.split()[0] for line in shown[3:6]] == ["TensorFlow", "fp32", "int8"]
    assert any(line.startswith("accuracy ") and "on 12 held-out pictures (95 %: " in line for line in shown)
    assert shown[-1].startswith("app assets: ")


def test_the_model_lies_in_the_apps_assets_and_is_found_by_nothing_but_its_name(first: Done, kit: Path) -> None:
    assert first.returncode == 0
    catalog = json.loads((kit / "assets" / "catalog.json").read_text())
    entries = catalog["models"]
    assert {(entry["recipe"], entry["screen"]) for entry in entries} == {("my_colours", "gallery")}
    assert [entry["default"] for entry in entries].count(True) == 1
    assert all((kit / "assets" / entry["path"]).is_file() for entry in entries)
    assert "door" not in entries[0]


def test_the_next_time_there_is_nothing_to_do_and_json_is_all_on_standard_output(
    first: Done, kit: Path, vector: Path
) -> None:
    assert first.returncode == 0
    done = run(kit, kit / "photos", *named(vector), "--variants", "fp32,int8", "--json")
    assert "everything is up to date" in done.stderr
    record = json.loads(done.stdout)["my_colours"]
    assert record["marks"]["pictures"] == 12
    del record["marks"]
    assert record == json.loads((kit / "models" / "manifest.json").read_text())["recipes"]["my_colours"]


def test_one_more_picture_trains_again(first: Done, kit: Path, vector: Path, tmp_path: Path) -> None:
    assert first.returncode == 0
    draw(tmp_path / "photos", {"blue": 30, "red": 31})
    cache = {"HANDSET_CACHE": str(kit / "cache")}
    done = run(tmp_path, tmp_path / "photos", *named(vector), "--variants", "fp32", environment=cache)
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("  features for training")]
    known = int(line.split(",")[1].split()[0])
    assert known < 10, line


def test_help_teaches_by_examples() -> None:
    done = subprocess.run([sys.executable, "-m", "export.teach", "--help"], cwd=ROOT, capture_output=True, text=True)  # noqa: PLW1510
    assert "python -m export.teach photos/ --name my_pets" in done.stdout.split("examples:")[1]
    for option in ("--backbone", "--weights", "--size", "--mean", "--std", "--fine-tune", "--variants", "--seed"):
        assert option in done.stdout


@pytest.mark.parametrize(
    ("name", "line"),
    [
        (
            "My Pets",
            "--name 'My Pets' cannot be a file's name everywhere; use a to z, 0 to 9 and _, at most 64, as in my_pets",
        ),
        (
            "../pets",
            "--name '../pets' cannot be a file's name everywhere; use a to z, 0 to 9 and _, at most 64, as in my_pets",
        ),
        ("", "--name '' cannot be a file's name everywhere; use a to z, 0 to 9 and _, at most 64, as in my_pets"),
        ("digits_cnn", "--name digits_cnn is a recipe of the kit's own; choose another, as in my_pets"),
    ],
)
def test_a_name_that_cannot_be_is_one_line(tmp_path: Path, name: str, line: str) -> None:
    assert refused(run(tmp_path, tmp_path, "--name", name)) == line
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({}, "has no class folders; expected "),
        ({"cat": 5}, "has one class only, cat; a classifier needs at least two"),
        ({"cat": 5, "dog": 0}, "class folder dog holds nothing; add pictures"),
        ({"cat": 5, "Cat": 5}, "class folders Cat and cat have the same name but for case"),
        ({"cat": 2, "dog": 2}, "too few different pictures: cat has 2, dog has 2; give every class 5 or more"),
    ],
)
def test_what_cannot_be_taught_is_one_line_without_tensorflow(
    tmp_path: Path, counts: dict[str, int], said: str
) -> None:
    (tmp_path / "photos").mkdir()
    draw(tmp_path / "photos", counts)
    assert said in refused(run(tmp_path, tmp_path / "photos", "--name", "pets"))
    assert not (tmp_path / "models").exists()


def test_no_disk_is_one_line_and_nothing_is_left(small_disk: SmallDisk, vector: Path, tmp_path: Path) -> None:
    draw(tmp_path / "photos", {"blue": 30, "red": 30})
    disk = small_disk(20_000)
    line = refused(run(disk, tmp_path / "photos", *named(vector), "--variants", "fp32"))
    assert "No space left on device; what was finished before is kept, and nothing is half-written" in line
    assert [path.name for path in (disk / "models").iterdir()] == [".lock"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_is_one_line_and_leaves_nothing(tmp_path: Path, vector: Path, number: signal.Signals) -> None:
    draw(tmp_path / "photos", {"blue": 30, "red": 30})
    arguments = command(tmp_path, tmp_path / "photos", *named(vector))
    with subprocess.Popen(arguments, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        while not process.stderr.readline().startswith("  features for training"):
            assert process.poll() is None
        process.send_signal(number)
        assert process.wait(120) == 130
        said = process.stderr.read().splitlines()
    assert said[-1] == "teach: interrupted; what was finished before is kept, and nothing is half-written"
    assert "Traceback" not in " ".join(said)
    assert {path.name for path in (tmp_path / "models").iterdir()} <= {".lock"}
