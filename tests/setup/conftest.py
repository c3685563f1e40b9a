"""A computer for setup.sh."""

import shutil
from pathlib import Path

import pytest

from tests.setup.machine import link_tools
from tests.setup.stand_ins import ROOT


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A checkout's set-up files in a folder with a blank and Korean letters; its `bin` is PATH and has no Python."""
    kit = tmp_path / "내 프로젝트" / "kit"
    shutil.copytree(ROOT / "requirements", kit / "requirements", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "setup.sh", kit)
    link_tools(kit / "bin")
    (kit / "home").mkdir()
    return kit
