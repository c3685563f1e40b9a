"""A phone, however it is attached: run, push, read, install."""

import time
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Self

from benchmarks.adb import shell
from benchmarks.adb.errors import AdbError, CommandFailedError
from benchmarks.adb.failures import explain, reason_in
from benchmarks.adb.install import install
from benchmarks.adb.shell import ShellResult, as_app
from benchmarks.adb.stream import QUIET_S, Transport
from benchmarks.adb.sync import SyncSession
from benchmarks.adb.sync_protocol import FileInfo

READABLE = 0o644
"""Apps may read a world-readable file in /data/local/tmp by its exact path."""

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0


class AdbPhone:
    """A phone over a transport. Every method raises AdbError, and may be called again afterwards.

    `serial` is what the transport calls the phone, `ro.serialno` may differ; `route` is `usb`, `tcp` or `server`.
    `idle_timeout_s` is how long the phone may say nothing, `total_timeout_s` how long the whole may take; None waits
    for ever.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.serial = transport.serial
        self.route = transport.route

    def shell(
        self, args: Sequence[str], idle_timeout_s: float | None = QUIET_S, total_timeout_s: float | None = None
    ) -> ShellResult:
        """Run a command; the arguments arrive unchanged. Any exit code is a result, not an error."""
        return shell.run(self._transport, args, idle_timeout_s, total_timeout_s)

    def check(self, args: Sequence[str], idle_timeout_s: float | None = QUIET_S) -> str:
        """The standard output of a command that has to succeed. CommandFailedError, or a narrower one, otherwise."""
        return self._succeeded(args, idle_timeout_s).stdout

    def stream(
        self, args: Sequence[str], idle_timeout_s: float | None = QUIET_S, total_timeout_s: float | None = None
    ) -> Iterator[str]:
        """The lines of a long command while it runs. Closing the iterator does not end the command on the phone."""
        return shell.lines(shell.events(self._transport, args, idle_timeout_s, total_timeout_s))

    def push(self, source: Path | bytes, target: str, mode: int = READABLE) -> None:
        """Write a file on the phone, its parent folders too."""
        with SyncSession(self._transport) as session:
            if isinstance(source, bytes):
                session.push(BytesIO(source), target, len(source), mode)
                return
            with source.open("rb") as file:
                session.push(file, target, source.stat().st_size, mode)

    def read(self, path: str, run_as: str | None = None, user: int | None = None) -> bytes:
        """The bytes of a file; with `run_as` in the private folder of that debuggable app, as `user` has it."""
        content = BytesIO()
        self.copy(path, content, run_as, user)
        return content.getvalue()

    def copy(self, path: str, into: BinaryIO, run_as: str | None = None, user: int | None = None) -> None:
        """The same, written `into` a file as they come: a large one is never in memory as a whole."""
        self._succeeded([*as_app(run_as, user), "cat", path], QUIET_S, into)

    def list_folder(self, folder: str) -> dict[str, FileInfo]:
        """What a folder holds, by name; empty when it is not there."""
        with SyncSession(self._transport) as session:
            return session.list_folder(folder)

    def install(self, apk: Path, user: int | None = None) -> None:
        """Install or update an app for one user, or for all; InstallError when the phone refuses."""
        install(self._transport, apk, user)

    def reconnect(self, timeout_s: float) -> None:
        """Return once a lost phone answers again; after `timeout_s` the error that it still met."""
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
        """Disconnect from the phone."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _succeeded(
        self, args: Sequence[str], idle_timeout_s: float | None, into: BinaryIO | None = None
    ) -> ShellResult:
        result = shell.run(self._transport, args, idle_timeout_s, into=into)
        if result.exit_code == 0:
            return result
        output = (result.stderr or result.stdout).strip()
        doing = shell.quote(args)
        raise explain(output, self.serial, doing) or CommandFailedError(
            f"{doing}: phone {self.serial} ended it with code {result.exit_code}; see what it said: {reason_in(output)}"
        )
