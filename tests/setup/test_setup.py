"""setup.sh, run for real in a folder of its own, on machines that lack something. Scripts stand in for uv."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.setup.machine import NOWHERE
from tests.setup.stand_ins import (
    LOCKED_UV,
    LOCKS,
    calls_of,
    environment_of,
    failing_uv,
    locked_uv,
    setup,
    stand_in,
    uv_of,
)

NO_UV = "setup: found neither uv 0.4 or newer nor a Python with pip; "


def test_neither_uv_nor_python_is_one_line_that_says_what_to_install(machine: Path) -> None:
    done = setup(machine)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"setup: fetching uv {LOCKED_UV}",
        f"{NO_UV}install uv, or Python 3.11 with pip (Debian, Ubuntu: python3-pip), and run make again",
    ]


@pytest.mark.parametrize("version", ["uv 0.3.5", "uv 0.1.44 (Debian)", "UltraViolet 2.0.1", ""])
def test_another_uv_on_the_path_is_not_used(machine: Path, version: str) -> None:
    other = stand_in(machine / "bin" / "uv", version, "")
    assert NO_UV in setup(machine).stderr
    assert calls_of(other) == []


@pytest.mark.parametrize(
    ("version", "certificates"),
    [("0.4.30", "UV_NATIVE_TLS"), ("0.10.12", "UV_NATIVE_TLS"), ("0.13.9", None), ("1.0.0", None)],
)
def test_a_uv_on_the_path_only_fetches_the_locked_one(machine: Path, version: str, certificates: str | None) -> None:
    locked = locked_uv(machine).rename(machine / "locked")
    does = f'[ "$1" = venv ] || {{ mkdir -p build/tools/uv/bin && cp "{locked}" build/tools/uv/bin/uv; }}'
    other = stand_in(machine / "bin" / "uv", f"uv {version} (abc 2024-11-04)", does)
    done = setup(machine)
    assert (done.returncode, done.stdout) == (0, "")
    make, install = calls_of(other)
    assert make.startswith("venv --quiet --python >=3.8 ")
    assert install.endswith("--no-deps --require-hashes --requirement requirements/uv.lock")
    seen = environment_of(other)
    assert seen["UV_NO_CONFIG"] == "1"
    assert {name for name in seen if name == "UV_NATIVE_TLS"} == ({certificates} if certificates else set())
    create, packages = calls_of(uv_of(machine))
    assert create == "venv --quiet --clear --python 3.11 .venv"
    assert packages.endswith("--no-deps --require-hashes --requirement requirements/export.lock")
    assert (machine / ".venv" / ".ready-export").is_file()


def test_a_locked_uv_of_another_version_is_replaced(machine: Path) -> None:
    old = stand_in(uv_of(machine), "uv 0.13.8", "")
    assert NO_UV in setup(machine).stderr
    assert not old.exists()


def test_where_the_uv_on_the_path_cannot_fetch_pip_is_tried_and_both_reasons_are_told(machine: Path) -> None:
    stand_in(machine / "bin" / "uv", "uv 0.4.30", "echo 'error: no route to the index' >&2; exit 2")
    (machine / "bin" / "python3").symlink_to(getattr(sys, "_base_executable", sys.executable))
    done = setup(machine, PIP_INDEX_URL=f"{NOWHERE}/simple", PIP_RETRIES="0", PIP_CONFIG_FILE=os.devnull)
    line = done.stderr.splitlines()[-1]
    assert line.startswith(
        f"setup: uv could not be fetched (uv 0.4.30: no route to the index; pip: {NOWHERE}/simple/uv/: "
    )
    assert "Connection refused" in line
    assert line.endswith(
        "; connect, or name your proxy in HTTPS_PROXY or your mirror in PIP_INDEX_URL, and run make again"
    )
    assert not (machine / ".venv").exists()


@pytest.mark.parametrize(
    ("output", "line"),
    [
        (
            "error: Failed to fetch: `https://mirror/simple/numpy/`\n  Caused by: Request failed after 3 retries\n"
            "  Caused by: error sending request\n  Caused by: invalid peer certificate: UnknownIssuer\n",
            "Failed to fetch: `https://mirror/simple/numpy/`: invalid peer certificate: UnknownIssuer); "
            "add your company's certificate to the system's store, or name its file in SSL_CERT_FILE, and "
            "run make again",
        ),
        (
            "  × Failed to download `pillow==13.0.0`\n  ├─▶ Failed to write to the distribution cache\n"
            "  ╰─▶ No space left on device (os error 28)\n\nhint: a hint\n",
            "Failed to download `pillow==13.0.0`: No space left on device (os error 28)); "
            "free disk space, and run make again",
        ),
        (
            "warning: something else\n  × Failed to download `rich==15.0.0`\n  ╰─▶ Hash mismatch for `rich==15.0.0`\n\n"
            "      Expected:\n        sha256:00\n\n      Computed:\n        sha256:11\n",
            "Failed to download `rich==15.0.0`: Hash mismatch for `rich==15.0.0`); "
            "do not use that index: it does not have what was locked, and run make again",
        ),
        (
            "error: No solution found\n  cause: Because there is no version of numpy==2.1.3 and you require it, we can "
            "conclude that your requirements are unsatisfiable.\n",
            "No solution found: Because there is no version of numpy==2.1.3 and you require it (in the default "
            "index)); "
            "name an index in PIP_INDEX_URL that has it, and run make again",
        ),
        (
            "error: No solution found\n  cause: Because numpy was not found in the package registry\n\n"
            "hint: An index (https://mirror/simple) returned a 403 Forbidden error. Check it.\n",
            "No solution found: An index (https://mirror/simple) returned a 403 Forbidden error); "
            "put the index's user and password into its address or into .netrc, and run make again",
        ),
        (
            "error: Request failed after 3 retries in 7.2s\n  cause: Failed to download `https://host/numpy.whl`\n"
            "  cause: error sending request for url (https://host/numpy.whl)\n  cause: operation timed out\n",
            "Failed to download `https://host/numpy.whl`: operation timed out); "
            "connect, or name your proxy in HTTPS_PROXY or your mirror in PIP_INDEX_URL, and run make again",
        ),
    ],
)
def test_a_failure_is_one_line_with_what_failed_the_cause_and_what_helps(machine: Path, output: str, line: str) -> None:
    failing_uv(machine, output)
    python = machine / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    done = setup(machine)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "setup: installing requirements/export.lock into .venv",
        f"setup: requirements/export.lock could not be installed ({line}",
    ]
    assert not (machine / ".venv" / ".ready-export").exists()


def test_what_the_locked_uv_is_run_for_fails_in_one_line_too(machine: Path) -> None:
    failing_uv(machine, "error: Failed to fetch: http://mirror/simple/rich/\n  cause: Connection refused\n")
    done = setup(machine, "--uv", "pip", "install", "rich")
    assert done.returncode == 2
    assert done.stderr == (
        "setup: uv failed (Failed to fetch: http://mirror/simple/rich/: Connection refused); "
        "connect, or name your proxy in HTTPS_PROXY or your mirror in PIP_INDEX_URL\n"
    )


def test_no_python_3_11_and_no_way_to_fetch_it_names_the_host(machine: Path) -> None:
    failing_uv(machine, "error: Failed to download https://host/python.tar.gz\n  Caused by: dns error\n")
    done = setup(machine)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line == (
        "setup: Python 3.11 is not here and uv could not fetch it (Failed to download https://host/python.tar.gz: dns "
        "error); connect, or name your proxy in HTTPS_PROXY or your mirror in UV_PYTHON_INSTALL_MIRROR, or install "
        "Python 3.11 (python.org, pyenv or your distribution), and run make again"
    )


def test_a_platform_without_packages_is_one_line(machine: Path) -> None:
    (machine / "bin" / "uname").unlink()
    stand_in(machine / "bin" / "uname", "", '[ "$1" = -s ] && echo Darwin || echo x86_64')
    done = setup(machine)
    assert (done.returncode, done.stderr) == (
        2,
        "setup: this computer is Darwin x86_64; use Linux x86_64, Linux aarch64 or macOS arm64 (on Windows: WSL2)\n",
    )


def ready(machine: Path, name: str, lock: str) -> None:
    """Mark a set as installed, with the checksum of this text."""
    python = machine / ".venv" / "bin" / "python"
    if not python.exists():
        python.parent.mkdir(parents=True)
        python.symlink_to(sys.executable)
    checksum = subprocess.run(["cksum"], input=lock.encode(), capture_output=True, check=True).stdout
    (machine / ".venv" / f".ready-{name}").write_bytes(checksum)


def test_an_unchanged_set_is_not_installed_again_and_a_changed_one_is(machine: Path) -> None:
    ready(machine, "export", LOCKS["export"])
    done = setup(machine)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    uv = locked_uv(machine)
    ready(machine, "test", "an older set")
    assert setup(machine, "export", "test").returncode == 0
    (install,) = calls_of(uv)
    assert install.endswith("--requirement requirements/test.lock")


def test_the_check_tells_certificates_uv_and_index_and_no_password(machine: Path) -> None:
    locked_uv(machine)
    done = setup(machine, "--check", PIP_INDEX_URL="https://user:secret@mirror/simple", SSL_CERT_FILE="setup.sh")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["certificates=setup.sh", f"uv={LOCKED_UV}", "index=https://mirror/simple"]
    done = setup(machine, "--check", PIP_NO_INDEX="1", SSL_CERT_DIR="bin")
    assert done.stdout.splitlines()[-1] == "index=the default, not asked: UV_OFFLINE or pip's no-index is set"


def test_an_index_that_is_silent_is_one_line(machine: Path) -> None:
    failing_uv(machine, "error: Failed to fetch: `https://mirror/simple/uv/`\n  Caused by: dns error\n")
    done = setup(machine, "--check")
    assert done.returncode == 2
    assert done.stderr == (
        "setup: the package index does not answer (Failed to fetch: `https://mirror/simple/uv/`: dns error); "
        "connect, or name your proxy in HTTPS_PROXY or your mirror in PIP_INDEX_URL\n"
    )
