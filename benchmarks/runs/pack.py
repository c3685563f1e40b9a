"""A run packed for phones of a farm: jobs, models and inputs in one folder, the references in the run's own.

The folder is copied as it is to `PHONE_FOLDER` on each phone; a job names its files relative to itself, so that the
same folder serves wherever it lies. `imported` finds the run of the results, however the farm returns them.
"""

import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.console.places import Build
from benchmarks.console.terminal import Terminal
from benchmarks.formats.archive import WrittenArchive
from benchmarks.formats.atomic import make_folder
from benchmarks.formats.errors import RunError
from benchmarks.formats.job import JOB_FILE, InputArchive, JobModel
from benchmarks.phones.app import PACKAGE
from benchmarks.runs.campaign import Campaign
from benchmarks.runs.input_archives import InputArchives
from benchmarks.runs.plan import PlannedJob

PHONE_FOLDER = "/data/local/tmp/handset"
"""Readable by apps, writable by adb and by every farm that takes files."""
RESULTS = f"/sdcard/Android/data/{PACKAGE}/files"
"""Where the app puts results that nobody can fetch with `run-as`."""


@dataclass(frozen=True, slots=True)
class Packed:
    """What `pack` wrote."""

    folder: Path
    jobs: tuple[str, ...]
    size_bytes: int


def pack(campaign: Campaign, planned: Sequence[PlannedJob], out: Path, build: Build, terminal: Terminal) -> Packed:
    """Write the jobs of `planned` into the new folder `out`, and the references into the run's folder.

    StorageError when it cannot be written. Nothing half-written is left.
    """
    campaign.keep_references(build.references, terminal)
    make_folder(out.parent)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent, ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary) / out.name
        for name in ("models", "inputs", "jobs"):
            make_folder(folder / name)
        archives = InputArchives(folder / "inputs", campaign.spec.recipes, campaign.spec.limit)
        jobs = tuple(_write(job, campaign, archives.get(job), folder) for job in planned)
        (folder / "firebase.yaml").write_text(_firebase(folder, build.apk), encoding="utf-8")
        size_bytes = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        folder.rename(out)
    campaign.run.expect(jobs)
    return Packed(out, jobs, size_bytes)


def refuse_existing(out: Path) -> None:
    """RunError when `out` is there already: asked before a run is begun for it."""
    if out.exists():
        raise RunError(f"{out} is there already; choose another folder, or delete it")


def _firebase(folder: Path, apk: Path) -> str:
    """An argument file for `gcloud firebase test android run`; JSON is YAML. Paths are for this computer."""
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    arguments = {
        "type": "instrumentation",
        "app": str(apk),
        "test": str(apk),
        "other-files": {f"{PHONE_FOLDER}/{name}": name for name in files},
        "environment-variables": {"jobs": f"{PHONE_FOLDER}/jobs", "results": "external"},
        "directories-to-pull": [RESULTS],
    }
    return json.dumps({"handset": arguments}, indent=1) + "\n"


def _write(planned: PlannedJob, campaign: Campaign, archive: WrittenArchive, folder: Path) -> str:
    file = planned.variant.file
    model = folder / "models" / f"{file.sha256[:16]}.tflite"
    if not model.exists():
        shutil.copyfile(file.checked(), model)
    job = planned.job(
        campaign.run.id,
        archive,
        JobModel(f"../../models/{model.name}", file.sha256, file.size_bytes),
        InputArchive(
            f"../../inputs/{archive.path.name}", archive.sha256, archive.size_bytes, archive.kind, archive.count
        ),
        campaign.spec.settings,
    )
    home = folder / "jobs" / job.id
    home.mkdir()
    (home / JOB_FILE).write_bytes(job.encode())
    return job.id
