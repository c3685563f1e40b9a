"""What a kind of phone prints and refuses, as data: a virtual phone takes a persona and answers as that phone does.

A persona is a TOML file, one of `personas/`, or one that `python -m benchmarks phone-report` wrote. Every table of it
names its public source. What it does not say, the virtual phone answers by itself.
"""

import re
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from benchmarks.formats import declared
from benchmarks.formats.declared import Declared, Line, about
from benchmarks.formats.errors import BenchmarkError

FOLDER = Path(__file__).parent / "personas"
REPORT_MEMBER = "persona.toml"
REMEDY = "give a persona, or a report that `python -m benchmarks phone-report` wrote"
LARGEST_BYTES = 16 << 20


class PersonaError(BenchmarkError):
    """A persona that is not there, or that cannot be read."""


class Reply(Declared, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What commands print in place of the virtual phone's own answer. The first one that fits counts."""

    command: Annotated[str, about("a regular expression for the whole command, its words with single spaces")]
    stdout: str = ""
    stderr: str = ""
    exit_code: int = 0
    source: Line

    def __post_init__(self) -> None:
        try:
            re.compile(self.command)
        except re.error as reason:
            raise ValueError(f"command {self.command!r} is no regular expression ({reason})") from reason

    def fits(self, command: str) -> bool:
        return re.fullmatch(self.command, command, re.DOTALL) is not None


class PropertyGroup(Declared, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """System properties, by name."""

    values: Mapping[str, str]
    source: Line


class Behaviour(Declared, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is more than one command's answer."""

    current_user: Annotated[int, about("who is in front: `am instrument` acts for that user")] = 0
    in_front: Annotated[bool, about("false: the measuring screen is never shown, and nobody is told")] = True
    library_error: Annotated[str | None, about("what the app meets when it loads its native library")] = None
    crash: Annotated[str | None, about("the exception that the app ends with, and its message")] = None
    features: Annotated[tuple[str, ...] | None, about("of its adb daemon; null: the virtual phone's")] = None
    attached: Annotated[bool, about("false: it does not appear over USB or Wi-Fi")] = True
    source: Line


PLAIN_BEHAVIOUR = Behaviour(source="as the Android Open Source Project behaves")


class Persona(Declared, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A kind of phone."""

    title: Line
    outcome: Annotated[str, about("what becomes of `make benchmark ARGS=--install`: measured, or why not")] = "measured"
    says: Annotated[tuple[str, ...], about("what a user then reads, word for word")] = ()
    properties: tuple[PropertyGroup, ...] = ()
    behaviour: Behaviour = PLAIN_BEHAVIOUR
    replies: tuple[Reply, ...] = ()
    other_answers: Annotated[tuple[Reply, ...], about("of a real phone, to be read; no virtual phone gives them")] = ()

    @property
    def all_properties(self) -> dict[str, str]:
        """The system properties of all groups."""
        return {name: value for group in self.properties for name, value in group.values.items()}

    @property
    def sources(self) -> tuple[str, ...]:
        """Where its parts come from, each once."""
        behaviour = () if self.behaviour == PLAIN_BEHAVIOUR else (self.behaviour,)
        parts = (*self.properties, *behaviour, *self.replies)
        return tuple(dict.fromkeys(part.source for part in parts))

    def reply(self, command: str) -> Reply | None:
        """What it prints in place of the virtual phone's own answer; None where it leaves that to it."""
        return next((reply for reply in self.replies if reply.fits(command)), None)


PLAIN = Persona(title="a virtual phone")


def names() -> tuple[str, ...]:
    """The personas of the kit."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def load(name: str) -> Persona:
    """The persona of that name; PersonaError when there is none."""
    if name not in names():
        raise PersonaError(f"{name!r} is no persona; choose from {', '.join(names())}")
    return read(FOLDER / f"{name}.toml")


def read(path: Path) -> Persona:
    """The persona in a TOML file, or in the zip of a report; PersonaError when it is none."""
    try:
        data = _content(path)
    except (OSError, KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as reason:
        detail = reason.strerror if isinstance(reason, OSError) else "it is no report"
        raise PersonaError(f"{path} cannot be read, {detail}; {REMEDY}") from reason
    if len(data) > LARGEST_BYTES:
        raise PersonaError(f"{path} has more than {LARGEST_BYTES} bytes; {REMEDY}")
    try:
        record = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as reason:
        raise PersonaError(f"{path} is not TOML ({reason}); {REMEDY}") from reason
    return declared.convert(record, Persona, str(path), PersonaError, REMEDY)


def _content(path: Path) -> bytes:
    if path.suffix != ".zip":
        with path.open("rb") as file:
            return file.read(LARGEST_BYTES + 1)
    with zipfile.ZipFile(path) as archive, archive.open(REPORT_MEMBER) as member:
        return member.read(LARGEST_BYTES + 1)
