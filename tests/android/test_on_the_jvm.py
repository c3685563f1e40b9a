"""The app's own tests, run by Maven: the core on a plain JVM, the screens on Robolectric's Android."""

import subprocess
from xml.etree import ElementTree as ET

import pytest

from android_app.desktop.apk.project import BUILD
from metadata.support_library import missing_support

pytestmark = pytest.mark.thorough


def test_every_test_of_the_core_passes_on_the_jvm(core_tests: subprocess.CompletedProcess[str]) -> None:
    assert core_tests.returncode == 0, core_tests.stdout[-4000:]


def test_every_test_of_the_app_passes_on_the_jvm(app_tests: subprocess.CompletedProcess[str]) -> None:
    assert app_tests.returncode == 0, app_tests.stdout[-4000:]
    reports = [ET.parse(path).getroot() for path in (BUILD / "maven" / "surefire-reports").glob("TEST-*.xml")]  # noqa: S314
    assert sum(int(report.get("tests", 0)) for report in reports) > 50
    # Google's Task Library is for Linux on x86_64 only.
    expected = 0 if missing_support() is None else 2
    assert sum(int(report.get("skipped", 0)) for report in reports) == expected
