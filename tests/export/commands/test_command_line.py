"""The command as people type it, with real processes, and a stand-in only for the export of a model itself."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from export.output.store import Store, locked
from export.recipes import names
from tests.export.conftest import SmallDisk

ROOT = Path(__file__).parents[3]
Done = subprocess.CompletedProcess[str]
RECIPES = names()
OPTIONS = (
    *("--list", "--all", "--full", "--variants", "--data", "--weights", "--eval-dir"),
    *("--seed", "--force", "--out", "--json"),
)


class Kit:
    """`python -m export` into folders of its own; exports are stand-ins, everything else is real."""

    def __init__(self, folder: Path) -> None:
        self.models, self.assets = folder / "models", folder / "assets"
        self.environment = os.environ | {"LOG_ROOT": str(folder)}

    def command(self, *arguments: object) -> list[str]:
        places = ["--out", str(self.models), "--assets", str(self.assets)]
        return [sys.executable, "-m", "tests.export.stand_in", *map(str, arguments), *places]

    def run(self, *arguments: object, **options: Any) -> Done:
        environment = self.environment | options.pop("environment", {})
        command = self.command(*arguments)
        return subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=False, env=environment, **options
        )

    def start(self, *arguments: object, **environment: str) -> "subprocess.Popen[str]":
        command, pipe = self.command(*arguments), subprocess.PIPE
        return subprocess.Popen(
            command, cwd=ROOT, env=self.environment | environment, text=True, stdout=pipe, stderr=pipe
        )


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(tmp_path)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one finished export."""
    kit = Kit(tmp_path_factory.mktemp("first"))
    assert kit.run("digits_cnn").returncode == 0
    return kit.models.parent


@pytest.fixture
def exported(kit: Kit, first: Path) -> Kit:
    """The same export in folders of the test's own."""
    for place in (kit.models, kit.assets):
        shutil.copytree(first / place.name, place, symlinks=True)
    return kit


def refused(done: Done) -> str:
    """The one line of a command that could not do what it was asked."""
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    *progress, line = done.stderr.splitlines()
    assert not [one for one in progress if one.startswith("export:")]
    assert line.startswith("export: ")
    return line.removeprefix("export: ")


def test_help_teaches_by_examples(kit: Kit) -> None:
    done = kit.run("--help")
    assert done.returncode == 0
    assert "python -m export digits_cnn " in done.stdout.split("examples:")[1]
    for option in OPTIONS:
        assert option in done.stdout


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["digit_cnn"],
            f"unknown recipe 'digit_cnn'; did you mean digits_cnn? choose from: {', '.join(RECIPES)}",
        ),
        (["zzz"], f"unknown recipe 'zzz'; choose from: {', '.join(RECIPES)}"),
        (["../recipes"], "../recipes: no such file or folder; give a model"),
        (
            ["--variants", "fp32,int-8"],
            "unknown variant 'int-8'; did you mean int8? choose from: fp32, fp16, dynamic, int8, int16x8, int8_mixed",
        ),
        (["--variants", ""], "--variants is empty; choose from: fp32, fp16, dynamic, int8, int16x8, int8_mixed"),
        (["--variants", ","], "--variants is empty; choose from: fp32, fp16, dynamic, int8, int16x8, int8_mixed"),
    ],
)
def test_an_unknown_name_is_one_line_with_a_suggestion_and_the_list(kit: Kit, arguments: list[str], line: str) -> None:
    assert refused(kit.run(*arguments)) == line
    assert not kit.models.exists()


def test_a_preprocessing_that_nobody_trains_with_is_one_line_with_the_list(kit: Kit) -> None:
    (line,) = kit.run("--trained-with", "nearest").stderr.splitlines()
    assert "invalid choice: 'nearest' (choose from 'tf_bilinear', 'tf_bicubic', 'keras_nearest')" in line


@pytest.mark.parametrize(
    ("option", "line"),
    [
        ("--data", "--data absent: no such file; give one, or leave it out"),
        ("--weights", "--weights absent: no such file; give one, or leave it out"),
        ("--eval-dir", "--eval-dir absent: no such folder; give one with a sub-folder for each class"),
    ],
)
def test_a_path_that_is_not_there_is_one_line_before_anything_is_trained(kit: Kit, option: str, line: str) -> None:
    assert refused(kit.run(option, "absent")) == line
    assert not kit.models.exists()


@pytest.mark.parametrize("option", ["--out", "--assets"])
def test_a_folder_that_cannot_be_made_is_one_line(kit: Kit, tmp_path: Path, option: str) -> None:
    (tmp_path / "file").write_text("in the way")
    place = tmp_path / "file" / "below"
    if option == "--out":
        kit.models = place
    else:
        kit.assets = place
    line = refused(kit.run("digits_cnn"))
    assert f"{place}" in line
    assert "Not a directory" in line


