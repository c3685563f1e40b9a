"""An open service on a phone as a stream of bytes, and a conversation over it with timeouts."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, Self

from benchmarks.adb.errors import AdbTimeoutError, ConnectionLostError

QUIET_S = 10.0
"""How long a phone may say nothing before a call gives up, by default."""


class ByteStream(Protocol):
    """A service that a transport opened.

    Errors: ConnectionLostError, and TimeoutError after `timeout_s` without progress.
    """

    def receive(self, timeout_s: float | None) -> bytes:
        """Some bytes, as they came; empty only at the end of the stream."""

    def send(self, data: bytes | bytearray | memoryview, timeout_s: float | None) -> None:
        """Send all of `data`."""

    def pending(self) -> bool:
        """Whether `receive` would return at once."""

    def close(self) -> None:
        """End the service. May be called twice."""


class Transport(Protocol):
    """The connection to one phone. `serial` is what its user calls it, `route` is `usb`, `tcp` or `server`."""

    @property
    def serial(self) -> str: ...

    @property
    def route(self) -> str: ...

    @property
    def features(self) -> frozenset[str]:
        """What the phone's adb daemon can do, such as `shell_v2`."""

    def open(self, service: str, timeout_s: float = QUIET_S) -> ByteStream:
        """The service as a stream; ServiceRefusedError when the phone has none of this name."""

    def revive(self) -> None:
        """Do what helps to reach a lost phone again; it may take a moment, and more than one attempt."""

    def close(self) -> None:
        """Disconnect from the phone."""


class Conversation:
    """One open service, its read buffer, and how long to wait. A context manager: leaving closes the service.

    `idle_timeout_s` is how long the phone may say nothing, `total_timeout_s` how long the whole may take; None waits
    for ever. Both raise AdbTimeoutError.
    """

    def __init__(
        self,
        stream: ByteStream,
        doing: str,
        idle_timeout_s: float | None = QUIET_S,
        total_timeout_s: float | None = None,
    ) -> None:
        self._stream = stream
        self._doing = doing
        self._idle_timeout_s = idle_timeout_s
        self._total_timeout_s = total_timeout_s
        self._ends_at = None if total_timeout_s is None else time.monotonic() + total_timeout_s
        self._buffer = bytearray()

    def some(self) -> bytes:
        """Whatever has arrived, at least a byte; empty at the end."""
        if self._buffer:
            data = bytes(self._buffer)
            self._buffer.clear()
            return data
        return self._receive()

    def exactly(self, size_bytes: int) -> bytes:
        """The next `size_bytes`; ConnectionLostError when the stream ends before."""
        while len(self._buffer) < size_bytes:
            data = self._receive()
            if not data:
                raise ConnectionLostError(
                    f"{self._doing}: the phone hung up in the middle; check the cable, then run it again"
                )
            self._buffer += data
        data = bytes(memoryview(self._buffer)[:size_bytes])
        del self._buffer[:size_bytes]
        return data

    def send(self, data: bytes | bytearray | memoryview) -> None:
        """Hand over all of `data`, or raise."""
        with self._named_errors():
            self._stream.send(data, self._wait_s())

    def pending(self) -> bool:
        """Whether something can be read without waiting."""
        return bool(self._buffer) or self._stream.pending()

    def close(self) -> None:
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _receive(self) -> bytes:
        with self._named_errors():
            return self._stream.receive(self._wait_s())

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        """Errors say what was being done."""
        try:
            yield
        except TimeoutError as error:
            raise self._too_long() from error
        except ConnectionLostError as error:
            raise ConnectionLostError(f"{self._doing}: {error}") from error

    def _wait_s(self) -> float | None:
        if self._ends_at is None:
            return self._idle_timeout_s
        left_s = self._ends_at - time.monotonic()
        if left_s <= 0:
            raise self._too_long()
        return left_s if self._idle_timeout_s is None else min(left_s, self._idle_timeout_s)

    def _too_long(self) -> AdbTimeoutError:
        if self._ends_at is not None and time.monotonic() >= self._ends_at:
            what = f"not done after {self._total_timeout_s:g} s"
        else:
            what = f"the phone said nothing for {self._idle_timeout_s:g} s"
        return AdbTimeoutError(f"{self._doing}: {what}; see that it is awake and attached, then run it again")
