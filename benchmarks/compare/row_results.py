"""The results of each row of a comparison: the desktop's answers, and what one phone measured in one context.

Results of another runtime, accelerator or thread count belong to another row. Arrays are read from disk at each call
and are not kept, so that only one row's arrays are in memory at a time. No device is needed.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.compare.accuracy import StageName
from benchmarks.compare.comparison import UNKNOWN
from benchmarks.compare.phone_names import id_part, phone_id
from benchmarks.formats import desktop_answers
from benchmarks.formats.declared import read_file
from benchmarks.formats.desktop_answers import DesktopSide, Probabilities
from benchmarks.formats.errors import ResultError
from benchmarks.formats.job import InputKind, Mode
from benchmarks.formats.layers_file import Layers, probed_file
from benchmarks.formats.manifest import Reference
from benchmarks.formats.results import SUFFIX, StoredResult, read_result
from benchmarks.formats.run_file import RunModel, RunPhone
from benchmarks.formats.run_folder import RunFolder

KINDS = {StageName.TENSORS: InputKind.TENSORS, StageName.IMAGES: InputKind.IMAGES}


@dataclass(frozen=True, slots=True)
class Context:
    """What two results must have in common to belong to the same row, by the names of the fields of `Row`."""

    runner: str
    runtime: str
    abi: str | None
    accelerator_asked: str
    accelerator_obtained: str
    delegated_nodes: int | None
    total_nodes: int | None
    partitions: int | None
    threads: int

    @classmethod
    def of(cls, stored: StoredResult) -> "Context":
        """The context of a result without an error."""
        result = stored.run
        accelerator = result.accelerator
        return cls(
            runner=result.runner.name,
            runtime=f"{result.runtime.name} {result.runtime.version}",
            abi=result.device.abi,
            accelerator_asked=str(accelerator.asked),
            accelerator_obtained=str(accelerator.obtained),
            delegated_nodes=accelerator.delegated_nodes,
            total_nodes=accelerator.total_nodes,
            partitions=accelerator.partitions,
            threads=result.job.threads,
        )

    @classmethod
    def planned(cls, run: RunFolder) -> "Context":
        """The context that the run asked for, for a model without a result."""
        asked = run.record
        runner, accelerator = asked.runner or UNKNOWN, str(asked.accelerator)
        return cls(runner, UNKNOWN, None, accelerator, UNKNOWN, None, None, None, asked.threads)


@dataclass(frozen=True, slots=True)
class RowResults:
    """One row: `model` and `phone` are the run's records of them, `results` the results of one context without errors.

    `folder` holds the phone's results.
    """

    id: str
    run: RunFolder
    folder: Path
    phone_id: str
    phone: RunPhone
    model: RunModel
    context: Context
    results: tuple[StoredResult, ...]

    @property
    def model_name(self) -> str:
        """`<recipe>_<variant>`."""
        return self.model.name

    @property
    def is_virtual(self) -> bool:
        return self.phone.virtual or any(one.result.virtual for one in self.results)

    @property
    def is_sustained(self) -> bool:
        """Whether the run measured latency without pauses, and evaluated no inputs."""
        return self.run.record.sustain_s is not None

    @property
    def has_keras(self) -> bool:
        """Whether a Keras or TensorFlow reference exists; a model that was given as a `.tflite` file has none."""
        return self.model.reference is not Reference.TFLITE

    def desktop(self) -> DesktopSide:
        """The desktop's answers; RunError when they are missing or damaged."""
        return desktop_answers.read(self.run.path, self.model.recipe, self.model.variant)

    def evaluation(self, stage: StageName) -> StoredResult | None:
        """The phone's evaluation result of the stage, None where there is none."""
        kind = KINDS.get(stage)
        jobs = ((one, one.run.job) for one in self.results)
        return next((one for one, job in jobs if job.mode is Mode.EVALUATE and job.inputs.kind is kind), None)

    def answers(self, stage: StageName, desktop: DesktopSide) -> Probabilities | None:
        """The stage's probabilities, float32 (inputs, labels); None without a result, ResultError if invalid.

        An answer of the phone that is NaN or infinite says nothing: every label is as likely as any other.
        """
        if stage is StageName.KERAS:
            return desktop.keras if self.has_keras else None
        if stage is StageName.TFLITE:
            return desktop.tflite
        stored = self.evaluation(stage)
        if stored is None:
            return None
        answers = stored.probabilities()
        answers[_not_finite(answers)] = 1 / answers.shape[1]
        if answers.shape != desktop.keras.shape or not desktop_answers.are_probabilities(answers):
            wanted = " × ".join(str(size) for size in desktop.keras.shape)
            raise ResultError(f"{stored.path.name}: its outputs are not {wanted} probabilities; run the job again")
        return answers

    def not_finite(self, stage: StageName) -> int:
        """How many of the phone's answers in the stage are NaN or infinite."""
        stored = self.evaluation(stage)
        return 0 if stored is None else int(np.count_nonzero(_not_finite(stored.probabilities())))

    def probed(self) -> Layers | None:
        """What the phone's own tensors said; None where it was not probed for them, ResultError where damaged."""
        path = probed_file(self.folder, self.model_name)
        layers = read_file(path, Layers, ResultError, "explain --layers again") if path.exists() else None
        return None if layers is None or layers.sha256 != self.model.sha256 else layers

    def timed(self) -> tuple[StoredResult, ...]:
        """The results of latency jobs in the order in which they were measured."""
        timed = (one for one in self.results if one.run.job.mode is Mode.LATENCY)
        return tuple(sorted(timed, key=lambda one: (datetime.fromisoformat(one.result.started_at), one.path.name)))


