"""Environments beside the kit's own: another Python with what a hashed lock names, made once, kept in the cache."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.console.places import cache_folder
from export.errors import ExportError
from metadata.hashes import sha256_of


def environment(name: str, lock: Path, say: Callable[[str], None]) -> Path:
    """The Python of the environment called `name`, complete as `lock` has it; ExportError when it cannot be had."""
    folder = cache_folder() / "environments" / f"{name.replace(' ', '-')}-{sha256_of(lock)[:8]}"
    python, ready = folder / "bin" / "python", folder / ".ready"
    if ready.is_file():
        return python
    uv = shutil.which("uv", path=Path(sys.executable).parent)
    if uv is None:
        raise ExportError("uv is missing from .venv; run make setup")
    say(f"making an environment with {name} in {folder}")
    make = [uv, "venv", "--quiet", "--clear", "--python", "3.11", str(folder)]
    locked = ["--quiet", "--no-deps", "--require-hashes", "-r", str(lock)]
    for command in (make, [uv, "pip", "install", "--python", str(python), *locked]):
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            reason = (done.stderr.strip().splitlines() or ["uv said nothing"])[-1]
            raise ExportError(f"{name} could not be installed ({reason}); connect and run again")
    ready.touch()
    return python
