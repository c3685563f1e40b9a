"""Run a command on a phone: exit code, standard output and standard error apart. No exit code is ever made up.

The shell protocol ("shell v2") sends a byte of channel, four of length, then data; the virtual phone writes what this
module reads. Source: shell_protocol.h in the Android Open Source Project, packages/modules/adb. Phones before Android 7
do not have it. There the end of the command is marked in its output with a random mark, which a lost connection cannot
produce, and standard error is mixed in.
"""

import secrets
import shlex
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from benchmarks.adb.errors import ConnectionLostError, ProtocolError
from benchmarks.adb.stream import QUIET_S, Conversation, Transport

HEADER = struct.Struct("<BI")
MAX_DATA_BYTES = 1 << 20


class Channel(IntEnum):
    """Which stream of the command a packet belongs to."""

    STDIN = 0
    STDOUT = 1
    STDERR = 2
    EXIT = 3
    CLOSE_STDIN = 4


def encode(channel: Channel, data: bytes = b"") -> bytes:
    """One packet of the shell protocol."""
    return HEADER.pack(channel, len(data)) + data


@dataclass(frozen=True, slots=True)
class ShellResult:
    """What a command printed. As text it is UTF-8 in which invalid bytes are replaced."""

    exit_code: int
    stdout_bytes: bytes
    stderr_bytes: bytes

    @property
    def stdout(self) -> str:
        return self.stdout_bytes.decode(errors="replace")

    @property
    def stderr(self) -> str:
        return self.stderr_bytes.decode(errors="replace")


def quote(args: Sequence[str]) -> str:
    """The arguments as one line that the phone's shell takes apart again unchanged."""
    return shlex.join(args)


def run(
    transport: Transport,
    args: Sequence[str],
    idle_timeout_s: float | None = QUIET_S,
    total_timeout_s: float | None = None,
) -> ShellResult:
    """The command's result, all of it in memory."""
    output: dict[Channel, list[bytes]] = {Channel.STDOUT: [], Channel.STDERR: []}
    exit_code = 0
    for channel, data in events(transport, args, idle_timeout_s, total_timeout_s):
        if channel is Channel.EXIT:
            exit_code = data[0]
        else:
            output[channel].append(data)
    return ShellResult(exit_code, b"".join(output[Channel.STDOUT]), b"".join(output[Channel.STDERR]))


def events(
    transport: Transport, args: Sequence[str], idle_timeout_s: float | None, total_timeout_s: float | None
) -> Iterator[tuple[Channel, bytes]]:
    """Everything a command prints as it comes, (STDOUT or STDERR, bytes), and last (EXIT, one byte).

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
            yield from _events_v2(conversation)
        else:
            yield from _events_v1(conversation, mark.encode(), doing)


def _events_v2(conversation: Conversation) -> Iterator[tuple[Channel, bytes]]:
    while True:
        number, size_bytes = HEADER.unpack(conversation.exactly(HEADER.size))
        if number not in (Channel.STDOUT, Channel.STDERR, Channel.EXIT) or size_bytes > MAX_DATA_BYTES:
            raise ProtocolError(f"the phone's shell sent channel {number} with {size_bytes} bytes; restart its adb")
        data = conversation.exactly(size_bytes)
        yield Channel(number), data
        if number == Channel.EXIT:
            return


def _events_v1(conversation: Conversation, mark: bytes, doing: str) -> Iterator[tuple[Channel, bytes]]:
    held = b""
    while data := conversation.some():
        held += data
        certain = len(held) - len(mark)  # what cannot be the beginning of the mark
        if certain > 0 and mark not in held:
            yield Channel.STDOUT, held[:certain]
            held = held[certain:]
    output, found, code = held.partition(mark)
    if not found or not code.strip().isdigit():
        raise ConnectionLostError(f"{doing}: the phone hung up before the command ended; attach it and run it again")
    yield Channel.STDOUT, output
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
