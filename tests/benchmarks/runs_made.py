"""Finished runs of the tiny export, and how to have them say something else: true blobs, true hashes, other numbers."""

import hashlib
import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from benchmarks.__main__ import main
from benchmarks.formats.arrays import Blob
from benchmarks.formats.result import Memory, Result
from benchmarks.formats.results import SUFFIX, StoredResult, encode, read_result
from benchmarks.formats.run_folder import RunFolder, find
from tests.benchmarks.conftest import Start
from tests.benchmarks.rig import start_with_app

PHONE = "Virtual_phone-virtual-1"
BEGAN = datetime(2025, 1, 31, 9, 45, tzinfo=UTC)


def build_with_run(start: Start, export: Path, tmp_path: Path, *options: str) -> Path:
    """A build folder with one finished run of a virtual phone, or one more."""
    home = tmp_path / "build"
    if not home.exists():
        shutil.copytree(export, home / "models")
    words = ["--tcp", start_with_app(start).address, "--rounds", "1", "--num-runs", "1", "--min-secs", "0"]
    assert main(["run", "--build", str(home), *words, "--fresh", "--json", *options]) == 0
    return home


def last(build: Path) -> RunFolder:
    return find(None, build / "results")


def results(run: RunFolder, part: str = "") -> list[StoredResult]:
    """The run's results whose name holds `part`."""
    found = (path for path in sorted((run.path / PHONE).glob(f"*{SUFFIX}")) if part in path.name)
    return [read_result(path) for path in found]


def change(stored: StoredResult, edit: Callable[[Result], Result]) -> None:
    """Have a result say something else of itself."""
    stored.path.write_bytes(encode(edit(stored.result)))


def blob(stored: StoredResult, name: str, array: npt.NDArray[Any]) -> Blob:
    """Put `array` where the result's blob called `name` is."""
    path = stored.path.with_name(getattr(stored.run.blobs, name).path)
    data = array.tobytes()
    path.write_bytes(data)
    return Blob(path.name, hashlib.sha256(data).hexdigest(), len(data))


def answer(stored: StoredResult, outputs: npt.NDArray[Any]) -> None:
    """Have an evaluation have answered this, in its own type."""
    made = blob(stored, "outputs", outputs.astype(stored.run.output.dtype))
    change(stored, lambda _: replace(stored.run, blobs=replace(stored.run.blobs, outputs=made)))


def time_it(stored: StoredResult, samples_ms: Sequence[float], at_s: float, celsius: float = 30.0) -> None:
    """Have a latency job have taken these times, `at_s` after the first."""
    times = np.zeros((len(samples_ms), 3), "<i8")
    times[:, 2] = np.array(samples_ms) * 1e6
    made = blob(stored, "timings", times)
    run, moment = stored.run, (BEGAN + timedelta(seconds=at_s)).isoformat()
    changed = replace(
        run,
        blobs=replace(run.blobs, timings=made),
        samples=len(samples_ms),
        started_at=moment,
        state_before=replace(run.state_before, battery_celsius=celsius),
    )
    change(stored, lambda _: changed)


def edit_models(run: RunFolder, **changes: Any) -> None:
    """Have the run say something else of all its models."""
    record = replace(run.record, models=tuple(replace(model, **changes) for model in run.record.models))
    (run.path / "run.json").write_bytes(msgspec.json.encode(record))


def as_a_phone(run: RunFolder) -> None:
    """Have the run say that its phone was real and took 50 MB."""
    for stored in results(run):
        change(stored, lambda result: replace(result, virtual=False, memory=Memory(50_000_000)))
    run.update_phone("Virtual phone-virtual-1", virtual=False, title="Pixel (S1)")


def timed_rounds(run: RunFolder, fp32_ms: Sequence[Sequence[float]], int8_ms: Sequence[Sequence[float]]) -> None:
    """Have both variants have had so many rounds, which took these times."""
    as_a_phone(run)
    for variant, rounds in (("fp32", fp32_ms), ("int8", int8_ms)):
        (first,) = results(run, f"tiny-{variant}-tensors-latency-1-")
        for number, samples in enumerate(rounds, start=1):
            time_it(_round(first, number), samples, at_s=10.0 * number)


def _round(first: StoredResult, number: int) -> StoredResult:
    """A copy of the first round's result as that of another round."""
    path = first.path.with_name(first.path.name.replace("-latency-1-", f"-latency-{number}-"))
    blobs = first.run.blobs
    timings = replace(blobs.timings, path=blobs.timings.path.replace("-latency-1-", f"-latency-{number}-"))
    job = replace(first.run.job, round=number)
    return StoredResult(path, replace(first.run, job=job, blobs=replace(blobs, timings=timings)))
