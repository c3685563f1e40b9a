"""Take a shell line apart and run its commands, one after the other. There is no real shell behind it.

Understood are quotes, `;`, `&&`, `||`, `$?`, `exit`, `> file`, `2>&1` and `2>/dev/null`. Everything else is
refused by name, so that no line is partly run or runs with another meaning.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace

from benchmarks.virtual_phone import activity, files, packages, system
from benchmarks.virtual_phone.console import Command, Console

TABLE: dict[str, Command] = {**files.COMMANDS, **system.COMMANDS, **packages.COMMANDS, **activity.COMMANDS}
OPERATOR = re.compile(r"2>&1|2>|>|&&|\|\||;|\n")
BLANKS = " \t"
BETWEEN = f"{BLANKS}\n;>"
REFUSED = set("|&()<`$*?[")
STATUS = "\0?"
"""Stands in a word for `$?`; NUL cannot be typed."""


class ShellSyntaxError(Exception):
    """A line this small shell does not understand."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word, or an operator."""

    text: str
    is_operator: bool


@dataclass(frozen=True, slots=True)
class Simple:
    """A command with its words, where its output goes, and the operator before it."""

    words: tuple[str, ...]
    joined_by: str
    output: str | None = None
    errors: str | None = None


def run(console: Console, line: str) -> int:
    """Run a line; the exit code of the last command that ran."""
    try:
        commands = list(parse(line))
    except ShellSyntaxError as error:
        console.complain(f"sh: {error}")
        return 2
    status = 0
    for command in commands:
        if (command.joined_by == "&&" and status) or (command.joined_by == "||" and not status):
            continue
        if command.words[0] == "exit":
            return int(command.words[1]) & 0xFF if command.words[1:] and command.words[1].isdecimal() else status
        status = _run_simple(console, command, status)
    return status


def _run_simple(console: Console, command: Simple, status: int) -> int:
    words = [word.replace(STATUS, str(status)) for word in command.words]
    with ExitStack() as stack:
        try:
            if command.output not in (None, "/dev/null"):
                place = console.locate(str(command.output), write=True)
                file = stack.enter_context(console.phone.sandbox.writing(place))
                console = replace(console, write=file.write)
            elif command.output is not None:
                console = replace(console, write=_drop)
            if command.errors is not None:
                console = replace(console, write_error=_drop if command.errors == "/dev/null" else console.write)
            return execute(console, words)
        except OSError as error:
            shown = str(error.filename or "").replace(str(console.phone.sandbox.root), "")
            console.complain(": ".join(part for part in (words[0], shown, error.strerror or str(error)) if part))
            return 1


def execute(console: Console, words: list[str]) -> int:
    """Run one command of the table, or print what the phone's persona replies in its place."""
    name, *args = words
    name = name.removeprefix("/system/bin/")
    reply = console.phone.persona.reply(" ".join([name, *args])) if console.package is None else None
    if reply is not None:
        for write, text in ((console.write, reply.stdout), (console.write_error, reply.stderr)):
            if text:
                write(text.encode())
        return reply.exit_code
    if name == "sh" and args[:1] == ["-c"] and len(args) > 1:
        return run(console, args[1])
    if name == "run-as" and args:
        return _run_as(console, args)
    if name not in TABLE:
        console.complain(f"/system/bin/sh: {name}: inaccessible or not found")
        return 127
    return TABLE[name](console, args)


def _run_as(console: Console, args: list[str]) -> int:
    package, *words = args
    user = 0
    if words[:1] == ["--user"] and len(words) > 1 and words[1].isdecimal():
        user, words = int(words[1]), words[2:]
    app = console.phone.installed.get(package)
    if app is None:
        console.complain(f"run-as: unknown package: {package}")
    elif not app.debuggable:
        console.complain(f"run-as: package not debuggable: {package}")
    elif not console.phone.has_app(package, user):
        console.complain(f"run-as: couldn't stat /data/user/{user}/{package}: No such file or directory")
    else:
        return execute(replace(console, package=package, user=user), words or ["true"])
    return 1


def parse(line: str) -> Iterator[Simple]:
    """The commands of a line in order; ShellSyntaxError for what is not understood."""
    joined_by = ";"
    words: list[str] = []
    targets: dict[str, str] = {}
    tokens = iter([*tokenize(line), Token(";", is_operator=True)])
    for token in tokens:
        if not token.is_operator:
            words.append(token.text)
        elif token.text == "2>&1":
            targets["2>"] = "&1"
        elif token.text in (">", "2>"):
            target = next(tokens)
            if target.is_operator or (token.text == "2>" and target.text != "/dev/null"):
                raise ShellSyntaxError(f"cannot redirect {token.text} to {target.text!r} on a virtual phone")
            targets[token.text] = target.text
        elif words:
            yield Simple(tuple(words), joined_by, targets.get(">"), targets.get("2>"))
            joined_by, words, targets = token.text, [], {}
        elif token.text in ("&&", "||"):
            raise ShellSyntaxError(f"syntax error: unexpected '{token.text}'")


def tokenize(line: str) -> Iterator[Token]:
    """Words and operators; quotes are gone and what they held is plain."""
    at = 0
    while at < len(line):
        operator = OPERATOR.match(line, at)
        if operator:
            yield Token(operator.group(), is_operator=True)
            at = operator.end()
        elif line[at] in BLANKS:
            at += 1
        else:
            word, at = _word(line, at)
            yield Token(word, is_operator=False)


def _word(line: str, at: int) -> tuple[str, int]:
    parts: list[str] = []
    while at < len(line) and line[at] not in BETWEEN and not line.startswith(("&&", "||"), at):
        char = line[at]
        if char == "'":
            end = line.find("'", at + 1)
            if end < 0:
                raise ShellSyntaxError("no closing '")
            parts.append(line[at + 1 : end])
            at = end + 1
        elif char == '"':
            text, at = _double_quoted(line, at)
            parts.append(text)
        elif char == "\\" and at + 1 < len(line):
            parts.append(line[at + 1])
            at += 2
        elif line.startswith("$?", at):
            parts.append(STATUS)
            at += 2
        elif char in REFUSED or char == "\0":
            raise ShellSyntaxError(f"{char!r} is not understood by a virtual phone; send one plain command")
        else:
            parts.append(char)
            at += 1
    return "".join(parts), at


def _double_quoted(line: str, at: int) -> tuple[str, int]:
    parts: list[str] = []
    at += 1
    while at < len(line) and line[at] != '"':
        if line[at] == "\\" and line[at + 1 : at + 2] in tuple('\\"$`'):
            parts.append(line[at + 1])
            at += 2
        elif line.startswith("$?", at):
            parts.append(STATUS)
            at += 2
        elif line[at] in "$`":
            raise ShellSyntaxError("a virtual phone expands nothing but $?; use single quotes")
        else:
            parts.append(line[at])
            at += 1
    if at >= len(line):
        raise ShellSyntaxError('no closing "')
    return "".join(parts), at + 1


def _drop(_data: bytes) -> None:
    pass
