"""A run on phones of a device farm: packed here, run there, brought home from whatever the farm made of it.

The runs are real: each job is run by the desktop's runner from the packed folder. The folders are laid out as Firebase
Test Lab, AWS Device Farm and a plain `adb pull` leave them.
"""

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.compare.comparison_json import decode
from benchmarks.formats.results import SUFFIX
from benchmarks.formats.run_folder import RunFolder, find
from benchmarks.runners.desktop.runner import run as run_job
from tests.benchmarks.sample_runs import asked

FEW = ("--rounds", "1", "--limit", "4")


@pytest.fixture
def build(export: Path, tmp_path: Path) -> Path:
    shutil.copytree(export, tmp_path / "build" / "models")
    return tmp_path / "build"


@pytest.fixture
def packed(build: Path, tmp_path: Path) -> Path:
    assert main(["pack", str(tmp_path / "farm"), *FEW, "--build", str(build)]) == 0
    return tmp_path / "farm"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first test that wants results leaves the packed run and them."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def results(export: Path, kept: Path, tmp_path: Path) -> Path:
    """What the jobs of `packed` answered, without it: the run of `build` was packed for them."""
    if not (kept / "results").exists():
        shutil.copytree(export, kept / "build" / "models")
        assert main(["pack", str(kept / "farm"), *FEW, "--build", str(kept / "build")]) == 0
        ran(kept / "farm", kept / "results")
    shutil.copytree(kept / "build", tmp_path / "build", dirs_exist_ok=True)
    return Path(shutil.copytree(kept / "results", tmp_path / "results"))


def ran(packed: Path, out: Path) -> Path:
    """Every job of `packed`, run from there, with its results in `out`."""
    for job in sorted((packed / "jobs").iterdir()):
        work = run_job(job, out)
        while True:
            try:
                next(work)
            except StopIteration:
                break
    return out


def firebase(results: Path, root: Path) -> Path:
    """A folder a device, named as it was chosen, and the pulled directory by its path on the phone."""
    pulled = root / "oriole-33-en-portrait" / "artifacts" / "sdcard" / "Android" / "data" / "app.handset" / "files"
    shutil.copytree(results, pulled)
    (root / "oriole-33-en-portrait" / "logcat").write_text("--------- beginning of main\n")
    (root / "oriole-33-en-portrait" / "test_result_1.xml").write_text("<testsuite/>")
    return root


def device_farm(results: Path, root: Path) -> Path:
    """A zip of customer artifacts; the phone's files below the log folder of the host machine."""
    root.mkdir()
    with zipfile.ZipFile(root / "Customer_Artifacts.zip", "w") as archive:
        for path in sorted(results.iterdir()):
            archive.write(path, f"Host_Machine_Files/$DEVICEFARM_LOG_DIR/handset/{path.name}")
    return root / "Customer_Artifacts.zip"


def pulled(results: Path, root: Path) -> Path:
    """`adb pull`, as it is on the phone."""
    shutil.copytree(results, root / "files")
    return root


def the_run(build: Path) -> RunFolder:
    return find(None, build / "results")


