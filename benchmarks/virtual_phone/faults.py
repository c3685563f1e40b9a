"""What a virtual phone can be told to get wrong. A fault may carry a number, whose meaning stands beside its name."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Fault(StrEnum):
    """A way to fail. The number after `=` is optional everywhere."""

    FULL_DISK = "full-disk"  # =bytes that still fit (0)
    UNPLUG = "unplug"  # once, =bytes after which the connection is cut (65536); it can be connected to again
    UNAUTHORISED = "unauthorised"  # every key is refused
    OFFLINE = "offline"  # connections are accepted and never answered
    CRASH = "crash"  # the app throws, =status blocks before that (0)
    NATIVE_CRASH = "native-crash"  # the app dies of SIGSEGV, likewise
    KILLED_FOR_MEMORY = "killed-for-memory"  # the system kills the app, likewise
    SILENCE = "silence"  # the app hangs, likewise
    REBOOT = "reboot"  # once, the phone restarts during a run, likewise
    WRONG_ABI = "wrong-abi"  # the phone's processor is one no APK is built for
    REFUSED_INSTALL = "refused-install"  # a vendor's dialog that nobody accepts
    CORRUPT_RESULT = "corrupt-result"  # the result file has one byte flipped after the app hashed it


ONCE = frozenset({Fault.UNPLUG, Fault.REBOOT})
DEFAULT_NUMBER = {Fault.UNPLUG: 65536}


class UnknownFaultError(Exception):
    """A fault that no virtual phone knows."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A fault and its number."""

    fault: Fault
    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """`NAME` or `NAME=N`; UnknownFaultError for anything else."""
        name, equals, number = text.partition("=")
        if name not in set(Fault) or (equals and not number.isdecimal()):
            raise UnknownFaultError(f"{text!r} is not a fault; give NAME or NAME=N with a name of: {', '.join(Fault)}")
        fault = Fault(name)
        return cls(fault, int(number) if equals else DEFAULT_NUMBER.get(fault, 0))


class Faults:
    """The troubles one phone still has ahead of it. Safe to ask from any thread."""

    def __init__(self, troubles: Iterable[Trouble] = ()) -> None:
        self._numbers = {trouble.fault: trouble.number for trouble in troubles}
        self._lock = threading.Lock()

    def number(self, fault: Fault) -> int | None:
        """The fault's number, or None when the phone does not have this fault."""
        return self._numbers.get(fault)

    def strike(self, trouble: Trouble) -> None:
        """From now on, the phone has this trouble too."""
        with self._lock:
            self._numbers[trouble.fault] = trouble.number

    def lift(self, fault: Fault) -> None:
        """From now on, it has it no more."""
        with self._lock:
            self._numbers.pop(fault, None)

    def happens(self, fault: Fault, at: int) -> bool:
        """Whether the fault strikes at count `at`; one that strikes once is then over."""
        with self._lock:
            number = self._numbers.get(fault)
            if number is None or at < number:
                return False
            if fault in ONCE:
                del self._numbers[fault]
            return True