def test_the_second_run_has_nothing_to_do_says_so_and_loads_no_tensorflow(kit: Kit) -> None:
    first = kit.run("digits_cnn")
    assert first.returncode == 0
    assert first.stderr.splitlines()[0] == "digits_cnn"
    second = kit.run("digits_cnn", environment={"WITH_TENSORFLOW": "1"})
    assert second.stderr == "everything is up to date: recipes, data, weights and tools have not changed\n"
    *table, loaded = second.stdout.splitlines()
    assert loaded == "false"
    assert table == first.stdout.splitlines()


@pytest.mark.parametrize(
    "change",
    [["--seed", "1"], ["--full"], ["--variants", "fp32,int8"], ["--trained-with", "tf_bilinear"], ["--force"]],
)
def test_what_changes_a_model_exports_it_again(exported: Kit, change: list[str]) -> None:
    assert exported.run("digits_cnn", *change).stderr.splitlines()[0] == "digits_cnn"


def test_evaluation_pictures_are_no_reason_to_train_digits_again(exported: Kit, tmp_path: Path) -> None:
    (tmp_path / "cat.png").write_bytes(b"a picture of no digit")
    assert "everything is up to date" in exported.run("digits_cnn", "--eval-dir", tmp_path).stderr


@pytest.mark.parametrize("damage", ["packed file", "reference", "manifest"])
def test_what_is_damaged_is_exported_again(exported: Kit, damage: str) -> None:
    kit = exported
    path = {
        "packed file": kit.models / "digits_cnn" / "digits_cnn_int8.tflite",
        "reference": kit.models / "digits_cnn" / "reference" / "inputs.zip",
        "manifest": kit.models / "manifest.json",
    }[damage]
    path.write_bytes(path.read_bytes()[:-9])
    assert kit.run("digits_cnn").stderr.splitlines()[0] == "digits_cnn"
    store = Store(kit.models)
    assert store.damaged(store.records["digits_cnn"]) is None
    assert "everything is up to date" in kit.run("digits_cnn").stderr


def test_json_is_all_there_is_on_standard_output(kit: Kit) -> None:
    done = kit.run("digits_cnn", "--json")
    assert json.loads(done.stdout) == json.loads((kit.models / "manifest.json").read_text())["recipes"]


def test_a_second_export_says_that_it_waits_and_for_whom(kit: Kit, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    with kit.start("digits_cnn", GATE=str(gate)) as first:
        assert first.stderr is not None
        assert [first.stderr.readline() for _ in range(2)] == ["digits_cnn\n", "waiting at the gate\n"]
        with kit.start("digits_cnn") as second:
            assert second.stderr is not None
            waiting = second.stderr.readline()
            assert waiting == f"another export is running (process {first.pid}); waiting for it to finish\n"
            assert second.poll() is None
            gate.write_bytes(b"open")
            assert first.wait(60) == 0
            assert (
                second.stderr.read() == "everything is up to date: recipes, data, weights and tools have not changed\n"
            )
            assert second.wait(60) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_whoever_stops_waiting_for_another_export_gets_one_line(kit: Kit, number: signal.Signals) -> None:
    with locked(kit.models, print), kit.start("digits_cnn") as waiting:
        assert waiting.stderr is not None
        assert waiting.stderr.readline().startswith("another export is running")
        waiting.send_signal(number)
        assert waiting.wait(60) == 130
        (line,) = waiting.stderr.read().splitlines()
        assert line == "export: interrupted; what was finished before is kept, and nothing is half-written"


def limited() -> None:
    """No file may grow beyond this, as on a disk that is full; the stand-in's reference alone is larger."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))


def test_a_file_that_cannot_grow_is_one_line_and_changes_nothing(exported: Kit) -> None:
    kit = exported
    before = {path: path.read_bytes() for path in kit.models.rglob("*") if path.is_file()}
    line = refused(kit.run("digits_cnn", "--seed", "1", preexec_fn=limited))
    assert "File too large; what was finished before is kept, and nothing is half-written; mend that and run" in line
    after = {path: path.read_bytes() for path in kit.models.rglob("*") if path.is_file()}
    assert {path: content for path, content in after.items() if path.name != ".lock"} == {
        path: content for path, content in before.items() if path.name != ".lock"
    }


def test_a_full_disk_is_one_line_and_leaves_manifest_and_assets_whole(small_disk: SmallDisk, tmp_path: Path) -> None:
    """Room for one stand-in export and its assets, not for two."""
    kit = Kit(small_disk(2 << 20))
    kit.environment["LOG_ROOT"] = str(tmp_path)
    assert kit.run("digits_cnn").returncode == 0
    catalog = (kit.assets / "catalog.json").read_bytes()
    line = refused(kit.run("digits_cnn", "--seed", "1"))
    assert "No space left on device; what was finished before is kept" in line
    store = Store(kit.models)
    assert store.damaged(store.records["digits_cnn"]) is None
    assert {path.name for path in kit.models.iterdir()} == {
        *("manifest.json", ".lock", "digits_cnn", store.records["digits_cnn"].folder)
    }
    assert (kit.assets / "catalog.json").read_bytes() == catalog
    assert "everything is up to date" in kit.run("digits_cnn").stderr
