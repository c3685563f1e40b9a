"""The adb program of this computer. The kit needs none: it only says which one there is, and never starts it."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ANSWER_S = 10.0
SDK_VARIABLES = ("ANDROID_HOME", "ANDROID_SDK_ROOT")
SDK_FOLDERS = ("Android/Sdk", "Library/Android/sdk")
"""Where Android Studio puts its SDK below the user's home, on Linux and on macOS."""
VERSION = re.compile(r"^Android Debug Bridge version [\d.]*?(\d+)$(?:\nVersion (\S+))?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class AdbProgram:
    """An adb. `server_version` is that of the server it starts, such as 41; `release` is None before 2018."""

    path: str
    server_version: int
    release: str | None


def sdk_folders() -> list[Path]:
    """Where an Android SDK may be: where the variables say, then where Android Studio puts it."""
    named = [Path(os.environ[name]) for name in SDK_VARIABLES if os.environ.get(name)]
    return named + [Path.home() / folder for folder in SDK_FOLDERS]


def find_adb() -> AdbProgram | None:
    """The adb of the Android SDK, or else the one on PATH. A program that does not answer as adb does is not adb."""
    names = [str(sdk / "platform-tools" / "adb") for sdk in sdk_folders()]
    paths = (shutil.which(name) for name in (*names, "adb"))
    return next(filter(None, map(_ask, filter(None, paths))), None)


def _ask(path: str) -> AdbProgram | None:
    try:
        done = subprocess.run([path, "version"], capture_output=True, text=True, timeout=ANSWER_S, check=False)
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return None
    found = VERSION.search(done.stdout)
    return None if found is None else AdbProgram(path, int(found[1]), found[2])
