"""What Maven and the compilers do for these tests. They begin with the session, one after the other, beside all others.

Most of their time they wait, for the network on a new machine and for each other; so the tests here come last.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from subprocess import PIPE, STDOUT

import pytest

from android_app.desktop.apk.errors import MissingToolError
from android_app.desktop.apk.project import APK, APP, ASSETS, POM, ROOT
from android_app.desktop.apk.tools import aapt2, java, require
from benchmarks.runners.kotlin import PROJECT, missing

HERE = Path(__file__).parent
PHOTOGRAPHS = ROOT / "build" / "models" / "efficientnet_lite0" / "reference" / "inputs.zip"
KOTLIN_RUNNER = "from benchmarks.runners.kotlin import build; build()"
ENVIRONMENT = {**os.environ, "LC_ALL": "C.UTF-8"}
"""As it is now: tests change it for themselves, and for everything that runs beside them."""
Ended = subprocess.CompletedProcess[str]
Command = Sequence[str | Path]


def core_tests_wanted() -> list[Command]:
    """The core's own tests; the runner of other tests first, from the same sources."""
    if (lack := missing()) is not None:
        raise MissingToolError(lack)
    return [(sys.executable, "-c", KOTLIN_RUNNER), ("mvn", "-B", "-q", "-f", PROJECT / "pom.xml", "test")]


def apk_wanted() -> list[Command]:
    """The APK, where it is older than what it is made of."""
    _require_tools()
    if APK.is_file() and APK.stat().st_mtime >= max(path.stat().st_mtime for path in _sources()):
        return []
    return [(sys.executable, "-m", "android_app.desktop.apk")]


def app_tests_wanted() -> list[Command]:
    """The app's own tests, on Robolectric's Android."""
    _require_tools()
    if not PHOTOGRAPHS.is_file():
        raise MissingToolError("efficientnet_lite0 is not exported; run `make export`")
    return [(sys.executable, "-m", "android_app.desktop.apk", "prepare"), ("mvn", "-B", "-q", "-f", POM, "test")]


WORK: dict[str, Callable[[], list[Command]]] = {
    "core_tests": core_tests_wanted,
    "apk": apk_wanted,
    "app_tests": app_tests_wanted,
}
"""By the fixture that wants it, in the order in which it is done."""


def _require_tools() -> None:
    java(), require("mvn", "install Maven 3.8 or newer (Debian: maven)"), aapt2()
    if not (ASSETS / "models" / "catalog.json").is_file():
        raise MissingToolError("nothing is exported; run `make export`")


def _sources() -> Iterator[Path]:
    """Everything that the APK is made of, or made by."""
    yield POM
    yield from (APP / "src").rglob("*")
    yield from (POM.parents[1] / "apk").glob("*.*")


def _run(commands: Sequence[Command]) -> Ended:
    """One after the other, up to the first that fails; how the last one ended."""
    ended = Ended([], 0, "")
    for command in commands:
        ended = subprocess.run(
            command, cwd=ROOT, env=ENVIRONMENT, stdout=PIPE, stderr=STDOUT, text=True, errors="replace", check=False
        )
        if ended.returncode != 0:
            break
    return ended


class Ahead:
    """The work of this session."""

    def __init__(self) -> None:
        self._one_at_a_time = ThreadPoolExecutor(1)
        self._begun: dict[str, Future[Ended]] = {}
        self._lacks: dict[str, str] = {}

    def begin(self, name: str) -> None:
        try:
            self._begun[name] = self._one_at_a_time.submit(_run, WORK[name]())
        except MissingToolError as error:
            self._lacks[name] = str(error)

    def wait(self, name: str) -> Ended:
        """How it ended; a skip where a tool for it is missing."""
        if name in self._lacks:
            pytest.skip(self._lacks[name])
        return self._begun[name].result()

    def end(self) -> None:
        self._one_at_a_time.shutdown(cancel_futures=True)


AHEAD = Ahead()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.is_relative_to(HERE))


def pytest_collection_finish(session: pytest.Session) -> None:
    here = [item for item in session.items if item.path.is_relative_to(HERE)]
    wanted: set[str] = set().union(*(getattr(item, "fixturenames", ()) for item in here))
    if not session.config.option.collectonly:
        for name in WORK:
            if name in wanted:
                AHEAD.begin(name)


def pytest_sessionfinish() -> None:
    AHEAD.end()


@pytest.fixture(scope="session")
def core_tests() -> Ended:
    """The core's own tests, ended."""
    return AHEAD.wait("core_tests")


@pytest.fixture(scope="session")
def app_tests() -> Ended:
    """The app's own tests, ended."""
    return AHEAD.wait("app_tests")


@pytest.fixture(scope="session")
def apk() -> Path:
    """The finished APK, for every test that takes it as it is."""
    ended = AHEAD.wait("apk")
    assert ended.returncode == 0, ended.stdout[-4000:]
    return APK
