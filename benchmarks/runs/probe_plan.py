"""The probes of one variant: copies of the model that put out its tensors, and the jobs that fetch them in parts.

What one job returns is limited: as many inputs as fit, and of a model whose tensors do not fit for one input, some of
the tensors.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from benchmarks.formats.archive import WrittenArchive, write_tensors
from benchmarks.formats.classifier import Classifier
from benchmarks.formats.declared import checked
from benchmarks.formats.errors import JobError, ModelError
from benchmarks.formats.inputs import Inputs
from benchmarks.formats.job import InputArchive, JobModel, ProbeJob
from benchmarks.formats.manifest import ExportedVariant, NamedFile
from benchmarks.runs.outcome import Settings
from benchmarks.runs.plan import OTHER_OPTIONS, job_id
from metadata.errors import ModelFileError
from metadata.graph import Graph, read_graph
from metadata.probes import MAX_BYTES, groups, probed, with_outputs
from metadata.resize import with_one_size


@dataclass(frozen=True, slots=True)
class PlannedProbe:
    """One job, one of `total`: some inputs through one copy of the model.

    `outputs` are the model's tensors, by index, that the copy puts out.
    """

    variant: ExportedVariant
    number: int
    total: int
    file: NamedFile
    outputs: tuple[int, ...]
    archive: WrittenArchive
    round: int = 0

    @property
    def title(self) -> str:
        return f"{self.variant.title}: tensors, part {self.number} of {self.total}"

    def job_id(self, run: str) -> str:
        """The job's id in run `run`: another one for other inputs."""
        asked = f"{run} {self.file.sha256} {self.archive.sha256}"
        return job_id(self.variant, f"probe-{self.number}", asked)

    def job(
        self, run: str, _archive: WrittenArchive, model: JobModel, inputs: InputArchive, settings: Settings, /
    ) -> ProbeJob:
        def make() -> ProbeJob:
            return ProbeJob(
                id=self.job_id(run),
                model=model,
                inputs=inputs,
                threads=settings.threads,
                accelerator=settings.accelerator,
                xnnpack=True,
            )

        return checked(make, f"job {self.job_id(run)}", JobError, OTHER_OPTIONS)


class ProbeArchives:
    """Every probe has its archive with it."""

    def get(self, job: PlannedProbe, /) -> WrittenArchive:
        """The archive of `job`."""
        return job.archive


def plan_probes(
    variant: ExportedVariant, inputs: Inputs, folder: Path, limit_bytes: int = MAX_BYTES
) -> tuple[tuple[PlannedProbe, ...], ...]:
    """The probes of `variant`: for each part of `inputs`, in order, one for each group of tensors.

    Copies of the model and archives go into `folder`, which has to stay until the jobs are done.
    ModelError where the file's tensors cannot be put out; ManifestError where it is not what was exported.
    """
    data = variant.file.checked().read_bytes()
    try:
        model = with_one_size(data)
        graph = read_graph(model)
        grouped = groups(graph, probed(graph).tensors, limit_bytes)
        copies = [
            _written(folder / f"{number}.tflite", *with_outputs(model, group)) for number, group in enumerate(grouped)
        ]
    except ModelFileError as error:
        raise ModelError(f"{variant.title} cannot be probed: {error}") from error
    at_once = max(1, limit_bytes // max(_bytes(graph, outputs) for _, outputs in copies))
    classifier = Classifier.of(data)
    archives = [
        write_tensors(some, classifier, folder / f"{number}.zip")
        for number, some in enumerate(_in_parts(inputs, at_once))
    ]
    numbers = count(1)
    return tuple(
        tuple(
            PlannedProbe(variant, next(numbers), len(archives) * len(copies), file, outputs, archive)
            for file, outputs in copies
        )
        for archive in archives
    )


def _written(path: Path, copy: bytes, outputs: tuple[int, ...]) -> tuple[NamedFile, tuple[int, ...]]:
    path.write_bytes(copy)
    return NamedFile(path, hashlib.sha256(copy).hexdigest(), len(copy)), outputs


def _bytes(graph: Graph, tensors: Sequence[int]) -> int:
    return sum(graph.size_bytes(index) for index in tensors)


def _in_parts(inputs: Inputs, at_once: int) -> Iterator[Inputs]:
    for start in range(0, len(inputs.ids), at_once):
        yield inputs.at(range(start, min(start + at_once, len(inputs.ids))))
