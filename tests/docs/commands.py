"""The commands that the documentation shows, and what their own parsers make of them. Nothing is carried out here."""

import importlib
import inspect
import os
import re
import shlex
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "README.ko.md", "ARCHITECTURE.md", "android_app/README.md", *sorted(
    str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md")
))  # fmt: skip
PROGRAMS = (".venv/bin/python ", "python ", "make", "mvn ", "sh ", "adb ")
PYTHON = (".venv/bin/python", "python")
OURS = ("metadata", "export", "benchmarks", "android_app")
ASSIGNED = re.compile(r"[A-Z_]+=.*", re.DOTALL)


class Parsed(BaseException):
    """Carries what a parser made of a command line out of the program, before it does anything."""

    def __init__(self, options: Namespace) -> None:
        super().__init__()
        self.options = options


def commands() -> dict[str, list[str]]:
    """Every command of the pages, without its comment, with the pages that show it."""
    found: dict[str, list[str]] = {}
    for page in PAGES:
        for line in code_lines((ROOT / page).read_text("utf-8")):
            words = shlex.split(line, comments=True)
            if words:
                found.setdefault(shlex.join(words), []).append(page)
    return found


def code_lines(text: str) -> Iterator[str]:
    """Lines of `sh` blocks; of other code, those that begin with a program that the pages use."""
    fence: str | None = None
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        if line.startswith("```"):
            fence = None if fence is not None else line.removeprefix("```")
        elif fence == "sh":
            yield line
        elif (fence == "" or line.startswith("    ")) and line.strip().startswith(PROGRAMS):
            yield line.strip()


def python_lines(command: str) -> list[list[str]]:
    """What `command` has this kit's Python do: itself, or what make would run; a line is module and arguments."""
    words = shlex.split(command)
    if words[0] != "make":
        return [words[2:]] if words[0] in PYTHON and words[1] == "-m" else []
    shown = made(words[1:])
    lines = [shlex.split(line) for line in shown.splitlines() if line.startswith(PYTHON[0])]
    return [line[2:] for line in lines if line[1] == "-m"]


def made(words: list[str]) -> str:
    """What make would run."""
    # Below `make test ARGS=…` the environment carries that ARGS, which is not the page's.
    clean = {"PATH": os.environ["PATH"]}
    done = subprocess.run(["make", "-n", *words], cwd=ROOT, capture_output=True, text=True, check=False, env=clean)
    assert done.returncode == 0, f"make {shlex.join(words)}: {done.stderr}"
    return re.sub(r"\\\n[ \t]*", "", done.stdout)


def unused(words: list[str]) -> list[str]:
    """The variables of a make command that change nothing in what it would run."""
    given = [word for word in words if ASSIGNED.fullmatch(word)]
    return [one for one in given if made(words) == made([word for word in words if word != one])]


def parse(module: str, arguments: list[str]) -> Namespace:
    """What the module's own parser makes of `arguments`; SystemExit where it refuses them."""
    real = ArgumentParser.parse_args

    def stop(self: ArgumentParser, args: list[str] | None = None, namespace: Namespace | None = None) -> None:
        raise Parsed(real(self, args, namespace))

    name = f"{module}.__main__" if (ROOT / module.replace(".", "/")).is_dir() else module
    main = importlib.import_module(name).main
    taken = (arguments,) if inspect.signature(main).parameters else ()
    with patch.object(ArgumentParser, "parse_args", stop), patch.object(sys, "argv", [module, *arguments]):
        try:
            main(*taken)
        except Parsed as parsed:
            return parsed.options
    raise AssertionError(f"{module} did not parse its arguments")
