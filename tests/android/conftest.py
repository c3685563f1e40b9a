"""Runs Maven and the compilers for these tests, each once a session."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from subprocess import PIPE, STDOUT

import pytest

from android_app.desktop.apk.errors import MissingToolError
from android_app.desktop.apk.project import APK, APP, ASSETS, BUILD, POM, ROOT
from android_app.desktop.apk.tools import aapt2
from benchmarks.runners.java import JavaError, find_maven
from benchmarks.runners.kotlin import PROJECT
from metadata.support_library import missing_support

HERE = Path(__file__).parent
PHOTOGRAPHS = ROOT / "build" / "models" / "efficientnet_lite0" / "reference" / "inputs.zip"
TASK_LIBRARY = BUILD / "task_library"
KOTLIN_RUNNER = "from benchmarks.runners.kotlin import build; build()"
ENVIRONMENT = {**os.environ, "LC_ALL": "C.UTF-8"}
"""A copy from before the tests, which change the variables of this process."""
Completed = subprocess.CompletedProcess[str]
Command = Sequence[str | Path]


def core_test_commands() -> list[Command]:
    """The core's own tests; before them the job runner, which other tests use, from the same sources."""
    return [(sys.executable, "-c", KOTLIN_RUNNER), maven_test(PROJECT / "pom.xml")]


def apk_commands() -> list[Command]:
    """The APK's build, where a source is newer than the APK."""
    _require_tools()
    if APK.is_file() and APK.stat().st_mtime >= max(path.stat().st_mtime for path in _sources()):
        return []
    return [(sys.executable, "-m", "android_app.desktop.apk")]


def app_test_commands() -> list[Command]:
    """The app's own tests, on Robolectric's Android."""
    _require_tools()
    if not PHOTOGRAPHS.is_file():
        raise MissingToolError("efficientnet_lite0 is not exported; run `make export`")
    prepare = (sys.executable, "-m", "android_app.desktop.apk", "prepare")
    if missing_support() is not None:
        return [prepare, maven_test(POM)]
    return [prepare, (sys.executable, "-m", "tests.android.task_library", TASK_LIBRARY), maven_test(POM)]


def maven_test(pom: Path) -> Command:
    """Maven's tests of a project, on the Java that the kit takes."""
    program, jdk = find_maven()
    return ("env", f"JAVA_HOME={jdk.home}", program, "-B", "-q", "-f", pom, "test")


def _require_tools() -> None:
    find_maven()
    aapt2()
    if not (ASSETS / "models" / "catalog.json").is_file():
        raise MissingToolError("nothing is exported; run `make export`")


def _sources() -> Iterator[Path]:
    """The sources of the APK and of its packager."""
    yield POM
    yield from (APP / "src").rglob("*")
    yield from (POM.parents[1] / "apk").glob("*.*")


def _run(commands: Sequence[Command]) -> Completed:
    """Run the commands up to the first that fails; how the last one ended."""
    ended = Completed([], 0, "")
    for command in commands:
        ended = subprocess.run(
            command, cwd=ROOT, env=ENVIRONMENT, stdout=PIPE, stderr=STDOUT, text=True, errors="replace", check=False
        )
        if ended.returncode != 0:
            break
    return ended


def _completed(commands: Callable[[], list[Command]]) -> Completed:
    """How the last command ended; skips the test where a tool for them is missing."""
    try:
        return _run(commands())
    except (MissingToolError, JavaError) as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def core_tests() -> Completed:
    """How the core's own tests ended."""
    return _completed(core_test_commands)


@pytest.fixture(scope="session")
def app_tests() -> Completed:
    """How the app's own tests ended."""
    return _completed(app_test_commands)


@pytest.fixture(scope="session")
def apk() -> Path:
    """The finished APK."""
    ended = _completed(apk_commands)
    assert ended.returncode == 0, ended.stdout[-4000:]
    return APK
