"""adb-shell as it is on its own, faults and all, accepts the virtual phone: checksums, version 0x01000000."""

from pathlib import Path
from typing import Any

import pytest
from adb_shell.adb_device import AdbDeviceTcp

from benchmarks.adb.keys import load_keys
from tests.benchmarks.conftest import Start

FOLDER = "/data/local/tmp"


@pytest.fixture
def library(start: Start) -> Any:
    """An adb-shell device, connected to a phone that has not seen its key."""
    device = AdbDeviceTcp("127.0.0.1", start(known=False).port, default_transport_timeout_s=30)
    assert device.connect(rsa_keys=load_keys(), auth_timeout_s=30)
    yield device
    device.close()


def test_adb_shell_runs_commands(library: Any) -> None:
    assert library.shell("getprop ro.product.model") == "Virtual phone\n"
    assert library.exec_out("echo 'a b'") == "a b\n"


def test_adb_shell_pushes_stats_lists_and_pulls(library: Any, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(bytes(range(256)) * 300)
    library.push(str(tmp_path / "source"), f"{FOLDER}/file")
    mode, size, _ = library.stat(f"{FOLDER}/file")
    assert (mode & 0o777, size) == (0o777, 76_800), "its default mode is 0770, and adbd gives the user's bits to all"
    assert [bytes(entry.filename) for entry in library.list(FOLDER)] == [b"file"]
    library.pull(f"{FOLDER}/file", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == (tmp_path / "source").read_bytes()
    assert library.stat(f"{FOLDER}/none") == (0, 0, 0)
