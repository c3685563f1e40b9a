"""The kit installs an APK without granting it anything, for one user, and says what to do when the phone refuses."""

from pathlib import Path

import pytest

from benchmarks.adb.errors import InstallError
from benchmarks.virtual_phone.persona import Behaviour, Persona, Reply
from tests.benchmarks.apks import build_apk
from tests.benchmarks.conftest import Attach, Start

NEW = "org.example.new"


def test_an_app_is_installed_and_then_updated(start: Start, attach: Attach, tmp_path: Path) -> None:
    virtual = start()
    phone = attach(virtual)
    for version in (1, 2):
        apk = build_apk(tmp_path / "app.apk", NEW, version, abis=("x86_64", "arm64-v8a"))
        phone.install(apk)
        assert virtual.state.installed[NEW].version_code == version
    assert phone.list_folder("/data/local/tmp") == {}, "nothing is pushed"
    assert phone.check(["pm", "path", NEW]) == f"package:/data/app/{NEW}.apk\n"


def test_an_app_is_installed_for_the_user_who_is_in_front(start: Start, attach: Attach, tmp_path: Path) -> None:
    second = Persona(title="x", behaviour=Behaviour(current_user=10, source="here"))
    virtual = start(persona=second)
    phone = attach(virtual)
    phone.install(build_apk(tmp_path / "app.apk", NEW), user=10)
    assert virtual.state.users[NEW] == {10}
    assert phone.check(["pm", "list", "packages", "--user", "0", NEW]) == ""
    assert phone.check(["pm", "list", "packages", "--user", "10", NEW]) == f"package:{NEW}\n"


def test_no_permission_is_granted_because_some_makers_refuse_that(start: Start, attach: Attach, tmp_path: Path) -> None:
    """Xiaomi, OPPO and realme: rom1v/sndcpy#151."""
    refusal = Reply(command="cmd package install .*-g .*", stdout="Security exception: …", exit_code=255, source="here")
    virtual = start(persona=Persona(title="x", replies=(refusal,)))
    attach(virtual).install(build_apk(tmp_path / "app.apk", NEW))
    assert NEW in virtual.state.installed


def test_what_is_no_apk_is_refused_with_androids_code(start: Start, attach: Attach, tmp_path: Path) -> None:
    phone = attach(start())
    (tmp_path / "app.apk").write_bytes(b"PK" + bytes(5_000_000))
    with pytest.raises(
        InstallError, match=r"^install app\.apk: phone 127.* refused the APK; see what it said"
    ) as caught:
        phone.install(tmp_path / "app.apk")
    assert caught.value.code == "INSTALL_PARSE_FAILED_NOT_APK"


def test_a_refusal_in_the_middle_of_a_big_apk_is_heard(start: Start, attach: Attach, tmp_path: Path) -> None:
    phone = attach(start("refused-install"))
    (tmp_path / "app.apk").write_bytes(bytes(60_000_000))
    with pytest.raises(InstallError, match="Install via USB"):
        phone.install(tmp_path / "app.apk")
