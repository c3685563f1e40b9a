"""An open service on a phone as a stream of bytes, and a conversation over it that is patient, but not for ever."""

import time
from types import TracebackType
from typing import Protocol, Self

from benchmarks.adb.errors import AdbTimeoutError, ConnectionLostError

QUIET_S = 10.0
"""How long a phone may say nothing before a call gives up, where the caller did not choose."""


class ByteStream(Protocol):
    """A service that a transport opened.

    Errors: ConnectionLostError, and TimeoutError after `timeout_s` without progress.
    """

    def receive(self, timeout_s: float | None) -> bytes:
        """Some bytes, as they came; empty only at the end of the stream."""

    def send(self, data: bytes | bytearray | memoryview, timeout_s: float | None) -> None:
        """Hand over all of `data`."""

    def pending(self) -> bool:
        """Whether `receive` would return at once."""

    def close(self) -> None:
        """Give the service up. May be called twice."""


class Transport(Protocol):
    """A way to one phone. `serial` is what its user calls it, `route` is `usb`, `tcp` or `server`."""

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
        """Do what helps a phone that was lost to come back; it may take a moment, and more than one attempt."""

    def close(self) -> None:
        """Let the phone go."""


class Conversation:
    """One open service, its read buffer, and how long to wait. A context manager: leaving closes the service.

    `idle_timeout_s` is silence, `total_timeout_s` the whole; None waits for ever. Both raise AdbTimeoutError.
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
        """Whatever came, at least a byte; empty at the end."""
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
        wait_s = self._wait_s()
        try:
            self._stream.send(data, wait_s)
        except TimeoutError as error:
            raise self._too_long() from error
        except ConnectionLostError as error:
            raise ConnectionLostError(f"{self._doing}: {error}") from error

    def pending(self) -> bool:
        """Whether something can be read without waiting."""
        return bool(self._buffer) or self._stream.pending()

    def close(self) -> None:
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def _receive(self) -> bytes:
        wait_s = self._wait_s()
        try:
            return self._stream.receive(wait_s)
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
