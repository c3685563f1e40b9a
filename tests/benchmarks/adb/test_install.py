"""The kit installs an APK by the route the phone has, and says what to do when the phone refuses."""

from pathlib import Path

import pytest

from benchmarks.adb.errors import InstallError
from benchmarks.virtual_phone.state import FEATURES
from tests.benchmarks.apks import build_apk
from tests.benchmarks.conftest import Attach, Start

ROUTES = {"streamed": FEATURES, "pushed": ("shell_v2", "stat_v2")}


@pytest.mark.parametrize("features", ROUTES.values(), ids=ROUTES.keys())
def test_an_app_is_installed_and_then_updated(
    start: Start, attach: Attach, tmp_path: Path, features: tuple[str, ...]
) -> None:
    virtual = start(features=features)
    phone = attach(virtual)
    for version in (1, 2):
        apk = build_apk(tmp_path / "app.apk", "org.example.new", version, abis=("x86_64", "arm64-v8a"))
        phone.install(apk)
        assert virtual.state.installed["org.example.new"].version_code == version
    assert phone.list_folder("/data/local/tmp") == {}, "the pushed APK is removed"
    assert phone.check(["pm", "path", "org.example.new"]) == "package:/data/app/org.example.new.apk\n"


@pytest.mark.parametrize("features", ROUTES.values(), ids=ROUTES.keys())
def test_what_is_no_apk_is_refused_with_androids_code(
    start: Start, attach: Attach, tmp_path: Path, features: tuple[str, ...]
) -> None:
    phone = attach(start(features=features))
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
