"""A run without rests: one variant back to back, its curve against time and heat, and where the phone throttles."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from benchmarks.__main__ import main
from benchmarks.compare.compare import compare
from benchmarks.compare.comparison import Comparison
from benchmarks.compare.comparison_json import read
from benchmarks.console.places import Build
from benchmarks.formats.manifest import Manifest
from benchmarks.formats.run_folder import RunFolder
from benchmarks.runs.plan import plan_sustained
from tests.benchmarks.conftest import Start
from tests.benchmarks.rig import start_with_app
from tests.benchmarks.runs_made import as_a_phone, last, results, time_it

JOBS = 20


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first test that wants it leaves the build folder."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def build(start: Start, export: Path, kept: Path, tmp_path: Path) -> Path:
    """A build folder with one finished run of half a second at work, which a test may change."""
    home = kept / "build"
    if not home.exists():
        shutil.copytree(export, home / "models")
        phone = ["--tcp", start_with_app(start).address, "--variants", "int8"]
        assert main(["run", "--sustain", "0.5", "--build", str(home), *phone]) == 0
    return Path(shutil.copytree(home, tmp_path / "build"))


def heated(run: RunFolder, medians_ms: list[float], gap_s: float = 15.0) -> None:
    as_a_phone(run)
    random = np.random.default_rng(1)
    for number, median_ms in enumerate(medians_ms):
        (stored,) = results(run, f"-latency-{number + 1}-")
        samples = median_ms * np.exp(0.01 * random.standard_normal(20))
        time_it(stored, list(samples), at_s=gap_s * number, celsius=30.0 + number)


def compared(build: Path) -> Comparison:
    return compare([last(build)], Build(build))


def test_the_plan_is_one_variant_after_the_other(export: Path) -> None:
    steps = plan_sustained(Manifest.read(export).select(), 3)
    assert [(step.variant.name, step.round) for step in steps] == [
        (name, number) for name in ("fp32", "int8") for number in (1, 2, 3)
    ]


def test_a_sustained_run_is_at_work_for_its_time_and_evaluates_nothing(build: Path) -> None:
    run = last(build)
    stored = results(run)
    assert len(stored) == JOBS
    assert sum(one.timings().invoke_ns.sum() for one in stored) >= 0.5e9 * 0.5
    assert run.record.sustain_s == 0.5
    (phone,) = run.record.phones.values()
    assert [cooldown.round for cooldown in phone.cooldowns] == [1]
    (row,) = compared(build).rows
    assert [stage.name for stage in row.stages] == ["keras", "tflite"]
    assert (row.complete, row.latency, compared(build).sustained) == (True, None, ())


def test_the_throttling_point_is_found_with_before_and_after(build: Path, capsys: pytest.CaptureFixture[str]) -> None:
    heated(last(build), [8.0] * 13 + [11.0] * 7)
    (curve,) = compared(build).sustained
    assert curve.throttled_at_s == 195
    assert curve.before_ms == pytest.approx(8, rel=0.01)
    assert curve.after_ms == pytest.approx(11, rel=0.01)
    assert [one.celsius for one in curve.points] == [30.0 + number for number in range(JOBS)]
    assert (curve.asked_s, curve.remarks) == (0.5, ())
    assert 285 < curve.lasted_s < 290
    capsys.readouterr()
    assert main(["compare", "--build", str(build)]) == 0
    assert "throttles after 195 s: 8.0" in capsys.readouterr().out


@pytest.mark.parametrize("medians_ms", [[8.0] * JOBS, [11.0] * 10 + [8.0] * 10], ids=["steady", "faster"])
def test_a_phone_that_does_not_throttle_is_not_said_to(build: Path, medians_ms: list[float]) -> None:
    heated(last(build), medians_ms)
    (curve,) = compared(build).sustained
    assert (curve.throttled_at_s, curve.after_ms) == (None, None)


def test_a_run_without_rests_is_not_judged_by_what_it_has_none_of(build: Path, tmp_path: Path) -> None:
    heated(last(build), [8.0] * JOBS)
    gates = tmp_path / "gates.toml"
    gates.write_text("[default]\nagreement = 1\np90_ms = 1\ninit_ms = 1\nsize_bytes = 1e9\nmemory_bytes = 1e9\n")
    assert main(["compare", "--strict", "--build", str(build), "--gates", str(gates)]) == 0
    assert [gate.name for gate in read(last(build).path / "comparison.json").gates] == ["memory_bytes", "size_bytes"]


def test_a_gap_in_the_work_is_said(build: Path) -> None:
    heated(last(build), [8.0] * JOBS)
    (stored,) = results(last(build), f"-latency-{JOBS}-")
    time_it(stored, [8.0] * 20, at_s=1000)
    (curve,) = compared(build).sustained
    assert curve.remarks == ("it was not at work all the time: the longest gap is 730 s",)


@pytest.mark.parametrize("seconds", ["0", "-1", "ten", "1e9", "nan"])
def test_a_time_that_is_none_is_refused(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["run", "--sustain", seconds])
    assert "is no time; give seconds, up to 86400" in capsys.readouterr().err
