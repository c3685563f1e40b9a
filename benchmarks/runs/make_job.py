"""The job that carries out a step of a plan, once its model and its inputs lie where the phone finds them."""

from benchmarks.formats.archive import WrittenArchive
from benchmarks.formats.job import ONCE, InputArchive, Job, JobModel, Mode
from benchmarks.runs.outcome import Settings
from benchmarks.runs.plan import PlannedJob


def make_job(
    step: PlannedJob, run: str, parcel: WrittenArchive, model: JobModel, inputs: InputArchive, settings: Settings
) -> Job:
    """The job of `step` in run `run`; `model` and `inputs` name the files as the phone sees them."""
    timed = step.mode is Mode.LATENCY
    return Job(
        id=step.job_id(run),
        mode=step.mode,
        model=model,
        inputs=inputs,
        schedule=settings.schedule if timed else ONCE,
        input_id=parcel.names[0] if timed else None,
        round=step.round,
        return_fed=settings.return_fed and not timed,
        threads=settings.threads,
        accelerator=settings.accelerator,
    )