def _not_finite(answers: Probabilities) -> npt.NDArray[np.bool_]:
    lost: npt.NDArray[np.bool_] = ~np.isfinite(answers).all(axis=1)
    return lost


def collect_rows(runs: Sequence[RunFolder]) -> tuple[RowResults, ...]:
    """All rows of all runs, in the order of runs, phones and models; ResultError or RunError for damaged files."""
    rows = [row for run in runs for name, phone in run.record.phones.items() for row in _of_phone(run, name, phone)]
    return tuple(_with_ids(rows))


def _of_phone(run: RunFolder, name: str, phone: RunPhone) -> Iterator[RowResults]:
    if phone.refused:
        return
    stored = [read_result(path) for path in sorted((run.path / name).glob(f"[!.]*{SUFFIX}"))]
    results = [one for one in stored if one.result.run is not None]
    for model in run.record.models:
        by_context: dict[Context, list[StoredResult]] = {}
        for result in results:
            if result.result.model_sha256 == model.sha256:
                by_context.setdefault(Context.of(result), []).append(result)
        for context, found in (by_context or {Context.planned(run): []}).items():
            yield RowResults("", run, run.path / name, phone_id(name, phone), phone, model, context, tuple(found))


def _with_ids(rows: Sequence[RowResults]) -> Iterator[RowResults]:
    """Every row with its shortest unique id: phone and model, then accelerator and threads, then the run."""
    counts = Counter(id_ for row in rows for id_ in _ids(row))
    seen: Counter[str] = Counter()
    for row in rows:
        ids = _ids(row)
        unique = next((id_ for id_ in ids if counts[id_] == 1), ids[-1])
        seen[unique] += 1
        yield replace(row, id=unique if seen[unique] == 1 else f"{unique}/{seen[unique]}")


def _ids(row: RowResults) -> tuple[str, ...]:
    """Possible ids of a row, the shortest first."""
    short = f"{row.phone_id}/{id_part(row.model.recipe)}_{id_part(row.model.variant)}"
    used = f"{short}/{row.context.accelerator_obtained}-{row.context.threads}"
    return short, used, f"{used}/{row.run.id}"
