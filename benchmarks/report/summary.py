"""What a run's results say, as values: accuracy, agreement, latency, counts. Nothing is printed, nothing is judged.

This is the seam for comparison and report: they read a `Summary`, and the raw results behind it. No TensorFlow here.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.errors import RunError
from benchmarks.formats.job import InputKind, Mode
from benchmarks.formats.manifest import Reference
from benchmarks.formats.results import SUFFIX, StoredResult, read_result
from benchmarks.runs.folder import Record, RunFolder

P99_SAMPLES = 300
"""Fewer hold less than three values beyond the 99th percentile: that is no percentile, it is a worst case."""
NS_PER_MS = 1e6

Probabilities = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Stage:
    """One way to answer the inputs. `accuracy` is None where the truth is not known, `agreement` is with Keras."""

    evaluated: int
    expected: int
    accuracy: float | None
    agreement: float | None


@dataclass(frozen=True, slots=True)
class Latency:
    """Invoke times of all rounds, in milliseconds; `p99_ms` is None under 300 samples."""

    samples: int
    p50_ms: float
    p90_ms: float
    p99_ms: float | None
    init_ms: float


@dataclass(frozen=True, slots=True)
class Row:
    """One variant on one phone. What a virtual phone says of time and memory is not a phone's, and is None."""

    recipe: str
    variant: str
    keras: Stage
    tflite: Stage
    tensors: Stage
    images: Stage
    latency: Latency | None
    peak_bytes: int | None


@dataclass(frozen=True, slots=True)
class PhoneSummary:
    """One phone's rows, what it did not finish, and which findings were overridden."""

    name: str
    title: str
    is_virtual: bool
    rows: tuple[Row, ...]
    failures: tuple[str, ...]
    allowed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """One run."""

    run: str
    complete: bool
    phones: tuple[PhoneSummary, ...]


@dataclass(frozen=True, slots=True)
class _Desktop:
    """The desktop's side of one variant, from the run's own folder."""

    truth: npt.NDArray[np.object_]
    keras: Probabilities
    tflite: Probabilities


def summarise(run: RunFolder) -> Summary:
    """The run as it is now, finished or not; RunError when its references are missing."""
    phones = tuple(_phone(run, name, record) for name, record in run.record["phones"].items())
    return Summary(run.id, bool(run.record["complete"]), phones)


def _phone(run: RunFolder, name: str, record: Record) -> PhoneSummary:
    results = list(_results(run.path / name))
    is_virtual = bool(record.get("virtual")) or any(one.result.virtual for one in results)
    failures = [failure["message"] for failure in record.get("failures", ())]
    failures += [record[key] for key in ("ended", "left_behind") if record.get(key)]
    return PhoneSummary(
        name=name,
        title=record.get("title", name),
        is_virtual=is_virtual,
        rows=tuple(_row(_desktop(run, model), model, results, is_virtual) for model in run.record["models"]),
        failures=tuple(failures),
        allowed=tuple(finding["id"] for finding in record.get("allowed", ())),
    )


def _results(folder: Path) -> Iterator[StoredResult]:
    """Every ok result of a phone, each proved whole again."""
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        stored = read_result(path)
        if stored.result.run is not None:
            yield stored


def _desktop(run: RunFolder, model: Record) -> _Desktop:
    folder, recipe = run.path / "references", model["recipe"]
    try:
        truth = np.array(json.loads((folder / f"{recipe}-truth.json").read_text(encoding="utf-8")), dtype=object)
        return _Desktop(truth, *(np.load(folder / f"{recipe}-{name}.npy") for name in ("keras", model["variant"])))
    except (OSError, ValueError) as error:
        raise RunError(f"{folder}: the references of {recipe} cannot be read ({error}); run it again") from error


def _row(desktop: _Desktop, model: Record, results: Sequence[StoredResult], is_virtual: bool) -> Row:
    mine = [one for one in results if one.result.model_sha256 == model["sha256"]]
    evaluated = {_kind(one): one.probabilities() for one in mine if _mode(one) is Mode.EVALUATE}
    timed = [one for one in mine if _mode(one) is Mode.LATENCY]
    peaks = [one.result.peak_bytes for one in mine if one.result.peak_bytes is not None]
    return Row(
        recipe=model["recipe"],
        variant=model["variant"],
        # Of a model that came as a ready file, the reference is desktop TensorFlow Lite, and no Keras answered.
        keras=_stage(None if model.get("reference") == Reference.TFLITE else desktop.keras, desktop, model["inputs"]),
        tflite=_stage(desktop.tflite, desktop, model["inputs"]),
        tensors=_stage(evaluated.get(InputKind.TENSORS), desktop, model["inputs"]),
        images=_stage(evaluated.get(InputKind.IMAGES), desktop, model["inputs"]),
        latency=_latency(timed) if timed and not is_virtual else None,
        peak_bytes=max(peaks) if peaks and not is_virtual else None,
    )


def _stage(answers: Probabilities | None, desktop: _Desktop, expected: int) -> Stage:
    if answers is None:
        return Stage(0, expected, None, None)
    top = answers.argmax(axis=1)  # ties go to the lower index
    known = not any(label is None for label in desktop.truth)
    return Stage(
        evaluated=len(answers),
        expected=expected,
        accuracy=float((top == desktop.truth).mean()) if known else None,
        agreement=float((top == desktop.keras.argmax(axis=1)).mean()),
    )


def _latency(timed: Sequence[StoredResult]) -> Latency:
    samples_ms = np.concatenate([one.timings().invoke_ns for one in timed]) / NS_PER_MS
    p50_ms, p90_ms, p99_ms = (float(one) for one in np.percentile(samples_ms, (50, 90, 99)))
    init_ms = float(np.median([one.run.init_ns for one in timed])) / NS_PER_MS
    return Latency(len(samples_ms), p50_ms, p90_ms, p99_ms if len(samples_ms) >= P99_SAMPLES else None, init_ms)


def _mode(one: StoredResult) -> Mode | None:
    return None if one.result.job is None else one.result.job.mode


def _kind(one: StoredResult) -> Any:
    return None if one.result.job is None else one.result.job.inputs.kind
