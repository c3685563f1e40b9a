"""setup.sh, run for real in a folder of its own, on machines that lack something."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOOLS = ("sh", "cat", "cksum", "dirname", "echo", "grep", "head", "mkdir", "printf", "rm", "sed", "touch")
UV = Path(sys.executable).parent / "uv"
NOWHERE = "http://127.0.0.1:9"  # loopback's discard port: refused at once


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A checkout's set-up files, and a PATH with the shell's own tools and no Python."""
    for name in ("setup.sh", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool) or pytest.skip(f"{tool} is not on this machine"))
    return tmp_path


def setup(machine: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run setup.sh as make does, with nothing of this process's environment."""
    surroundings = {"PATH": str(machine / "bin"), "HOME": str(machine), **environment}
    return subprocess.run(
        ["sh", "setup.sh"], cwd=machine, env=surroundings, capture_output=True, text=True, check=False
    )


def test_neither_uv_nor_python_is_one_line_that_says_what_to_install(machine: Path) -> None:
    done = setup(machine)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "setup: found neither uv 0.11 or newer nor a Python with pip; "
        "install Python 3.11 with pip, or uv, and run make again"
    ]


def program(path: Path, version: str) -> None:
    """A program that only tells its version, and leaves a mark when it is asked for more."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\n[ "$*" = --version ] && echo "{version}" || touch "$0.used"\n')
    path.chmod(0o755)


@pytest.mark.parametrize("version", ["uv 0.10.12 (Debian)", "uv 0.4.0", "UltraViolet 2.0.1", ""])
def test_another_uv_on_the_path_is_not_used(machine: Path, version: str) -> None:
    program(machine / "bin" / "uv", version)
    assert setup(machine).stderr.startswith("setup: found neither uv 0.11 or newer nor a Python with pip; ")
    assert not (machine / "bin" / "uv.used").exists()


@pytest.mark.parametrize("version", ["uv 0.11.0", "uv 0.13.9 (x86_64-unknown-linux-gnu)", "uv 1.0.0"])
def test_a_uv_on_the_path_that_knows_the_lock_s_options_is_used(machine: Path, version: str) -> None:
    program(machine / "bin" / "uv", version)
    assert "found neither" not in setup(machine).stderr
    assert (machine / "bin" / "uv.used").exists()


def test_the_locked_uv_comes_before_the_one_on_the_path(machine: Path) -> None:
    program(machine / "bin" / "uv", "uv 0.13.9")
    program(machine / "build" / "tools" / "bin" / "uv", "uv 0.13.9")
    setup(machine)
    assert (machine / "build" / "tools" / "bin" / "uv.used").exists()
    assert not (machine / "bin" / "uv.used").exists()


def test_no_python_3_11_and_no_way_to_fetch_it_is_one_line(machine: Path) -> None:
    if not UV.exists():
        pytest.skip("uv is not in this environment; run make setup")
    (machine / "bin" / "uv").symlink_to(UV)
    done = setup(machine, UV_PYTHON_DOWNLOADS="never", UV_PYTHON_PREFERENCE="only-managed", UV_NO_CACHE="1")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("setup: Python 3.11 is not here and uv could not fetch it (")
    assert line.endswith("install Python 3.11 (python.org, pyenv or your distribution) and run make again")
    assert not (machine / ".venv" / ".ready").exists()


def test_an_unreachable_index_is_one_line_and_leaves_no_ready_mark(machine: Path) -> None:
    (machine / "bin" / "python3").symlink_to(getattr(sys, "_base_executable", sys.executable))
    done = setup(machine, PIP_INDEX_URL=NOWHERE, PIP_RETRIES="0", PIP_CONFIG_FILE=os.devnull)
    assert done.returncode == 2
    first, last = done.stderr.splitlines()
    assert first == "setup: fetching uv"
    assert last.startswith("setup: uv could not be fetched (ERROR: ")
    assert not (machine / ".venv").exists()


def test_an_unchanged_lock_installs_nothing(machine: Path) -> None:
    python = machine / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    lock = (machine / "requirements.lock").read_bytes()
    checksum = subprocess.run(["cksum"], input=lock, capture_output=True, check=True).stdout
    (machine / ".venv" / ".ready").write_bytes(checksum)
    done = setup(machine)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
