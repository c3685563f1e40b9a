"""What a virtual phone offers over adb: shell, exec, abb, sync. Each open service runs in its own thread."""

import shlex
import threading
from collections.abc import Callable, Iterator

from benchmarks.adb.errors import AdbError
from benchmarks.adb.mux import MuxStream
from benchmarks.adb.shell import HEADER, Channel, encode
from benchmarks.adb.stream import Conversation
from benchmarks.virtual_phone import commandline
from benchmarks.virtual_phone.console import Console
from benchmarks.virtual_phone.state import PhoneState
from benchmarks.virtual_phone.sync import SyncServer

Service = Callable[[PhoneState, MuxStream, str], None]
WRITE_BYTES = 1 << 18


def serve(phone: PhoneState, stream: MuxStream, name: str) -> None:
    """Start the service that `name` asks for, or refuse it."""
    kind, _, rest = name.partition(":")
    service = _service(kind.split(",")[0], "v2" in kind.split(",")[1:])
    if service is None:
        stream.refuse()
        return
    stream.accept()
    threading.Thread(target=_run, args=(service, phone, stream, rest), daemon=True).start()


def _service(kind: str, v2: bool) -> Service | None:
    if kind == "shell":
        return _shell_v2 if v2 else _shell_v1
    return {"exec": _shell_v1, "abb_exec": _abb, "abb": _abb_v2, "sync": _sync}.get(kind)


def _run(service: Service, phone: PhoneState, stream: MuxStream, rest: str) -> None:
    try:
        service(phone, stream, rest)
    except AdbError:
        pass  # the host disconnected
    finally:
        stream.close()


def _shell_v1(phone: PhoneState, stream: MuxStream, line: str) -> None:
    def write(data: bytes) -> None:
        stream.send(data, None)

    commandline.run(Console(phone, lambda: stream.receive(None), write, write), _not_interactive(line))


def _shell_v2(phone: PhoneState, stream: MuxStream, line: str) -> None:
    def writer(channel: Channel) -> Callable[[bytes], None]:
        def write(data: bytes) -> None:
            for start in range(0, len(data), WRITE_BYTES):
                stream.send(encode(channel, data[start : start + WRITE_BYTES]), None)

        return write

    read = _stdin(Conversation(stream, "stdin", idle_timeout_s=None))
    console = Console(phone, lambda: next(read, b""), writer(Channel.STDOUT), writer(Channel.STDERR))
    code = commandline.run(console, _not_interactive(line))
    stream.send(encode(Channel.EXIT, bytes([code & 0xFF])), None)


def _stdin(conversation: Conversation) -> Iterator[bytes]:
    while True:
        number, size_bytes = HEADER.unpack(conversation.exactly(HEADER.size))
        data = conversation.exactly(size_bytes)
        if number == Channel.CLOSE_STDIN:
            return
        if number == Channel.STDIN and data:
            yield data


def _abb(phone: PhoneState, stream: MuxStream, command: str) -> None:
    _shell_v1(phone, stream, shlex.join(["cmd", *command.split("\0")]))


def _abb_v2(phone: PhoneState, stream: MuxStream, command: str) -> None:
    _shell_v2(phone, stream, shlex.join(["cmd", *command.split("\0")]))


def _sync(phone: PhoneState, stream: MuxStream, _rest: str) -> None:
    SyncServer(phone.sandbox, Conversation(stream, "sync", idle_timeout_s=None)).serve()


def _not_interactive(line: str) -> str:
    return line or "echo 'a virtual phone has no interactive shell; give a command'; false"
