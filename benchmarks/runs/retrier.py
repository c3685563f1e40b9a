"""Retry what a lost connection interrupted, once the phone is back."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from benchmarks.adb import errors as e
from benchmarks.adb.phone import AdbPhone
from benchmarks.formats.errors import StoppedError

T = TypeVar("T")

LOST = (
    e.AdbServerError,
    e.ConnectionLostError,
    e.AdbTimeoutError,
    e.NoPhoneError,
    e.OfflineError,
    e.ProtocolError,
    e.ServiceRefusedError,
)
"""Raised when a cable was pulled, a phone restarts, or an adb server ended."""
ATTEMPTS = 5
GLANCE_S = 5.0


class Retrier:
    """One phone that may go away and come back within `return_s`, until `stop` is set."""

    def __init__(self, phone: AdbPhone, return_s: float, stop: threading.Event, say: Callable[[str], None]) -> None:
        self._phone = phone
        self._return_s = return_s
        self._stop = stop
        self._say = say

    def retry(self, action: Callable[[], T]) -> T:
        """What `action` returns, which may be begun several times; the error that stayed when it never ended."""
        for _ in range(ATTEMPTS - 1):
            self.check_stopped()
            try:
                return action()
            except LOST as error:
                self.check_stopped()
                self._say(f"{error} (waiting for it)")
                self._return(error)
        self.check_stopped()
        return action()

    def check_stopped(self) -> None:
        """StoppedError when the run is to end."""
        if self._stop.is_set():
            raise StoppedError("interrupted; run the same command again to finish")

    def pause(self, seconds: float) -> None:
        """Wait; StoppedError as soon as the run is to end."""
        self._stop.wait(seconds)
        self.check_stopped()

    def _return(self, lost: e.AdbError) -> None:
        gives_up_at = time.monotonic() + self._return_s
        while True:
            left_s = gives_up_at - time.monotonic()
            try:
                self._phone.reconnect(max(0.0, min(GLANCE_S, left_s)))
            except LOST as error:
                self.check_stopped()
                if left_s <= GLANCE_S:
                    raise type(error)(f"{error} (it did not come back within {self._return_s:g} s)") from lost
            else:
                return
