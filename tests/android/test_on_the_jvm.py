"""The app's own tests, which Maven runs: the core on a plain JVM, every screen on Robolectric's Android."""

import os
import subprocess
from xml.etree import ElementTree as ET

import pytest

from android_app.desktop.apk.__main__ import prepare
from android_app.desktop.apk.errors import MissingToolError
from android_app.desktop.apk.project import BUILD, POM, ROOT
from benchmarks.runs.kotlin_runner import PROJECT, missing

PHOTOGRAPHS = ROOT / "build" / "models" / "efficientnet_lite0" / "reference" / "inputs.zip"


def test_every_test_of_the_core_passes_on_the_jvm() -> None:
    if (lack := missing()) is not None:
        pytest.skip(lack)
    command = ["mvn", "-B", "-q", "-f", str(PROJECT / "pom.xml"), "test"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert done.returncode == 0, done.stdout[-4000:]


def test_every_test_of_the_app_passes_on_the_jvm() -> None:
    try:
        prepare()
    except MissingToolError as error:
        pytest.skip(str(error))
    if not PHOTOGRAPHS.is_file():
        pytest.skip("efficientnet_lite0 is not exported; run `make export`")
    command = ["mvn", "-B", "-q", "-f", str(POM), "test"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert done.returncode == 0, done.stdout[-4000:]
    reports = [ET.parse(path).getroot() for path in (BUILD / "maven" / "surefire-reports").glob("TEST-*.xml")]  # noqa: S314
    assert sum(int(report.get("tests", 0)) for report in reports) > 50
    assert sum(int(report.get("skipped", 0)) for report in reports) == 0
