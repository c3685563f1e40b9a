"""`make install`: the APK goes onto the phones that are named, or onto the only one."""

import sys
from pathlib import Path

import pytest

from android_app.desktop.apk import install
from benchmarks.adb import candidates
from tests.benchmarks.apks import build_apk
from tests.benchmarks.conftest import Start


def test_the_apk_is_installed_on_every_named_phone(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(candidates, "_seen_on_usb", lambda: ([], None))
    monkeypatch.setattr(install, "APK", build_apk(tmp_path / "app.apk", "org.example.new", abis=("x86_64",)))
    phones = [start(serial=f"virtual-{number}") for number in (1, 2, 3)]
    places = [word for phone in phones for word in ("--tcp", phone.address)]
    monkeypatch.setattr(sys, "argv", ["install", *places])
    assert install.main() == 2
    assert "3 phones are attached" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", ["install", *places, "-s", "virtual-1", "-s", phones[2].address])
    assert install.main() == 0
    assert capsys.readouterr().out.splitlines() == ["app.apk is on Virtual phone"] * 2
    assert ["org.example.new" in phone.state.installed for phone in phones] == [True, False, True]
