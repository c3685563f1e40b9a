"""What a virtual phone can be told to do wrong. A fault may have a number, whose meaning stands beside its name."""

import argparse
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from benchmarks.adb.carrier import Carrier
from benchmarks.adb.errors import ConnectionLostError


class Fault(StrEnum):
    """How a phone fails. The number after `=` is optional."""

    FULL_DISK = "full-disk"  # =bytes that still fit (0)
    UNPLUG = "unplug"  # once, =bytes after which the connection is cut (65536); it can be connected to again
    UNAUTHORISED = "unauthorised"  # every key is refused
    OFFLINE = "offline"  # connections are accepted and never answered
    CRASH = "crash"  # the app throws, =status blocks before that (0)
    NATIVE_CRASH = "native-crash"  # the app ends with SIGSEGV, =status blocks before that (0)
    KILLED_FOR_MEMORY = "killed-for-memory"  # the system kills the app, =status blocks before that (0)
    SILENCE = "silence"  # the app hangs, =status blocks before that (0)
    REBOOT = "reboot"  # once, the phone restarts during a run, =status blocks before that (0)
    WRONG_ABI = "wrong-abi"  # the phone's processor is one no APK is built for
    REFUSED_INSTALL = "refused-install"  # a vendor's dialog that nobody accepts
    CORRUPT_RESULT = "corrupt-result"  # the result file has one byte flipped after the app hashed it


ONCE = frozenset({Fault.UNPLUG, Fault.REBOOT})
DEFAULT_NUMBER = {Fault.UNPLUG: 65536}


class UnknownFaultError(argparse.ArgumentTypeError):
    """A fault that no virtual phone knows."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A fault and its number."""

    fault: Fault
    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """`NAME` or `NAME=N`; UnknownFaultError for anything else. An argparse type."""
        name, equals, number = text.partition("=")
        if name not in set(Fault) or (equals and not number.isdecimal()):
            raise UnknownFaultError(f"{text!r} is not a fault; give NAME or NAME=N with a name of: {', '.join(Fault)}")
        fault = Fault(name)
        return cls(fault, int(number) if equals else DEFAULT_NUMBER.get(fault, 0))


class Faults:
    """The faults that one phone still has. May be used from any thread."""

    def __init__(self, troubles: Iterable[Trouble] = ()) -> None:
        self._numbers = {trouble.fault: trouble.number for trouble in troubles}
        self._lock = threading.Lock()

    def number(self, fault: Fault) -> int | None:
        """The fault's number, or None when the phone does not have this fault."""
        return self._numbers.get(fault)

    def strike(self, trouble: Trouble) -> None:
        """From now on the phone has this fault too."""
        with self._lock:
            self._numbers[trouble.fault] = trouble.number

    def lift(self, fault: Fault) -> None:
        """From now on it has the fault no more."""
        with self._lock:
            self._numbers.pop(fault, None)

    def happens(self, fault: Fault, at: int) -> bool:
        """Whether the fault happens at count `at`; one that happens once is over then."""
        with self._lock:
            number = self._numbers.get(fault)
            if number is None or at < number:
                return False
            if fault in ONCE:
                del self._numbers[fault]
            return True


class FaultyCarrier:
    """A carrier that ends after the bytes Fault.UNPLUG names, counted over both directions of this connection."""

    def __init__(self, carrier: Carrier, faults: Faults) -> None:
        self._carrier = carrier
        self._faults = faults
        self._moved_bytes = 0
        self._lock = threading.Lock()

    def wait_at_most(self, timeout_s: float | None) -> None:
        self._carrier.wait_at_most(timeout_s)

    def read_exactly(self, size_bytes: int) -> bytearray:
        allowed_bytes = self._allowed(size_bytes)
        data = self._carrier.read_exactly(allowed_bytes)
        if allowed_bytes < size_bytes:
            self._pull_out()
        return data

    def write_all(self, header: bytes, payload: bytes | bytearray | memoryview) -> None:
        size_bytes = len(header) + len(payload)
        allowed_bytes = self._allowed(size_bytes)
        if allowed_bytes < size_bytes:
            self._carrier.write_all(b"".join((header, payload))[:allowed_bytes], b"")
            self._pull_out()
        self._carrier.write_all(header, payload)

    def close(self) -> None:
        self._carrier.close()

    def _allowed(self, size_bytes: int) -> int:
        with self._lock:
            before = self._moved_bytes
            self._moved_bytes += size_bytes
            limit = self._faults.number(Fault.UNPLUG)
            if limit is None or not self._faults.happens(Fault.UNPLUG, self._moved_bytes - 1):
                return size_bytes
            return max(0, limit - before)

    def _pull_out(self) -> None:
        self._carrier.close()
        raise ConnectionLostError("the virtual phone was unplugged, as it was told")
