"""Run a command on a phone: exit code, standard output and standard error apart. No exit code is ever made up.

The shell protocol ("shell v2") sends a byte of channel, four of length, then data; the virtual phone writes what this
module reads. Source: shell_protocol.h in the Android Open Source Project, packages/modules/adb. Phones before Android 7
do not have it, and the app needs Android 8.
"""

import shlex
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import BinaryIO

from benchmarks.adb.errors import PhoneUnavailableError, ProtocolError
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


def of_user(user: int | None) -> list[str]:
    """What pm, am and run-as are told about whom they act for; None leaves it to them, and they do not agree."""
    return [] if user is None else ["--user", str(user)]


def as_app(package: str | None, user: int | None) -> list[str]:
    """The words before a command that is to run as an app of one of the phone's users; none without `package`.

    Source: run-as.cpp in the Android Open Source Project, system/core: the user's number follows the package.
    """
    return [] if package is None else ["run-as", package, *of_user(user)]


def run(
    transport: Transport,
    args: Sequence[str],
    idle_timeout_s: float | None = QUIET_S,
    total_timeout_s: float | None = None,
    into: BinaryIO | None = None,
) -> ShellResult:
    """The command's result, all of it in memory but for a standard output that is written `into` a file as it comes."""
    output: dict[Channel, list[bytes]] = {Channel.STDOUT: [], Channel.STDERR: []}
    exit_code = 0
    for channel, data in events(transport, args, idle_timeout_s, total_timeout_s):
        if channel is Channel.EXIT:
            exit_code = data[0]
        elif channel is Channel.STDOUT and into is not None:
            into.write(data)
        else:
            output[channel].append(data)
    return ShellResult(exit_code, b"".join(output[Channel.STDOUT]), b"".join(output[Channel.STDERR]))


def events(
    transport: Transport, args: Sequence[str], idle_timeout_s: float | None, total_timeout_s: float | None
) -> Iterator[tuple[Channel, bytes]]:
    """Everything a command prints as it comes, (STDOUT or STDERR, bytes), and last (EXIT, one byte).

    ConnectionLostError when (EXIT, code) does not come: a phone that vanished has not finished. Closing the iterator
    closes the command's input and output; the command itself may go on running on the phone.
    PhoneUnavailableError for a phone that is too old.
    """
    if "shell_v2" not in transport.features:
        raise PhoneUnavailableError(
            f"phone {transport.serial} has an Android before 7, and the app needs 8; use a newer phone"
        )
    doing = f"phone {transport.serial}: {args[0]}"
    service = f"shell,v2,raw:{quote(args)}"
    with Conversation(transport.open(service), doing, idle_timeout_s, total_timeout_s) as conversation:
        while True:
            number, size_bytes = HEADER.unpack(conversation.exactly(HEADER.size))
            if number not in (Channel.STDOUT, Channel.STDERR, Channel.EXIT) or size_bytes > MAX_DATA_BYTES:
                raise ProtocolError(f"the phone's shell sent channel {number} with {size_bytes} bytes; restart its adb")
            data = conversation.exactly(size_bytes)
            yield Channel(number), data
            if number == Channel.EXIT:
                return


def lines(chunks: Iterator[tuple[Channel, bytes]]) -> Iterator[str]:
    """The lines of both streams without their ends, each whole, in the order in which they were completed."""
    held = {Channel.STDOUT: b"", Channel.STDERR: b""}
    for channel, data in chunks:
        if channel is Channel.EXIT:
            break
        *whole, held[channel] = (held[channel] + data).split(b"\n")
        yield from (line.rstrip(b"\r").decode(errors="replace") for line in whole)
    yield from (rest.decode(errors="replace") for rest in held.values() if rest)
