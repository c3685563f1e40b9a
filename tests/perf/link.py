"""How fast the link is beside the real adb, on loopback, in the same run.

The virtual phone runs in a process of its own, so that neither side has an advantage. Throughput is compared by the
medians of interleaved pushes; every figure is of this machine and this minute.
"""

import math
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from benchmarks.adb.address import Address
from benchmarks.adb.direct import over_tcp
from benchmarks.adb.errors import AdbTimeoutError
from benchmarks.adb.phone import AdbPhone
from benchmarks.adb.program import find_adb
from benchmarks.adb.server import AdbServer, ServerTransport
from benchmarks.adb.store import ModelStore
from tests.perf.ratio import Ratio

FOLDER = "/data/local/tmp"
MODEL_BYTES = 50_000_000
ROUNDS = 7
SHELL_CALLS = 300
SILENCE_S = 2.0
APP = "org.example.app"


def measure() -> list[Ratio]:
    """Every figure that the link promises; a row that says so where there is no adb to compare with."""
    program = find_adb()
    if program is None:
        return [Ratio("link: not measured, adb is not installed", math.nan, None)]
    with tempfile.TemporaryDirectory(prefix="handset-perf-") as folder, private_home(folder):
        return _measure(program.path, Path(folder))


@contextmanager
def private_home(folder: str) -> Iterator[None]:
    """Keys and servers of adb in `folder` while the block runs, instead of the user's own."""
    names = ("HOME", "ANDROID_USER_HOME")
    saved = {name: os.environ.pop(name, None) for name in names}
    os.environ["HOME"] = folder
    try:
        yield
    finally:
        os.environ.update({name: value for name, value in saved.items() if value is not None})


def _measure(program: str, folder: Path) -> list[Ratio]:
    model = folder / "model.tflite"
    model.write_bytes(os.urandom(MODEL_BYTES))
    with ExitStack() as stack:
        address = stack.enter_context(virtual_phone())
        server = stack.enter_context(adb_server(program, address))
        phones = {
            "direct": stack.enter_context(AdbPhone(over_tcp(address.host, address.port))),
            "server": stack.enter_context(AdbPhone(ServerTransport(server, str(address)))),
        }
        adb = [program, "-P", str(server.address.port), "-s", str(address)]
        return [
            *push_ratios(adb, phones, model),
            *(shell_ratio(name, phone) for name, phone in phones.items()),
            *(unchanged_ratio(name, phone, model) for name, phone in phones.items()),
            *(silence_ratio(name, phone) for name, phone in phones.items()),
        ]


def push_ratios(adb: list[str], phones: dict[str, AdbPhone], model: Path) -> list[Ratio]:
    """Throughput of one big file, as a share of adb's."""
    ways: dict[str, Callable[[], object]] = {"adb": lambda: run([*adb, "push", str(model), f"{FOLDER}/adb"])}
    for name, phone in phones.items():
        ways[name] = lambda phone=phone, name=name: phone.push(model, f"{FOLDER}/{name}")  # type: ignore[misc]
    taken_s = interleaved(ways)
    return [
        Ratio("50 MB push, direct: share of adb's throughput", taken_s["adb"] / taken_s["direct"], 0.3),
        Ratio("50 MB push, server: share of adb's throughput", taken_s["adb"] / taken_s["server"], 0.35),
    ]


def shell_ratio(name: str, phone: AdbPhone) -> Ratio:
    """Seconds of a shell round trip at the median."""
    taken_s = [timed(lambda: phone.shell(["true"])) for _ in range(SHELL_CALLS)]
    return Ratio(f"shell round trip, {name}: median s", statistics.median(taken_s), 0.002, at_most=True)


def unchanged_ratio(name: str, phone: AdbPhone, model: Path) -> Ratio:
    """Seconds in which a run finds that a model need not be pushed, both hashes included."""
    ModelStore(phone, "perf").put(model)
    taken_s = [timed(lambda: ModelStore(phone, "perf").put(model)) for _ in range(ROUNDS)]
    return Ratio(f"unchanged 50 MB model, {name}: median s", statistics.median(taken_s), 0.2, at_most=True)


def silence_ratio(name: str, phone: AdbPhone) -> Ratio:
    """CPU seconds of this process for each second that a phone is silent."""
    begun_s = time.process_time()
    with suppress(AdbTimeoutError):
        list(phone.stream(["am", "instrument", "-w", "-r", f"{APP}/.Runner"], idle_timeout_s=SILENCE_S))
    return Ratio(
        f"silent link, {name}: CPU s a second", (time.process_time() - begun_s) / SILENCE_S, 0.01, at_most=True
    )


def interleaved(ways: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Median seconds of each way, taken in turns after one turn that does not count."""
    taken_s: dict[str, list[float]] = {name: [] for name in ways}
    for round_number in range(ROUNDS + 1):
        for name, way in ways.items():
            seconds = timed(way)
            if round_number:
                taken_s[name].append(seconds)
    return {name: statistics.median(seconds) for name, seconds in taken_s.items()}


def timed(way: Callable[[], object]) -> float:
    """Seconds that `way` takes."""
    begun_s = time.perf_counter()
    way()
    return time.perf_counter() - begun_s


def run(command: list[str]) -> None:
    """Run a program that has to succeed."""
    subprocess.run(command, check=True, capture_output=True)


@contextmanager
def virtual_phone() -> Iterator[Address]:
    """A virtual phone in a process of its own."""
    command = [sys.executable, "-m", "benchmarks", "virtual", "--app", APP, "--fault", "silence"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None  # it is a pipe
            found = None
            while found is None and (line := process.stdout.readline()):
                found = re.search(r"adb connect (\S+)", line)
            if found is None:
                raise RuntimeError("the virtual phone did not start")
            yield Address.parse(found[1])
        finally:
            process.kill()


@contextmanager
def adb_server(program: str, phone: Address) -> Iterator[AdbServer]:
    """A real adb server on a port of its own, connected to `phone`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    run([program, "-P", str(port), "start-server"])
    try:
        server = AdbServer(Address("127.0.0.1", port))
        server.connect(phone)
        yield server
    finally:
        run([program, "-P", str(port), "kill-server"])
