"""Streams over one connection neither mix, nor wait for each other, nor outlive it."""

import hashlib
import secrets
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks.adb.direct import over_tcp
from benchmarks.adb.errors import ConnectionLostError
from benchmarks.adb.phone import AdbPhone
from benchmarks.virtual_phone.runner import JobOutcome, JobRequest, Status
from benchmarks.virtual_phone.state import App
from tests.benchmarks.conftest import Start

FOLDER = "/data/local/tmp"


def test_many_streams_push_and_pull_at_once(start: Start) -> None:
    blobs = [secrets.token_bytes(6_000_000 + index) for index in range(4)]
    with AdbPhone(over_tcp("127.0.0.1", start().port)) as phone:

        def there_and_back(index: int) -> bool:
            for _ in range(3):
                phone.push(blobs[index], f"{FOLDER}/{index}")
                if phone.read(f"{FOLDER}/{index}") != blobs[index]:
                    return False
            expected = hashlib.sha256(blobs[index]).hexdigest()
            return phone.check(["sha256sum", f"{FOLDER}/{index}"]).startswith(expected)

        with ThreadPoolExecutor(4) as pool:
            assert all(pool.map(there_and_back, range(4)))


def test_a_reader_that_stops_holds_nobody_else_up(start: Start) -> None:
    with AdbPhone(over_tcp("127.0.0.1", start().port)) as phone:
        phone.push(bytes(30_000_000), f"{FOLDER}/big")
        lines = phone.stream(["cat", f"{FOLDER}/big"])
        stalled = iter(lines)
        phone.push(b"\n".join([b"x" * 100] * 200_000), f"{FOLDER}/lines")
        unread = phone.stream(["cat", f"{FOLDER}/lines"])
        assert next(unread) == "x" * 100
        assert phone.check(["echo", "still here"]) == "still here\n"
        assert sum(1 for _ in unread) == 199_999
        assert sum(len(line) for line in stalled) == 30_000_000


def reporting_runner(_request: JobRequest) -> Generator[Status, None, JobOutcome]:
    while True:
        yield {"alive": "yes"}


def test_every_open_stream_hears_of_the_end(start: Start) -> None:
    virtual = start("silence=1", runner=reporting_runner)
    for package in ("org.example.b", "org.example.c"):
        virtual.state.add(App(package))
    with AdbPhone(over_tcp("127.0.0.1", virtual.port)) as phone:
        streams = [
            phone.stream(["am", "instrument", "-w", "-r", f"{package}/.Runner"], idle_timeout_s=60)
            for package in virtual.state.installed
        ]
        assert [next(stream) for stream in streams] == ["INSTRUMENTATION_STATUS: alive=yes"] * 3
        with ThreadPoolExecutor(3) as pool:
            waiting = [pool.submit(list, stream) for stream in streams]
            virtual.state.reboot()
            for future in waiting:
                with pytest.raises(ConnectionLostError):
                    future.result()


def test_a_closed_phone_connects_again_when_it_is_used(start: Start) -> None:
    phone = AdbPhone(over_tcp("127.0.0.1", start().port))
    assert phone.check(["echo", "one"]) == "one\n"
    phone.close()
    assert phone.check(["echo", "two"]) == "two\n"
    phone.close()
