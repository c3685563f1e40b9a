"""Many streams over one connection, for both ends of adb: the kit's direct transport and its virtual phone.

One thread reads, one writes; services block in threads of their own. A stream has at most one unacknowledged packet
a direction, so the writer's queue stays short, and a reader never waits for a writer (two ends that did could wait
for each other for ever).
"""

import contextlib
import queue
import threading
from collections import deque
from collections.abc import Callable

from benchmarks.adb.errors import AdbError, ConnectionLostError, ServiceRefusedError
from benchmarks.adb.packet import Command, Packet, PacketStream

INBOX_BYTES = 4 << 20
"""How much is acknowledged before its reader has taken it; beyond that the sender has to wait. In bytes, not packets: a
service that sends many small answers must not wait for a host that is still sending."""


class MuxStream:
    """One stream of a `Mux`; a `ByteStream`. What is sent must not change afterwards: it may still be on its way."""

    def __init__(self, mux: "Mux", local: int, remote: int | None = None) -> None:
        self.local = local
        self.remote = remote
        self._mux = mux
        self._changed = threading.Condition()
        self._inbox: deque[bytes | bytearray | memoryview] = deque()
        self._held_bytes = 0
        self._unacknowledged = 0  # received packets that are still to be acknowledged
        self._may_send = remote is not None
        self._ended = False
        self._closed = False

    def receive(self, timeout_s: float | None) -> bytes:
        with self._changed:
            if not self._changed.wait_for(lambda: self._inbox or self._ended, timeout_s):
                raise TimeoutError
            if not self._inbox:
                self._mux.raise_if_lost()
                return b""
            data = bytes(self._inbox.popleft())
            self._held_bytes -= len(data)
            if self._unacknowledged and self._held_bytes <= INBOX_BYTES:
                self._unacknowledged -= 1
                self._acknowledge()
            return data

    def send(self, data: bytes | bytearray | memoryview, timeout_s: float | None) -> None:
        view = memoryview(data)
        for start in range(0, len(view), self._mux.max_payload_bytes):
            chunk = view[start : start + self._mux.max_payload_bytes]
            with self._changed:
                if not self._changed.wait_for(lambda: self._may_send or self._ended, timeout_s):
                    raise TimeoutError
                if self._ended:
                    self._mux.raise_if_lost()
                    raise ConnectionLostError("the phone closed the service while it was written to; run it again")
                self._may_send = False
            self._mux.post(Packet(Command.WRTE, self.local, self.remote or 0, chunk))

    def pending(self) -> bool:
        return bool(self._inbox) or self._ended

    def close(self) -> None:
        with self._changed:
            if self._closed:
                return
            is_open = self.remote is not None and not self._ended
            self._closed = self._ended = True
            self._changed.notify_all()
        self._mux.forget(self)
        if is_open:
            self._mux.post(Packet(Command.CLSE, self.local, self.remote or 0))

    def accept(self) -> None:
        """Tell the other end, which asked for this stream, that its service is there."""
        self._acknowledge()

    def refuse(self) -> None:
        """Tell the other end, which asked for this stream, that there is no such service."""
        with self._changed:
            self._closed = self._ended = True
        self._mux.forget(self)
        self._mux.post(Packet(Command.CLSE, 0, self.remote or 0))

    def wait_opened(self, timeout_s: float) -> bool:
        """Whether the other end accepted; TimeoutError when it did not answer."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._may_send or self._ended, timeout_s):
                raise TimeoutError
            return self.remote is not None

    def deliver(self, packet: Packet) -> None:
        """The reader thread received a packet for this stream."""
        with self._changed:
            if packet.command is Command.OKAY:
                self.remote = packet.arg0
                self._may_send = True
            elif packet.command is Command.WRTE:
                self._inbox.append(packet.payload)
                self._held_bytes += len(packet.payload)
                if self._held_bytes <= INBOX_BYTES:
                    self._acknowledge()
                else:
                    self._unacknowledged += 1
            else:
                self._ended = True
            self._changed.notify_all()

    def _acknowledge(self) -> None:
        if not self._closed:
            self._mux.post(Packet(Command.OKAY, self.local, self.remote or 0))


class Mux:
    """The streams of one connection, from the handshake to its end.

    `on_open` is called with (stream, service) for every service that the other end asks for; without it each is
    refused.
    """

    def __init__(
        self, packets: PacketStream, max_payload_bytes: int, on_open: Callable[[MuxStream, str], None] | None = None
    ) -> None:
        self.max_payload_bytes = max_payload_bytes
        self._packets = packets
        self._on_open = on_open
        self._streams: dict[int, MuxStream] = {}
        self._lock = threading.Lock()
        self._last_local = 0
        self._outbox: queue.SimpleQueue[Packet | None] = queue.SimpleQueue()
        self._lost: AdbError | None = None
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._read, self._write)]
        for thread in self._threads:
            thread.start()

    def open(self, service: str, timeout_s: float) -> MuxStream:
        """The service as a stream; ServiceRefusedError, ConnectionLostError, or TimeoutError."""
        stream = self._new_stream(None)
        self.post(Packet(Command.OPEN, stream.local, 0, service.encode() + b"\0"))
        if not stream.wait_opened(timeout_s):
            self.forget(stream)
            self.raise_if_lost()
            raise ServiceRefusedError(
                f"the phone does not offer {service.partition(':')[0]!r}; its Android may be too old"
            )
        return stream

    def post(self, packet: Packet) -> None:
        """Queue a packet to be written."""
        self._outbox.put(packet)

    def forget(self, stream: MuxStream) -> None:
        with self._lock:
            self._streams.pop(stream.local, None)

    @property
    def is_lost(self) -> bool:
        return self._lost is not None

    def raise_if_lost(self) -> None:
        """Raise why the connection ended, if it did."""
        if self._lost is not None:
            raise ConnectionLostError(str(self._lost)) from self._lost

    def close(self) -> None:
        """End the connection; streams that are still open are lost."""
        self._lose(ConnectionLostError("the connection to the phone is closed; connect again"))

    def join(self) -> None:
        """Wait for the connection's end."""
        self._threads[0].join()

    def _new_stream(self, remote: int | None) -> MuxStream:
        with self._lock:
            self._last_local += 1
            stream = self._streams[self._last_local] = MuxStream(self, self._last_local, remote)
        if self._lost is not None:
            stream.deliver(Packet(Command.CLSE, 0, stream.local))
        return stream

    def _read(self) -> None:
        try:
            while True:
                self._dispatch(self._packets.read())
        except AdbError as error:
            self._lose(error)

    def _write(self) -> None:
        with contextlib.suppress(AdbError):  # the reading thread ends the streams
            while (packet := self._outbox.get()) is not None:
                self._packets.write(packet)
        self._packets.carrier.close()

    def _dispatch(self, packet: Packet) -> None:
        if packet.command is Command.OPEN:
            self._opened(packet)
            return
        with self._lock:
            stream = self._streams.get(packet.arg1)
            if stream is not None and packet.command is Command.CLSE:
                del self._streams[packet.arg1]
        if stream is not None:
            stream.deliver(packet)
            if packet.command is Command.CLSE and packet.arg0:
                self.post(Packet(Command.CLSE, stream.local, packet.arg0))
        elif packet.command is Command.WRTE:
            self.post(Packet(Command.CLSE, packet.arg1, packet.arg0))

    def _opened(self, packet: Packet) -> None:
        if self._on_open is None:
            self.post(Packet(Command.CLSE, 0, packet.arg0))
            return
        service = bytes(packet.payload).rstrip(b"\0").decode(errors="surrogateescape")
        self._on_open(self._new_stream(packet.arg0), service)

    def _lose(self, error: AdbError) -> None:
        with self._lock:
            if self._lost is not None:
                return
            self._lost = error
            streams = list(self._streams.values())
            self._streams.clear()
        for stream in streams:
            stream.deliver(Packet(Command.CLSE, 0, stream.local))
        self._outbox.put(None)
        self._packets.carrier.close()
