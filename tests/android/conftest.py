"""The finished APK, for every test that takes it as it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from android_app.desktop.apk.__main__ import build
from android_app.desktop.apk.errors import MissingToolError
from android_app.desktop.apk.project import APK, APP, POM
from android_app.desktop.apk.tools import aapt2


def sources() -> Iterator[Path]:
    """Everything that the APK is made of, or made by."""
    yield POM
    yield from (APP / "src").rglob("*")
    yield from (POM.parents[1] / "apk").glob("*.*")


@pytest.fixture(scope="session")
def apk() -> Path:
    """Built where it is older than what it is made of; a skip where a tool for that is missing."""
    try:
        aapt2()
        if not APK.is_file() or APK.stat().st_mtime < max(path.stat().st_mtime for path in sources()):
            build()
    except MissingToolError as error:
        pytest.skip(str(error))
    return APK
