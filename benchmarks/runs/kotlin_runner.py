"""Run a job as the app itself does: its own Kotlin job runner, on this machine's Java, with a real interpreter.

A virtual phone's `JobRunner` that starts one Java process a job and repeats what it says. The process sees the files
that the phone lets the app read, and no other. Maven builds the runner once, and again when its sources are newer.
"""

import json
import posixpath
import shutil
import subprocess
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from benchmarks.errors import BenchmarkError
from benchmarks.formats.job import JOB_FILE
from benchmarks.places import ROOT
from benchmarks.virtual_phone.runner import JobRefusedError, JobRequest, Outcome, Status

PROJECT = ROOT / "android_app" / "desktop"
CORE = ROOT / "android_app" / "app" / "src" / "main" / "kotlin" / "app" / "handset" / "core"
JAR = ROOT / "build" / "desktop" / "handset-desktop.jar"
PATIENCE_S = 10.0
BUILD_S = 1800.0
LOG_SHOWN = 500
FILES_OF_A_JOB = ("model", "inputs")


class KotlinRunnerError(BenchmarkError):
    """The app's runner cannot be built here."""


def missing() -> str | None:
    """What this machine lacks to build and run the app's runner, in one line; None when it lacks nothing."""
    lacks = [program for program in ("java", "mvn") if shutil.which(program) is None]
    return f"{' and '.join(lacks)} not found; install Java 17 and Maven" if lacks else None


def build() -> Path:
    """The runner's jar, up to date; KotlinRunnerError with Maven's first complaint when it cannot be built."""
    if (lack := missing()) is not None:
        raise KotlinRunnerError(lack)
    if JAR.exists() and JAR.stat().st_mtime >= max(path.stat().st_mtime for path in _sources()):
        return JAR
    command = ["mvn", "-q", "-B", "-DskipTests", "package"]
    built = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=BUILD_S, check=False)
    if built.returncode != 0:
        said = next((line for line in built.stdout.splitlines() if line.startswith("[ERROR]")), "no reason given")
        raise KotlinRunnerError(f"Maven cannot build {PROJECT.name}: {said}; run `mvn package` in {PROJECT}")
    return JAR


def kotlin_runner(request: JobRequest, /) -> Generator[Status, None, Outcome]:
    """The `JobRunner` of a virtual phone. Closing it kills the process, as a phone kills an app."""
    try:
        jar = build()
    except KotlinRunnerError as error:
        raise JobRefusedError(str(error)) from error
    command = ["java", "-jar", str(jar), "--job", str(request.job), "--files", str(request.files), *_places(request)]
    with (
        TemporaryFile("w+", encoding="utf-8") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, encoding="utf-8") as process,
    ):
        try:
            outcome = yield from _said(process)
            process.wait(PATIENCE_S)
        finally:
            process.kill()
        if outcome is None:
            log.seek(0)
            raise JobRefusedError(f"the runner ended without a result: {' '.join(log.read().split())[:LOG_SHOWN]}")
    return Outcome(outcome, request.files / posixpath.basename(outcome["handset_result"]))


def _sources() -> Iterator[Path]:
    yield PROJECT / "pom.xml"
    yield from CORE.rglob("*.kt")
    yield from (PROJECT / "src" / "main").rglob("*.kt")


def _places(request: JobRequest) -> list[str]:
    """Where the files that the job names lie on this machine; nowhere when the phone does not let the app read them."""
    here, options = request.arguments.get("job", "/"), ["--locate", "="]
    for path in _named(request.job / JOB_FILE):
        try:
            place = str(request.locate(posixpath.normpath(posixpath.join(here, path))))
        except OSError:
            place = ""
        options += ["--locate", f"{path}={place}"]
    return options


def _named(job: Path) -> list[str]:
    """The paths in `job.json`; none of one that cannot be read, which the runner will refuse by itself."""
    try:
        record: Any = json.loads(job.read_bytes())
    except (OSError, ValueError, RecursionError):
        return []
    parts = [record.get(name) for name in FILES_OF_A_JOB] if isinstance(record, Mapping) else []
    paths = [part.get("path") for part in parts if isinstance(part, Mapping)]
    return [path for path in paths if isinstance(path, str) and path.isprintable()]


def _said(process: "subprocess.Popen[str]") -> Generator[Status, None, dict[str, str] | None]:
    """Every status that the process prints; its outcome, None when it ended without one."""
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    for line in process.stdout:
        said = json.loads(line)
        if "outcome" in said:
            return {name: str(value) for name, value in said["outcome"].items()}
        yield {name: str(value) for name, value in said["status"].items()}
    return None
