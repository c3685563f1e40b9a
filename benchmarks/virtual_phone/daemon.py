"""The adb daemon of a virtual phone: listens on 127.0.0.1 and nowhere else, greets, and serves until it is closed."""

import socket
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NoReturn, Self

from benchmarks.adb.carrier import Carrier, TcpCarrier
from benchmarks.adb.errors import AdbError, ProtocolError
from benchmarks.adb.mux import Mux
from benchmarks.adb.packet import MAX_PAYLOAD_BYTES, UNCHECKED_VERSION, Auth, Command, Packet, PacketStream
from benchmarks.virtual_phone import services
from benchmarks.virtual_phone.authority import Authority
from benchmarks.virtual_phone.faults import Fault, FaultyCarrier, Trouble
from benchmarks.virtual_phone.persona import PLAIN, Persona
from benchmarks.virtual_phone.runner import JobRunner, no_runner
from benchmarks.virtual_phone.state import App, PhoneState

LOOPBACK = "127.0.0.1"


class VirtualPhone:
    """A listening phone around a `PhoneState`. A context manager: leaving it closes every connection.

    `known_keys` are lines of `adbkey.pub` that it trusts from the start; others are accepted at their second greeting.
    """

    def __init__(self, state: PhoneState, port: int = 0, known_keys: Iterable[str] = ()) -> None:
        self.state = state
        self._authority = Authority(
            state.root.with_name(f"{state.root.name}.keys"),
            refuses=state.faults.number(Fault.UNAUTHORISED) is not None,
            known=known_keys,
        )
        self._carriers: set[Carrier] = set()
        self._lock = threading.Lock()
        self._open = True
        self._listener = socket.create_server((LOOPBACK, port))
        state.on_reboot.append(self.cut)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def address(self) -> str:
        """What `adb connect` and `--tcp` take."""
        return f"{LOOPBACK}:{self.port}"

    def cut(self) -> None:
        """End every connection at once; the phone goes on listening."""
        with self._lock:
            carriers = list(self._carriers)
        for carrier in carriers:
            carrier.close()

    def close(self) -> None:
        """Stop listening and end every connection."""
        self._open = False
        # A last connection ends the wait in `accept`: macOS shuts no listener down, and closing one may wait for ever.
        with suppress(OSError):
            socket.create_connection((LOOPBACK, self.port)).close()
        self._thread.join()
        self._listener.close()
        self.cut()
        for process in list(self.state.processes.values()):
            process.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except ConnectionAbortedError:  # a host that hung up at once, on macOS
                continue
            if not self._open:
                connection.close()
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        carrier = FaultyCarrier(TcpCarrier(connection), self.state.faults)
        with self._lock:
            self._carriers.add(carrier)
        if not self._open:
            carrier.close()
        try:
            packets = PacketStream(carrier)
            max_payload_bytes = self._greet(packets)
            mux = Mux(packets, max_payload_bytes, lambda stream, name: services.serve(self.state, stream, name))
            mux.join()
        except AdbError:
            pass  # the host disconnected, or is not adb
        finally:
            carrier.close()
            with self._lock:
                self._carriers.discard(carrier)

    def _greet(self, packets: PacketStream) -> int:
        hello = packets.read()
        if hello.command is not Command.CNXN:
            raise ProtocolError(f"a host greets with {hello.command.name}")
        if self.state.faults.number(Fault.OFFLINE) is not None:
            _never_answer(packets)
        while not self._authenticates(packets):
            pass
        properties = "".join(
            f"{name}={self.state.properties[name]};"
            for name in ("ro.product.name", "ro.product.model", "ro.product.device")
        )
        banner = f"device::{properties}features={','.join(self.state.features)}"
        packets.write(Packet(Command.CNXN, UNCHECKED_VERSION, MAX_PAYLOAD_BYTES, banner.encode()))
        packets.checked = hello.arg0 < UNCHECKED_VERSION
        return min(hello.arg1, MAX_PAYLOAD_BYTES)

    def _authenticates(self, packets: PacketStream) -> bool:
        token = self._authority.token()
        packets.write(Packet(Command.AUTH, Auth.TOKEN, 0, token))
        answer = packets.read()
        if answer.command is not Command.AUTH:
            raise ProtocolError(f"a host answers a challenge with {answer.command.name}")
        if answer.arg0 == Auth.SIGNATURE:
            return self._authority.knows(token, bytes(answer.payload))
        if answer.arg0 != Auth.PUBLIC_KEY:
            raise ProtocolError(f"a host answers a challenge with AUTH {answer.arg0}")
        if self._authority.accept(bytes(answer.payload).rstrip(b"\0").decode(errors="replace")):
            return True
        return _never_answer(packets)


def _never_answer(packets: PacketStream) -> NoReturn:
    """Say nothing, whatever comes, until the host gives up: a AdbError ends it."""
    while True:
        packets.read()


@contextmanager
def virtual_phones(
    count: int = 1,
    *,
    troubles: Iterable[Trouble] = (),
    runner: JobRunner = no_runner,
    apps: Iterable[App] = (),
    folder: Path | None = None,
    known_keys: Iterable[str] = (),
    persona: Persona = PLAIN,
) -> Iterator[tuple[VirtualPhone, ...]]:
    """`count` phones that listen until the block ends. Their files are deleted then, unless `folder` is given."""
    with ExitStack() as stack:
        home = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="handset-virtual-")))
        home.mkdir(parents=True, exist_ok=True)
        apps, troubles, known_keys = tuple(apps), tuple(troubles), tuple(known_keys)
        serials = (f"virtual-{number}" for number in range(1, count + 1))
        states = (PhoneState(serial, home / serial, troubles, runner, apps, persona=persona) for serial in serials)
        yield tuple(stack.enter_context(VirtualPhone(state, known_keys=known_keys)) for state in states)
