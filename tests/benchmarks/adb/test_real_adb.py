"""Real adb programs accept the virtual phone, whatever their age."""

import secrets
from pathlib import Path

import pytest

from benchmarks.virtual_phone.daemon import VirtualPhone
from benchmarks.virtual_phone.state import FEATURES
from tests.benchmarks.apks import build_apk
from tests.benchmarks.conftest import APP, Adb, Start

FOLDER = "/data/local/tmp"


def connected(adb: Adb, phone: VirtualPhone) -> VirtualPhone:
    said = adb("connect", phone.address).stdout
    assert said.startswith("connected to"), said
    return phone


def test_adb_lists_the_phone_with_its_model(adb: Adb, start: Start) -> None:
    phone = connected(adb, start())
    line = next(line for line in adb("devices", "-l").stdout.splitlines() if line.startswith(phone.address))
    assert "device product:virtual model:Virtual_phone" in line


def test_a_key_the_phone_has_not_seen_is_offered_and_then_known(adb: Adb, start: Start) -> None:
    phone = start(known=False)
    adb("connect", phone.address)  # adb 29 says "failed to authenticate", for it does not wait for the user
    adb("wait-for-device", phone=phone)
    assert adb("shell", "id", phone=phone).stdout.startswith("uid=2000(shell)")
    adb("disconnect", phone.address)
    assert adb("connect", phone.address).stdout.startswith("connected to"), "the second time its signature is enough"


def test_a_phone_that_refuses_the_key_is_unauthorized(adb: Adb, start: Start) -> None:
    phone = start("unauthorised")
    adb("connect", phone.address)
    assert f"{phone.address}\tunauthorized" in adb("devices").stdout
    assert "device unauthorized" in adb("shell", "true", phone=phone).stderr


@pytest.mark.parametrize("features", [FEATURES, ("cmd",)], ids=["shell-v2", "shell-v1"])
def test_adb_shell_works_in_both_versions(adb: Adb, start: Start, features: tuple[str, ...]) -> None:
    phone = connected(adb, start(features=features))
    result = adb("shell", "ls /nowhere", phone=phone)
    assert "ls: /nowhere: No such file or directory" in result.stdout + result.stderr
    assert result.returncode == (1 if "shell_v2" in features else 0)
    assert adb("exec-out", "getprop", "ro.product.model", phone=phone).stdout == "Virtual phone\n"


@pytest.mark.parametrize("features", [FEATURES, ("shell_v2", "cmd")], ids=["sync-v2", "sync-v1"])
def test_adb_pushes_pulls_and_lists(adb: Adb, start: Start, features: tuple[str, ...], tmp_path: Path) -> None:
    phone = connected(adb, start(features=features))
    folder = tmp_path / "folder"
    folder.mkdir()
    for index in range(20):
        (folder / f"{index}").write_bytes(secrets.token_bytes(index * 7001))
    (folder / "big").write_bytes(secrets.token_bytes(5_000_000))
    assert adb("push", folder, FOLDER, phone=phone).returncode == 0
    assert adb("pull", f"{FOLDER}/folder", tmp_path / "back", phone=phone).returncode == 0
    names = sorted(path.name for path in folder.iterdir())
    assert [(tmp_path / "back" / name).read_bytes() for name in names] == [(folder / n).read_bytes() for n in names]
    listed = adb("ls", f"{FOLDER}/folder", phone=phone).stdout
    assert sorted(line.split()[-1] for line in listed.splitlines()) == sorted([*names])


def test_adb_sees_the_phones_own_words_for_failures(adb: Adb, start: Start, tmp_path: Path) -> None:
    phone = connected(adb, start("full-disk=1000000"))
    (tmp_path / "big").write_bytes(bytes(9_000_000))
    (tmp_path / "small").write_bytes(b"x")
    full = adb("push", tmp_path / "big", f"{FOLDER}/big", phone=phone)
    assert full.returncode == 1
    assert "No space left on device" in full.stdout + full.stderr
    forbidden = adb("push", tmp_path / "small", "/system/small", phone=phone)
    assert "Permission denied" in forbidden.stdout + forbidden.stderr
    missing = adb("pull", f"{FOLDER}/none", tmp_path / "back", phone=phone)
    assert "No such file or directory" in missing.stdout + missing.stderr


ROUTES = {
    "abb": FEATURES,
    "exec": ("shell_v2", "cmd", "stat_v2"),
    "push": ("shell_v2", "stat_v2"),
}


@pytest.mark.parametrize("features", ROUTES.values(), ids=ROUTES.keys())
def test_adb_installs_by_each_route(adb: Adb, start: Start, features: tuple[str, ...], tmp_path: Path) -> None:
    phone = connected(adb, start(features=features))
    apk = build_apk(tmp_path / "new.apk", "org.example.new", version_code=7, abis=("x86_64",))
    result = adb("install", "-r", "-t", "-g", apk, phone=phone)
    assert "Success" in result.stdout, result.stdout + result.stderr
    listed = adb("shell", "pm list packages --show-versioncode org.example.new", phone=phone).stdout
    assert listed == "package:org.example.new versionCode:7\n"
    old = build_apk(tmp_path / "old.apk", "org.example.new", version_code=6)
    refused = adb("install", "-r", old, phone=phone)
    assert "INSTALL_FAILED_VERSION_DOWNGRADE" in refused.stdout + refused.stderr
    assert adb("uninstall", "org.example.new", phone=phone).stdout.strip() == "Success"


def test_input_reaches_a_command(adb: Adb, start: Start) -> None:
    phone = connected(adb, start())
    text = "".join(f"line {number}\n" for number in range(200_000))
    command = f"run-as {APP} sh -c 'cat > files/input'"
    assert adb("shell", command, phone=phone, stdin=text).returncode == 0
    written = phone.state.sandbox.root / "data/data" / APP / "files/input"
    assert written.read_text() == text


def test_adb_runs_instrumentation(adb: Adb, start: Start) -> None:
    phone = connected(adb, start("native-crash"))
    result = adb("shell", "am", "instrument", "-w", "-r", f"{APP}/.Runner", phone=phone)
    assert result.returncode == 0, "am does not tell a crash by its exit code"
    assert result.stdout.splitlines() == [
        "INSTRUMENTATION_RESULT: shortMsg=Native crash",
        "INSTRUMENTATION_RESULT: longMsg=Native crash: Segmentation fault",
        "INSTRUMENTATION_CODE: 0",
    ]


def test_an_unplugged_phone_ends_adb_with_an_error(adb: Adb, start: Start, tmp_path: Path) -> None:
    phone = connected(adb, start("unplug=2000000"))
    (tmp_path / "big").write_bytes(bytes(9_000_000))
    assert adb("push", tmp_path / "big", f"{FOLDER}/big", phone=phone).returncode == 1
