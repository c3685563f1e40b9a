"""What a command on a virtual phone gets: its phone, its user, and its three streams."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.virtual_phone.state import PhoneState

Read = Callable[[], bytes]
"""Standard input: some bytes as they come, empty at the end."""
Write = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Console:
    """Where one command runs: as the shell, or by `run-as` as an app of one of the phone's users."""

    phone: PhoneState
    read: Read
    write: Write
    write_error: Write
    package: str | None = None
    user: int = 0

    def say(self, text: str) -> None:
        """A line on standard output."""
        self.write(f"{text}\n".encode(errors="surrogateescape"))

    def complain(self, text: str) -> None:
        """A line on standard error."""
        self.write_error(f"{text}\n".encode(errors="surrogateescape"))

    def locate(self, path: str, write: bool = False) -> Path:
        """Where a path lies on this machine; OSError with the phone's reason."""
        return self.phone.sandbox.locate(path, self.package, write, self.user)


Command = Callable[[Console, list[str]], int]
"""A command of the table: arguments after its name in, exit code out. An OSError becomes a line on standard error."""
