"""A cable that can be pulled out at any byte."""

import threading

from benchmarks.adb.carrier import Carrier
from benchmarks.adb.errors import ConnectionLostError
from benchmarks.virtual_phone.faults import Fault, Faults


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
