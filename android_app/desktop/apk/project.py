"""Where the app's sources and the build's pieces lie, and the numbers that both builds share."""

import re
from dataclasses import dataclass
from pathlib import Path

from android_app.desktop.apk.errors import StageError

ROOT = Path(__file__).resolve().parents[3]
APP = ROOT / "android_app" / "app"
POM = ROOT / "android_app" / "desktop" / "app" / "pom.xml"
BUILD = ROOT / "build" / "apk"
APK = ROOT / "build" / "handset-debug.apk"
ASSETS = APP / "src" / "main" / "assets"
ABIS = ("arm64-v8a", "armeabi-v7a", "x86_64")
"""Phones and the emulator; 32-bit x86 phones are history."""
NATIVE = ("tensorflow-lite", "tensorflow-lite-gpu")
"""The AARs with native code."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the manifest says of the app."""

    package: str
    version: str
    version_code: int
    min_sdk: int
    target_sdk: int


def numbers() -> Numbers:
    """As the Maven build has them."""
    text = POM.read_text()
    return Numbers(
        package=_only(r"<groupId>(app\.[a-z.]+)</groupId>", text),
        version=_only(r"<artifactId>app</artifactId>\s*<version>([^<]+)</version>", text),
        version_code=int(_only(r"<versionCode>(\d+)</versionCode>", text)),
        min_sdk=int(_only(r"<minSdk>(\d+)</minSdk>", text)),
        target_sdk=int(_only(r"<targetSdk>(\d+)</targetSdk>", text)),
    )


def _only(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        raise StageError(f"{POM} has no {pattern}; restore the file")
    return found[1]
