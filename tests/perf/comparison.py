"""What `compare` takes for 10 models × 4 variants × 3 phones × 10,000 inputs of 100 labels, 20 rounds of latency."""

import hashlib
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec.structs import asdict, replace

from benchmarks.formats.arrays import Blob, Blobs, TensorInfo, TensorType
from benchmarks.formats.job import GOOGLE_SCHEDULE, ONCE, Accelerator, InputArchive, InputKind, Job, JobModel, Mode
from benchmarks.formats.result import Result
from benchmarks.formats.results import SUFFIX, encode
from benchmarks.formats.run_file import UNKNOWN_FACTS, RunModel, RunPhone, Vitals
from tests.benchmarks.sample_results import evaluation
from tests.benchmarks.sample_runs import asked
from tests.perf.commands import run
from tests.perf.ratio import Ratio

MODELS, PHONES, INPUTS, LABELS, ROUNDS, RUNS = 10, 3, 10_000, 100, 20, 25
VARIANTS = ("fp32", "fp16", "dynamic", "int8")


def measure() -> list[Ratio]:
    """Seconds, peak memory, and the size of what comes out, without pictures."""
    with tempfile.TemporaryDirectory(prefix="handset-") as folder:
        place = Path(folder, "results", "20250131-094500")
        _write(place)
        seconds, peak_bytes = run("benchmarks", "compare", "--build", folder)
        size = (place / "comparison.json").stat().st_size
    return [
        Ratio("compare, 120 rows of 10,000 inputs, seconds", seconds, 120, at_most=True),
        Ratio("compare, peak memory in GB", peak_bytes / 1e9, 0.5, at_most=True),
        Ratio("comparison.json of 120 rows without pictures, MB", size / 1e6, 3, at_most=True),
    ]


def _write(place: Path) -> None:
    """A run as the kit would have left it. Phones share their blobs: the reader cannot know."""
    random = np.random.default_rng(0)
    (place / "references").mkdir(parents=True)
    phones = [f"Pixel_{number}-serial{number}" for number in range(PHONES)]
    models = list(_models(place, random, phones))
    facts = replace(UNKNOWN_FACTS, manufacturer="Google", model="Pixel", abis=("arm64-v8a",), android="14", sdk=34)
    measured = {
        name: RunPhone(complete=True, vitals=Vitals(replace(facts, serialno=name), False, 0, False, False, None, None))
        for name in phones
    }
    record = asked(run=place.name, complete=True, rounds=ROUNDS, models=tuple(models), phones=measured)
    (place / "run.json").write_bytes(msgspec.json.encode(record))


def _models(place: Path, random: np.random.Generator, phones: list[str]) -> Iterator[RunModel]:
    for name in (f"recipe{number}" for number in range(MODELS)):
        keras = _answers(random)
        np.save(place / "references" / f"{name}-keras.npy", keras)
        (place / "references" / f"{name}-truth.json").write_text(json.dumps(keras.argmax(axis=1).tolist()))
        for variant in VARIANTS:
            answers = (0.9 * keras + 0.1 * _answers(random)).astype(np.float32)
            np.save(place / "references" / f"{name}-{variant}.npy", answers)
            sha256 = hashlib.sha256(f"{name}{variant}".encode()).hexdigest()
            _results(place, f"{name}-{variant}", sha256, answers, random, phones)
            yield RunModel(
                recipe=name,
                variant=variant,
                sha256=sha256,
                size_bytes=1_000_000,
                inputs_sha256="b" * 64,
                inputs=INPUTS,
                evaluation="a set",
            )


def _answers(random: np.random.Generator) -> npt.NDArray[np.float32]:
    drawn = np.exp(3 * random.standard_normal((INPUTS, LABELS), np.float32))
    answers: npt.NDArray[np.float32] = drawn / drawn.sum(axis=1, keepdims=True)
    return answers


def _results(
    place: Path,
    name: str,
    sha256: str,
    answers: npt.NDArray[np.float32],
    random: np.random.Generator,
    phones: list[str],
) -> None:
    jobs = [(Mode.EVALUATE, kind, 0) for kind in InputKind]
    jobs += [(Mode.LATENCY, InputKind.TENSORS, number) for number in range(1, ROUNDS + 1)]
    for phone in phones:
        (place / phone).mkdir(exist_ok=True)
    first = place / phones[0]
    outputs = _blob(first / f"{name}.outputs.bin", answers)
    one = _blob(first / f"{name}.one.bin", answers[:1])
    for mode, kind, number in jobs:
        timed = mode is Mode.LATENCY
        count = 1 if timed else INPUTS
        job = Job(
            id=f"{name}-{kind}-{mode}-{number}",
            mode=mode,
            model=JobModel("model.tflite", sha256, 1_000_000),
            inputs=InputArchive("inputs.zip", "b" * 64, 1_000_000, kind, count),
            input_id="00000.tensor" if timed else None,
            round=number,
            return_fed=False,
            threads=1,
            accelerator=Accelerator.CPU,
            xnnpack=True,
            **asdict(replace(GOOGLE_SCHEDULE, num_runs=RUNS) if timed else ONCE),
        )
        times = np.zeros((RUNS if timed else INPUTS, 3), "<i8")
        times[:, 2] = 8e6 * np.exp(0.03 * random.standard_normal(len(times)))
        timings = _blob(first / f"{job.id}.timings.bin", times)
        result = _result(first, job, one if timed else outputs, timings, len(times))
        for phone in phones:
            (place / phone / f"{job.id}{SUFFIX}").write_bytes(encode(result))
    for path in first.glob(f"{name}*.bin"):
        for phone in phones[1:]:
            (place / phone / path.name).hardlink_to(path)


def _result(folder: Path, job: Job, outputs: Blob, timings: Blob, samples: int) -> Result:
    output = TensorInfo(TensorType.FLOAT32, (LABELS,), None, None)
    return replace(
        evaluation(folder),
        job=job,
        model_sha256=job.model.sha256,
        started_at=f"2025-01-31T10:{job.round:02}:00+00:00",
        duration_ns=10**10,
        output=output,
        init_ns=30_000_000,
        warmup_ns=(9_000_000, 8_100_000) if job.mode is Mode.LATENCY else (),
        inputs=job.inputs.count,
        samples=samples,
        blobs=Blobs(outputs, timings, None),
    )


def _blob(path: Path, array: npt.NDArray[Any]) -> Blob:
    data = array.tobytes()
    path.write_bytes(data)
    return Blob(path.name, hashlib.sha256(data).hexdigest(), len(data))