@pytest.mark.parametrize("farm", [firebase, device_farm, pulled])
def test_results_come_home_from_every_layout(
    farm: Callable[[Path, Path], Path], build: Path, results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = farm(results, tmp_path / "given")
    assert main(["import", str(given), "--build", str(build)]) == 0
    run = the_run(build)
    assert run.record.complete
    (phone,) = run.record.phones
    assert sorted(path.name.removesuffix(SUFFIX) for path in (run.path / phone).glob(f"*{SUFFIX}")) == sorted(
        run.record.packed
    )
    capsys.readouterr()
    assert main(["compare", "--build", str(build), "--json"]) == 0
    comparison = decode(capsys.readouterr().out.encode())
    assert [[stage.evaluated for stage in row.stages] for row in comparison.rows] == [[4] * 4] * 2
    assert comparison.phones[0].abi is not None


def test_a_packed_folder_needs_nothing_but_itself(packed: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere"
    packed.rename(moved)
    results = ran(moved, tmp_path / "results")
    assert len(list(results.glob(f"*{SUFFIX}"))) == len(list((moved / "jobs").iterdir()))
    job = json.loads(next((moved / "jobs").glob("*/job.json")).read_bytes())
    assert job["model"]["path"].startswith("../../models/")


def test_a_farm_is_told_every_file_and_where_results_lie(packed: Path) -> None:
    arguments = json.loads((packed / "firebase.yaml").read_text())["handset"]
    files = [path for room in ("models", "inputs", "jobs") for path in (packed / room).rglob("*") if path.is_file()]
    there = {f"/data/local/tmp/handset/{path.relative_to(packed).as_posix()}" for path in files}
    assert set(arguments["other-files"]) == there
    assert all((packed / name).is_file() for name in arguments["other-files"].values())
    assert arguments["directories-to-pull"] == ["/sdcard/Android/data/app.handset/files"]


def test_what_is_broken_stays_out_and_is_told(build: Path, results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = sorted(results.glob("*.outputs.bin"))[0]
    broken.write_bytes(broken.read_bytes()[:-1])
    assert main(["import", str(results), "--build", str(build)]) == 2
    said = capsys.readouterr()
    assert "left out: " in said.err
    assert "bytes instead of" in said.err
    assert "1 missing" in said.out
    run = the_run(build)
    assert not run.record.complete
    assert broken.name not in [path.name for path in run.path.rglob("*")]


def test_what_macos_zips_beside_each_file_is_no_result(
    build: Path, results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with zipfile.ZipFile(tmp_path / "results.zip", "w") as archive:
        for path in sorted(results.iterdir()):
            archive.write(path, f"results/{path.name}")
            archive.writestr(f"__MACOSX/results/._{path.name}", b"\0\5\x16\7Mac OS X")
    assert main(["import", str(tmp_path / "results.zip"), "--build", str(build)]) == 0
    assert "left out" not in capsys.readouterr().err


def test_of_two_phones_that_tell_the_same_of_themselves_one_is_left_out_and_told(
    build: Path, packed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for phone in ("first", "second"):
        ran(packed, tmp_path / "given" / phone)
    shutil.copytree(tmp_path / "given" / "first", tmp_path / "given" / "the first again")
    assert main(["import", str(tmp_path / "given"), "--build", str(build)]) == 0
    left_out = capsys.readouterr().err.splitlines()
    assert len(left_out) == len(the_run(build).record.packed)
    assert all("second" in line and "gave another result of" in line for line in left_out)


def test_results_of_another_run_are_refused(
    build: Path, results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pack", str(tmp_path / "second"), *FEW, "--build", str(build)]) == 0
    capsys.readouterr()
    assert main(["import", str(results), "--build", str(build)]) == 2
    assert "holds no result of run" in capsys.readouterr().err


def test_importing_twice_changes_nothing(build: Path, results: Path) -> None:
    assert main(["import", str(results), "--build", str(build)]) == 0
    before = {path: path.read_bytes() for path in the_run(build).path.rglob("*") if path.is_file()}
    assert main(["import", str(results), "--build", str(build)]) == 0
    assert {path: path.read_bytes() for path in the_run(build).path.rglob("*") if path.is_file()} == before


def test_results_that_come_in_two_deliveries_are_one_run(
    build: Path, results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    late = tmp_path / "late"
    late.mkdir()
    job = min(path.name.removesuffix(SUFFIX) for path in results.glob(f"*{SUFFIX}"))
    for path in results.glob(f"{job}.*"):
        path.rename(late / path.name)
    assert main(["import", str(results), "--build", str(build)]) == 2
    assert f"1 missing: {job}" in capsys.readouterr().out
    assert main(["import", str(late), "--build", str(build)]) == 0
    assert the_run(build).record.complete


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("import", "nowhere"), "nowhere: no such file or folder; give what the farm gave back"),
        (("import", "empty"), "empty holds no result of run"),
        (("import", "text.zip"), "text.zip cannot be unpacked"),
        (("pack", "farm"), "farm is there already; choose another folder, or delete it"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    arguments: tuple[str, str],
    told: str,
    build: Path,
    packed: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert packed == tmp_path / "farm"
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.zip").write_text("no zip")
    capsys.readouterr()
    command, path = arguments
    assert main([command, str(tmp_path / path), "--build", str(build)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert told in line


def test_a_run_that_was_not_packed_takes_no_import(
    build: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    RunFolder.begin(build / "results", asked())
    assert main(["import", str(tmp_path), "--build", str(build)]) == 2
    assert "was not packed for a farm" in capsys.readouterr().err
