"""Which adb is taken, and that a program is asked before it counts as one."""

import shutil
from pathlib import Path

import pytest

from benchmarks.adb.program import AdbProgram, find_adb
from tests.benchmarks.conftest import adb_in_wheel


def program(folder: Path, output: str) -> Path:
    """A program called adb in `folder` that prints `output` whatever it is asked."""
    folder.mkdir(parents=True)
    path = folder / "adb"
    path.write_text(f"#!/bin/sh\ncat <<'END'\n{output}\nEND\n")
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what a test puts there is found, before what is installed."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")


def test_the_sdks_adb_is_preferred_to_the_one_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_path = program(tmp_path / "bin", "Android Debug Bridge version 1.0.39\nRevision 1:8.1.0")
    assert find_adb() == AdbProgram(str(on_path), 39, None)
    usual = program(tmp_path / "Android/Sdk/platform-tools", "Android Debug Bridge version 1.0.41\nVersion 35.0.2-1")
    assert find_adb() == AdbProgram(str(usual), 41, "35.0.2-1")
    named = program(tmp_path / "sdk/platform-tools", "Android Debug Bridge version 1.0.41\nVersion 36.0.0-1")
    monkeypatch.setenv("ANDROID_HOME", str(tmp_path / "sdk"))
    assert find_adb() == AdbProgram(str(named), 41, "36.0.0-1")


def test_another_program_called_adb_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "bin", "Apple Desktop Bus 2.0")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}")
    assert find_adb() is None


@pytest.mark.parametrize("path", [shutil.which("adb"), adb_in_wheel()], ids=["PATH", "wheel"])
def test_a_real_adb_tells_its_version(path: str | None, tmp_path: Path) -> None:
    if path is None:
        pytest.skip("adb is not installed")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/adb").symlink_to(path)
    found = find_adb()
    assert found is not None
    assert found.path == str(tmp_path / "bin/adb")
    assert found.server_version >= 39
    assert found.release
