"""`python -m benchmarks run` as it is typed: phones chosen, refused, interrupted, gone on with."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.compare.comparison_json import decode
from benchmarks.formats.run_folder import find
from benchmarks.phones.app import PACKAGE
from benchmarks.virtual_phone.state import BatteryState
from tests.benchmarks.conftest import Start
from tests.benchmarks.rig import left_on, start_with_app


def build_of(export: Path, tmp_path: Path) -> Path:
    shutil.copytree(export, tmp_path / "build" / "models")
    return tmp_path / "build"


def test_one_command_measures_and_shows_everything(
    start: Start, export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build = build_of(export, tmp_path)
    both = [start_with_app(start, serial=f"virtual-{number}") for number in (1, 2)]
    tcp = [word for one in both for word in ("--tcp", one.address)]
    command = ["run", *tcp, "--build", str(build), "--rounds", "1", "--num-runs", "1", "--min-secs", "0", "--json"]
    assert main(command) == 0
    comparison = decode(capsys.readouterr().out.encode())
    assert comparison.complete
    assert [phone.is_virtual for phone in comparison.phones] == [True, True]
    assert [[stage.evaluated for stage in row.stages] for row in comparison.rows] == [[10] * 4] * 4
    assert [row.latency for row in comparison.rows] == [None] * 4
    assert all(left_on(one) == [] for one in both)
    run = find(None, build / "results")
    assert sorted(path.name for path in run.path.iterdir() if path.is_dir()) == [
        "Virtual_phone-virtual-1",
        "Virtual_phone-virtual-2",
        "references",
    ]
    assert list((build / "archives").iterdir()) == []


def test_a_failing_phone_does_not_stop_the_other_and_a_rerun_finishes(
    start: Start, export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build = build_of(export, tmp_path)
    well, ill = start_with_app(start), start_with_app(start, "crash", serial="virtual-2")
    rest = ["--build", str(build), "--rounds", "1", "--num-runs", "1", "--min-secs", "0"]
    assert main(["run", "--tcp", well.address, "--tcp", ill.address, *rest]) == 2
    said = capsys.readouterr()
    assert "20 of 40" not in said.out
    assert "40 of 40 inputs evaluated" in said.out
    assert "0 of 40 inputs evaluated" in said.out
    assert "saw the app crash; see `adb logcat -b crash`" in said.out
    assert ill.address not in said.out
    assert "not complete; the same command again finishes it" in said.out
    mended = start_with_app(start, serial="virtual-2b")
    mended.state.properties["ro.serialno"] = "virtual-2"
    assert main(["run", "--tcp", well.address, "--tcp", mended.address, *rest]) == 0
    said = capsys.readouterr()
    assert "was not finished: going on with it" in said.err
    assert said.out.count("40 of 40 inputs evaluated") == 2
    assert len(list((build / "results").iterdir())) == 1


def test_a_phone_that_is_named_and_absent_is_said(
    start: Start, export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rest = ["--build", str(build_of(export, tmp_path)), "--tcp", start_with_app(start).address]
    assert main(["run", "--serial", "R5CT10", *rest]) == 2
    said = capsys.readouterr().err
    assert "phone R5CT10 is not attached; plug it in, or name one that `python -m benchmarks devices` lists" in said


def test_no_phone_at_all_offers_a_virtual_one(export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--build", str(build_of(export, tmp_path))]) == 2
    assert (
        "no phone is attached; plug one in with USB debugging on, or choose DEVICE=virtual" in capsys.readouterr().err
    )


def test_a_missing_export_is_said_before_phones_are_looked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--device", "virtual", "--build", str(tmp_path)]) == 2
    assert "manifest.json is not there; run make export first" in capsys.readouterr().err


def test_a_finding_stops_a_phone_until_it_is_allowed_and_is_remembered(
    start: Start, export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    virtual = start_with_app(start)
    virtual.state.battery = BatteryState(level_percent=5)
    rest = ["--build", str(build_of(export, tmp_path)), "--rounds", "1", "--num-runs", "1", "--min-secs", "0"]
    command = ["run", "--tcp", virtual.address, *rest]
    assert main(command) == 2
    refusal = "LOW-BATTERY: the battery is at 5 %; charge it to 20 % or more (or --allow LOW-BATTERY)"
    assert f"phone {virtual.address}: {refusal}" in capsys.readouterr().err
    assert main([*command, "--allow", "LOW-BATTERY"]) == 0
    assert "measured in spite of LOW-BATTERY" in capsys.readouterr().out


def test_a_run_is_gone_on_with_only_by_the_same_wish(
    start: Start, export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build = build_of(export, tmp_path)
    rest = ["--tcp", start_with_app(start).address, "--build", str(build), "--num-runs", "1", "--min-secs", "0"]
    assert main(["run", *rest, "--rounds", "1"]) == 0
    (run,) = (path.name for path in (build / "results").iterdir())
    assert main(["run", *rest, "--rounds", "2", "--resume", run]) == 2
    assert f"run {run} was begun with other models or options" in capsys.readouterr().err
    assert main(["run", *rest, "--rounds", "1", "--resume", run]) == 0
    assert main(["run", *rest, "--rounds", "1", "--resume", "never"]) == 2
    assert f"no run never below {build / 'results'}; there are: {run}" in capsys.readouterr().err


def command_line(build: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "benchmarks", "run", "--build", str(build), *arguments]


def test_ctrl_c_cleans_the_phone_exits_130_and_can_be_gone_on_with(start: Start, export: Path, tmp_path: Path) -> None:
    build = build_of(export, tmp_path)
    virtual = start_with_app(start, "silence=1")
    rest = ("--rounds", "1", "--num-runs", "1", "--min-secs", "0")
    command = command_line(build, *rest, "--tcp", virtual.address)
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    while PACKAGE not in virtual.state.processes:
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, ""), err
    assert "interrupted; what is finished is kept, and the same command goes on from there" in err
    assert "Traceback" not in err
    assert left_on(virtual) == []
    mended = start_with_app(start, serial="mended")
    mended.state.properties["ro.serialno"] = virtual.state.serial
    command = command_line(build, *rest, "--tcp", mended.address)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "was not finished: going on with it" in done.stderr
    assert (done.returncode, "40 of 40 inputs evaluated" in done.stdout) == (0, True)


def test_a_full_disk_here_is_one_line_and_leaves_nothing_half(start: Start, export: Path, tmp_path: Path) -> None:
    build = build_of(export, tmp_path)
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2500, 2500)); "
    script = f"{limit}import sys; from benchmarks.__main__ import main; sys.exit(main(sys.argv[1:]))"
    virtual = start_with_app(start)
    command = [sys.executable, "-c", script, "run", "--build", str(build), "--tcp", virtual.address]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert "cannot be written, File too large; free some space in" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(build.rglob("*.part-*")) == []
    assert left_on(virtual) == []
