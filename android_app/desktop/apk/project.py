"""The folders of the app's sources and of the build, and the properties of the app that both builds share."""

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
"""Those of phones and of the emulator; 32-bit x86 phones are no longer made."""
NATIVE = ("tensorflow-lite", "tensorflow-lite-gpu")
"""The AARs with native code."""


@dataclass(frozen=True, slots=True)
class AppProperties:
    """The app's package, version and Android levels, for its manifest."""

    package: str
    version: str
    version_code: int
    min_sdk: int
    target_sdk: int


def app_properties() -> AppProperties:
    """The properties in the Maven build; StageError when one is missing."""
    text = POM.read_text()
    return AppProperties(
        package=_first_match(r"<groupId>(app\.[a-z.]+)</groupId>", text),
        version=_first_match(r"<artifactId>app</artifactId>\s*<version>([^<]+)</version>", text),
        version_code=int(_first_match(r"<versionCode>(\d+)</versionCode>", text)),
        min_sdk=int(_first_match(r"<minSdk>(\d+)</minSdk>", text)),
        target_sdk=int(_first_match(r"<targetSdk>(\d+)</targetSdk>", text)),
    )


def _first_match(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        raise StageError(f"{POM} has no {pattern}; restore the file")
    return found[1]
