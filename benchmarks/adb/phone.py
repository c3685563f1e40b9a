"""A phone, whichever way it is attached: run, push, pull, read, install."""

import errno
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from benchmarks.adb import shell
from benchmarks.adb.errors import AdbError, CommandFailedError, DiskFullError
from benchmarks.adb.failures import explain, line_of
from benchmarks.adb.install import install
from benchmarks.adb.shell import ShellResult
from benchmarks.adb.stream import QUIET_S, Transport
from benchmarks.adb.sync import Progress, SyncSession
from benchmarks.adb.sync_protocol import FileInfo
from metadata.output import replacing

READABLE = 0o644
"""Apps may read a world-readable file in /data/local/tmp by its exact path."""

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0


class Phone(Protocol):
    """What the rest of the kit knows of a phone. Every method raises AdbError, and may be called again afterwards.

    `idle_timeout_s` is silence, `total_timeout_s` the whole; None waits for ever.
    """

    @property
    def serial(self) -> str:
        """What the phone is called by its transport; `ro.serialno` may differ."""

    @property
    def route(self) -> str:
        """How it is attached: `usb`, `tcp` or `server`."""

    def shell(
        self,
        args: Sequence[str],
        stdin: bytes | None = None,
        idle_timeout_s: float | None = QUIET_S,
        total_timeout_s: float | None = None,
    ) -> ShellResult:
        """Run a command; the arguments arrive as they are. Any exit code is a result, not an error."""

    def check(self, args: Sequence[str], stdin: bytes | None = None, idle_timeout_s: float | None = QUIET_S) -> str:
        """The standard output of a command that has to succeed. CommandFailedError, or a narrower one, otherwise."""

    def stream(
        self, args: Sequence[str], idle_timeout_s: float | None = QUIET_S, total_timeout_s: float | None = None
    ) -> Iterator[str]:
        """The lines of a long command while it runs. Closing the iterator does not end the command on the phone."""

    def push(self, source: Path | bytes, target: str, mode: int = READABLE, progress: Progress | None = None) -> None:
        """Write a file on the phone, its parent folders too."""

    def push_all(self, files: Iterable[tuple[Path, str]], mode: int = READABLE) -> None:
        """Push many files in one session."""

    def pull(self, source: str, target: Path, progress: Progress | None = None) -> None:
        """Copy a file from the phone; `target` appears only when it is whole."""

    def read(self, path: str, run_as: str | None = None, idle_timeout_s: float | None = QUIET_S) -> bytes:
        """The bytes of a file, in the private folder of the debuggable app `run_as` if one is named."""

    def stat(self, path: str) -> FileInfo | None:
        """What the phone knows of a path; None when nothing is there."""

    def list_folder(self, folder: str) -> dict[str, FileInfo]:
        """What a folder holds; empty when it is not there."""

    def install(self, apk: Path, progress: Progress | None = None) -> None:
        """Install or update an app."""

    def reconnect(self, timeout_s: float) -> None:
        """Return once a lost phone answers again; after `timeout_s` the error that stood in the way."""

    def close(self) -> None:
        """Let the phone go."""


class AdbPhone:
    """A `Phone` over a transport."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @property
    def serial(self) -> str:
        return self._transport.serial

    @property
    def route(self) -> str:
        return self._transport.route

    def shell(
        self,
        args: Sequence[str],
        stdin: bytes | None = None,
        idle_timeout_s: float | None = QUIET_S,
        total_timeout_s: float | None = None,
    ) -> ShellResult:
        return shell.run(self._transport, args, stdin, idle_timeout_s, total_timeout_s)

    def check(self, args: Sequence[str], stdin: bytes | None = None, idle_timeout_s: float | None = QUIET_S) -> str:
        result = self.shell(args, stdin, idle_timeout_s)
        self._succeeded(args, result)
        return result.stdout

    def stream(
        self, args: Sequence[str], idle_timeout_s: float | None = QUIET_S, total_timeout_s: float | None = None
    ) -> Iterator[str]:
        return shell.lines(shell.events(self._transport, args, None, idle_timeout_s, total_timeout_s))

    def push(self, source: Path | bytes, target: str, mode: int = READABLE, progress: Progress | None = None) -> None:
        with SyncSession(self._transport) as session:
            if isinstance(source, bytes):
                session.push(BytesIO(source), target, len(source), mode, progress)
                return
            with source.open("rb") as file:
                session.push(file, target, source.stat().st_size, mode, progress)

    def push_all(self, files: Iterable[tuple[Path, str]], mode: int = READABLE) -> None:
        with SyncSession(self._transport) as session:
            session.push_all(files, mode)

    def pull(self, source: str, target: Path, progress: Progress | None = None) -> None:
        with SyncSession(self._transport) as session, _room_for(target), replacing(target) as file:
            info = session.stat(source) if progress is not None else None
            for block in session.pull(source):
                file.write(block)
                if progress is not None:
                    progress(file.tell(), file.tell() if info is None else info.size_bytes)

    def read(self, path: str, run_as: str | None = None, idle_timeout_s: float | None = QUIET_S) -> bytes:
        args = ["cat", path] if run_as is None else ["run-as", run_as, "cat", path]
        exit_code, data, said = shell.run_bytes(self._transport, args, None, idle_timeout_s)
        self._succeeded(args, ShellResult(exit_code, "", said.decode(errors="replace")))
        return data

    def stat(self, path: str) -> FileInfo | None:
        with SyncSession(self._transport) as session:
            return session.stat(path)

    def list_folder(self, folder: str) -> dict[str, FileInfo]:
        with SyncSession(self._transport) as session:
            return session.list_folder(folder)

    def install(self, apk: Path, progress: Progress | None = None) -> None:
        install(self._transport, apk, progress)

    def reconnect(self, timeout_s: float) -> None:
        gives_up_at = time.monotonic() + timeout_s
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                self._transport.revive()
                self.shell(["true"])
            except AdbError:
                if time.monotonic() + pause_s > gives_up_at:
                    raise
                time.sleep(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            else:
                return

    def close(self) -> None:
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def _succeeded(self, args: Sequence[str], result: ShellResult) -> None:
        if result.exit_code == 0:
            return
        said = (result.stderr or result.stdout).strip()
        doing = shell.quote(args)
        raise explain(said, self.serial, doing) or CommandFailedError(
            f"{doing}: phone {self.serial} ended it with code {result.exit_code}; see what it said: {line_of(said)}"
        )


@contextmanager
def _room_for(target: Path) -> Iterator[None]:
    """DiskFullError where this machine, not the phone, has no room."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise DiskFullError(f"{target}: this machine's disk is full; free some space in {target.parent}") from error
