"""Run a job as the app itself does: its own Kotlin job runner, on this machine's Java, with a real interpreter.

A virtual phone's `JobRunner` that starts one Java process a job. Maven builds the runner once, and again when its
sources are newer.
"""

import subprocess
from collections.abc import Generator, Iterator
from pathlib import Path

from benchmarks.console.locks import locked
from benchmarks.console.places import ROOT
from benchmarks.formats.errors import BenchmarkError
from benchmarks.runners import separate
from benchmarks.runners.java import JavaError, find_jdk, find_maven
from benchmarks.virtual_phone.runner import JobOutcome, JobRefusedError, JobRequest, Status

PROJECT = ROOT / "android_app" / "desktop"
APP = ROOT / "android_app" / "app" / "src"
SOURCES = (APP / "main/kotlin/app/handset/core", APP / "debug/kotlin/app/handset/job", PROJECT / "src" / "main")
JAR = ROOT / "build" / "desktop" / "handset-desktop.jar"
BUILD_S = 1800.0


class KotlinRunnerError(BenchmarkError):
    """The app's runner cannot be built here."""


def missing() -> str | None:
    """What this machine lacks to build and run the app's runner, in one line; None when it lacks nothing."""
    try:
        find_maven()
    except JavaError as error:
        return str(error)
    return None


def build() -> Path:
    """The runner's jar, up to date; KotlinRunnerError with Maven's first complaint when it cannot be built."""
    if (lack := missing()) is not None:
        raise KotlinRunnerError(lack)
    JAR.parent.mkdir(parents=True, exist_ok=True)
    with locked(JAR.parent / ".lock", lambda _holder: None):  # whoever comes second finds it built
        if not (JAR.exists() and JAR.stat().st_mtime >= max(path.stat().st_mtime for path in _sources())):
            _package()
    return JAR


def _package() -> None:
    maven, jdk = find_maven()
    command = [str(maven), "-q", "-B", "-DskipTests", "package"]
    built = subprocess.run(
        command, cwd=PROJECT, env=jdk.environment, capture_output=True, text=True, timeout=BUILD_S, check=False
    )
    if built.returncode != 0:
        said = next((line for line in built.stdout.splitlines() if line.startswith("[ERROR]")), "no reason given")
        raise KotlinRunnerError(f"Maven cannot build {PROJECT.name}: {said}; run `mvn package` in {PROJECT}")


def kotlin_runner(request: JobRequest, /) -> Generator[Status, None, JobOutcome]:
    """The `JobRunner` of a virtual phone. Closing it kills the process, as a phone kills an app."""
    try:
        command = [str(find_jdk().java), "-jar", str(build())]
    except (JavaError, KotlinRunnerError) as error:
        raise JobRefusedError(str(error)) from error
    return (yield from separate.run(command, request))


def _sources() -> Iterator[Path]:
    yield PROJECT / "pom.xml"
    for folder in SOURCES:
        yield from folder.rglob("*.kt")
