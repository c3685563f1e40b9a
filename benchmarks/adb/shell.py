"""Run a command on a phone: exit code, standard output and standard error apart, and never an exit code made up.

Phones before Android 7 have no shell protocol. There the command's end is marked in its output, whose random mark a
lost connection cannot forge, and standard error is mixed in.
"""

import contextlib
import secrets
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.adb.errors import ConnectionLostError, ProtocolError
from benchmarks.adb.shell_protocol import HEADER, MAX_DATA_BYTES, Channel, encode
from benchmarks.adb.stream import QUIET_S, Conversation, Transport


@dataclass(frozen=True, slots=True)
class ShellResult:
    """What a command said: UTF-8 in which strange bytes are replaced. `Phone.read` is for bytes."""

    exit_code: int
    stdout: str
    stderr: str


def quote(args: Sequence[str]) -> str:
    """The arguments as one line that the phone's shell takes apart again unchanged."""
    return shlex.join(args)


def run(
    transport: Transport,
    args: Sequence[str],
    stdin: bytes | None = None,
    idle_timeout_s: float | None = QUIET_S,
    total_timeout_s: float | None = None,
) -> ShellResult:
    """The command's result, all of it in memory. A command that reads needs `stdin`, if only an empty one."""
    exit_code, stdout, stderr = run_bytes(transport, args, stdin, idle_timeout_s, total_timeout_s)
    return ShellResult(exit_code, stdout.decode(errors="replace"), stderr.decode(errors="replace"))


def run_bytes(
    transport: Transport,
    args: Sequence[str],
    stdin: bytes | None = None,
    idle_timeout_s: float | None = QUIET_S,
    total_timeout_s: float | None = None,
) -> tuple[int, bytes, bytes]:
    """Exit code, standard output and standard error as they came."""
    said: dict[Channel, list[bytes]] = {Channel.STDOUT: [], Channel.STDERR: []}
    exit_code = 0
    for channel, data in events(transport, args, stdin, idle_timeout_s, total_timeout_s):
        if channel is Channel.EXIT:
            exit_code = data[0]
        else:
            said[channel].append(data)
    return exit_code, b"".join(said[Channel.STDOUT]), b"".join(said[Channel.STDERR])


def events(
    transport: Transport,
    args: Sequence[str],
    stdin: bytes | None = None,
    idle_timeout_s: float | None = QUIET_S,
    total_timeout_s: float | None = None,
) -> Iterator[tuple[Channel, bytes]]:
    """Everything a command says as it comes, (STDOUT or STDERR, bytes), and last (EXIT, one byte).

    ConnectionLostError when (EXIT, code) does not come: a phone that vanished has not finished. Closing the iterator
    closes the command's input and output; the command itself may go on running on the phone.
    """
    line = quote(args)
    doing = f"phone {transport.serial}: {args[0]}"
    v2 = "shell_v2" in transport.features
    mark = secrets.token_hex(8)
    service = f"shell,v2,raw:{line}" if v2 else f"exec:{line} 2>&1; echo {mark} $?"
    with Conversation(transport.open(service), doing, idle_timeout_s, total_timeout_s) as conversation:
        if v2:
            yield from _events_v2(conversation, stdin)
        else:
            yield from _events_v1(conversation, stdin, mark.encode(), doing)


def _events_v2(conversation: Conversation, stdin: bytes | None) -> Iterator[tuple[Channel, bytes]]:
    if stdin is not None:  # a command that reads nothing may end, and close, before it is told anything
        with contextlib.suppress(ConnectionLostError):  # likewise; what it said is still to be read
            for start in range(0, len(stdin), MAX_DATA_BYTES):
                conversation.send(encode(Channel.STDIN, stdin[start : start + MAX_DATA_BYTES]))
            conversation.send(encode(Channel.CLOSE_STDIN))
    while True:
        number, size_bytes = HEADER.unpack(conversation.exactly(HEADER.size))
        if number not in (Channel.STDOUT, Channel.STDERR, Channel.EXIT) or size_bytes > MAX_DATA_BYTES:
            raise ProtocolError(f"the phone's shell sent channel {number} with {size_bytes} bytes; restart its adb")
        data = conversation.exactly(size_bytes)
        yield Channel(number), data
        if number == Channel.EXIT:
            return


def _events_v1(
    conversation: Conversation, stdin: bytes | None, mark: bytes, doing: str
) -> Iterator[tuple[Channel, bytes]]:
    if stdin:
        conversation.send(stdin)
    held = b""
    while data := conversation.some():
        held += data
        sure = len(held) - len(mark)  # what cannot be the beginning of the mark
        if sure > 0 and mark not in held:
            yield Channel.STDOUT, held[:sure]
            held = held[sure:]
    said, found, code = held.partition(mark)
    if not found or not code.strip().isdigit():
        raise ConnectionLostError(f"{doing}: the phone hung up before the command ended; attach it and run it again")
    yield Channel.STDOUT, said
    yield Channel.EXIT, bytes([int(code) & 0xFF])


def lines(chunks: Iterator[tuple[Channel, bytes]]) -> Iterator[str]:
    """The lines of both streams without their ends, each whole, in the order in which they were completed."""
    held = {Channel.STDOUT: b"", Channel.STDERR: b""}
    for channel, data in chunks:
        if channel is Channel.EXIT:
            break
        *whole, held[channel] = (held[channel] + data).split(b"\n")
        yield from (line.rstrip(b"\r").decode(errors="replace") for line in whole)
    yield from (rest.decode(errors="replace") for rest in held.values() if rest)
