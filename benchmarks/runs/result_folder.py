"""Where the app leaves its results on a phone, and how this computer reaches them.

It is the app's own folder, which opens to `run-as`. Some makers broke that command; there it is the app's folder on the
shared storage, which the shell reads by itself.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from benchmarks.adb.errors import AdbError, RunAsError
from benchmarks.adb.failures import explain, reason_in
from benchmarks.adb.phone import AdbPhone
from benchmarks.adb.shell import ShellResult, as_app
from benchmarks.adb.store import HASH_TIMEOUT_S
from benchmarks.phones.app import PACKAGE

OWN = "files"
"""Relative to the folder in which `run-as` starts."""
NO_APP = re.compile("not debuggable|unknown package|is unknown")
"""What `run-as` says where the app is absent, or no debug build: then nothing is broken."""


@dataclass(frozen=True, slots=True)
class ResultFolder:
    """The folder of one user's app; `shared` where `run-as` is refused."""

    phone: AdbPhone
    user: int | None = None
    shared: bool = False

    @property
    def path(self) -> str:
        if not self.shared:
            return OWN
        storage = f"/storage/emulated/{self.user}" if self.user else "/sdcard"
        return f"{storage}/Android/data/{PACKAGE}/files"

    @property
    def arguments(self) -> list[str]:
        """What the instrumentation is told of it."""
        return ["-e", "results", "external"] if self.shared else []

    def refusal(self) -> str | None:
        """Why `run-as` does not open the app's own folder, in the phone's words; None where it does, or has no app."""
        listed = ResultFolder(self.phone, self.user)._shell(["ls", "-a", OWN])
        reason = explain(listed.stderr, self.phone.serial)
        if listed.exit_code == 0 or not isinstance(reason, RunAsError) or NO_APP.search(listed.stderr):
            return None
        return reason_in(listed.stderr)

    def names(self) -> list[str]:
        """What is in it; nothing where it is not there. No file of the app has a space in its name."""
        listed = self._shell(["ls", "-a", self.path])
        return listed.stdout.split() if listed.exit_code == 0 else []

    def remove(self, names: Sequence[str]) -> None:
        """Delete these files."""
        if names:
            self.phone.check([*self._as_app, "rm", "-f", *(f"{self.path}/{name}" for name in names)])

    def copy(self, path: str, into: BinaryIO) -> None:
        """Write a file `into` an open one, by a path of which the last part counts.

        RunAsError where the shared storage is closed, too.
        """
        place = f"{self.path}/{PurePosixPath(path).name}"
        try:
            self.phone.copy(place, into, None if not self._as_app else PACKAGE, self.user)
        except AdbError as error:
            if self.shared and "Permission denied" in str(error):
                raise RunAsError(
                    f"phone {self.phone.serial} opens neither the app's folder nor the shared one; use another phone "
                    f"(it said: {error})"
                ) from error
            raise

    def sha256(self, name: str) -> str | None:
        """The hash of a file; None where it is not there."""
        hashed = self._shell(["sha256sum", f"{self.path}/{name}"])
        return hashed.stdout.split()[0] if hashed.exit_code == 0 and hashed.stdout else None

    @property
    def _as_app(self) -> list[str]:
        return [] if self.shared else as_app(PACKAGE, self.user)

    def _shell(self, words: Sequence[str]) -> ShellResult:
        return self.phone.shell([*self._as_app, *words], idle_timeout_s=HASH_TIMEOUT_S)
