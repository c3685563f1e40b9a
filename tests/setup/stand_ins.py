"""setup.sh in a folder of its own, and scripts that stand in for uv there."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCKS = {path.stem: path.read_text("utf-8") for path in (ROOT / "requirements").glob("*.lock")}
LOCKED_UV = re.findall(r"^uv==(\S+)", LOCKS["uv"], re.MULTILINE)[0]


def setup(machine: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run setup.sh as make does, with nothing of this process's environment."""
    surroundings = {"PATH": str(machine / "bin"), "HOME": str(machine / "home"), **environment}
    command = ["sh", "setup.sh", *(arguments or ("export",))]
    return subprocess.run(command, cwd=machine, env=surroundings, capture_output=True, text=True, check=False)


def stand_in(path: Path, version: str, does: str) -> Path:
    """A program that tells its version, and else notes its arguments and its environment and does what `does` says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'#!/bin/sh\n[ "$*" = --version ] && {{ echo "{version}"; exit; }}\n'
        f'echo "$*" >>"$0.calls"\nenv >"$0.environment"\n{does}\n'
    )
    path.chmod(0o755)
    return path


def uv_of(machine: Path) -> Path:
    """Where set-up keeps the locked uv."""
    return machine / "build" / "tools" / "uv" / "bin" / "uv"


def locked_uv(machine: Path) -> Path:
    """What stands in for the locked uv: its environment is a link to this Python, and it installs nothing."""
    does = f'[ "$1" != venv ] || {{ mkdir -p .venv/bin && ln -sf "{sys.executable}" .venv/bin/python; }}'
    return stand_in(uv_of(machine), f"uv {LOCKED_UV} (here)", does)


def failing_uv(machine: Path, output: str) -> None:
    """A locked uv that says this and fails."""
    (machine / "output").write_text(output)
    stand_in(uv_of(machine), f"uv {LOCKED_UV}", "cat output >&2; exit 2")


def environment_of(program: Path) -> dict[str, str]:
    """The environment that a stand-in was called with last."""
    lines = Path(f"{program}.environment").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def calls_of(program: Path) -> list[str]:
    """The arguments of each call of a stand-in."""
    calls = Path(f"{program}.calls")
    return calls.read_text().splitlines() if calls.exists() else []
