"""A phone without an adb server: adb's own protocol over USB or TCP."""

import threading
from collections.abc import Callable, Sequence

from benchmarks.adb.carrier import Carrier, TcpCarrier
from benchmarks.adb.errors import AdbTimeoutError, ConnectionLostError
from benchmarks.adb.handshake import Greeting, greet
from benchmarks.adb.keys import Signer, load_keys
from benchmarks.adb.mux import Mux, MuxStream
from benchmarks.adb.packet import PacketStream
from benchmarks.adb.stream import QUIET_S

ANSWER_S = 5.0
"""How long a phone may take to answer a new connection."""
CONSENT_S = 15.0
"""How long its user may take to accept this computer's key."""


class DirectTransport:
    """One connection to one phone, made at the first use and again after it was lost."""

    def __init__(
        self,
        serial: str,
        route: str,
        connect: Callable[[], Carrier],
        *,
        keys: Sequence[Signer] | None = None,
        answer_s: float = ANSWER_S,
        consent_s: float = CONSENT_S,
    ) -> None:
        self.serial = serial
        self.route = route
        self._connect = connect
        self._keys = keys
        self._answer_s = answer_s
        self._consent_s = consent_s
        self._lock = threading.Lock()
        self._connected: tuple[Mux, Greeting] | None = None

    @property
    def features(self) -> frozenset[str]:
        return self._connection()[1].features

    def open(self, service: str, timeout_s: float = QUIET_S) -> MuxStream:
        mux, _ = self._connection()
        try:
            return mux.open(service, timeout_s)
        except TimeoutError as error:
            raise AdbTimeoutError(
                f"phone {self.serial} did not answer for {timeout_s:g} s; see that it is awake, then run it again"
            ) from error
        except ConnectionLostError as error:
            raise ConnectionLostError(f"phone {self.serial}: {error}") from error

    def revive(self) -> None:
        """Nothing to do: the next `open` connects again."""

    def close(self) -> None:
        with self._lock:
            if self._connected is not None:
                self._connected[0].close()
                self._connected = None

    def _connection(self) -> tuple[Mux, Greeting]:
        with self._lock:
            if self._connected is None or self._connected[0].is_lost:
                self._connected = self._new_connection()
            return self._connected

    def _new_connection(self) -> tuple[Mux, Greeting]:
        carrier = self._connect()
        packets = PacketStream(carrier)
        try:
            keys = load_keys() if self._keys is None else self._keys
            greeting = greet(packets, self.serial, keys, self._answer_s, self._consent_s)
        except ConnectionLostError as error:
            carrier.close()
            raise ConnectionLostError(f"phone {self.serial}: {error}") from error
        except BaseException:
            carrier.close()
            raise
        return Mux(packets, greeting.max_payload_bytes), greeting


def over_tcp(
    host: str, port: int, keys: Sequence[Signer] | None = None, answer_s: float = ANSWER_S, consent_s: float = CONSENT_S
) -> DirectTransport:
    """The phone that listens on `host:port`; nothing is connected yet."""
    connect = lambda: TcpCarrier.to(host, port, answer_s)  # noqa: E731  # a function of its own would say no more
    return DirectTransport(f"{host}:{port}", "tcp", connect, keys=keys, answer_s=answer_s, consent_s=consent_s)
