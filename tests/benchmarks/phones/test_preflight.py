"""What speaks against a phone: text of dumpsys in, findings out, and a phone that is asked for real."""

import dataclasses
from pathlib import Path

import pytest
from msgspec.structs import replace

from benchmarks.adb.discovery import Found
from benchmarks.adb.errors import InstallError
from benchmarks.adb.facts import read_facts
from benchmarks.adb.phone import AdbPhone
from benchmarks.formats.errors import RunError
from benchmarks.formats.manifest import Manifest
from benchmarks.formats.run_file import Battery, InstalledApp, PhoneFacts, Vitals
from benchmarks.phones.admission import admit, admit_all, describe
from benchmarks.phones.app import PACKAGE
from benchmarks.phones.preflight import OVERRIDABLE, Needs, judge, of_refused_install
from benchmarks.phones.vitals import (
    last_exit,
    parse_free_bytes,
    parse_locked,
    parse_power_save,
    parse_thermal_status,
    read_vitals,
)
from benchmarks.virtual_phone.state import App
from benchmarks.virtual_phone.state import BatteryState as VirtualBattery
from metadata.finding import Severity
from metadata.hashes import sha256_of
from tests.benchmarks.apks import build_apk
from tests.benchmarks.conftest import Attach, Start
from tests.benchmarks.exports import RECIPE, spoil_variant

NOTHING = Needs((), 0, None)
FACTS = PhoneFacts("S1", "Maker", "Model", "SoC", "14", 34, ("arm64-v8a",), "print", Battery(80, 25.0), False)
WELL = Vitals(FACTS, False, 0, False, False, 10**10, InstalledApp(1, "a" * 64))
CASES = {
    "LOW-BATTERY": (replace(WELL, facts=replace(FACTS, battery=Battery(19, 25.0))), NOTHING),
    "HOT": (replace(WELL, facts=replace(FACTS, battery=Battery(80, 40.0))), NOTHING),
    "THROTTLED": (replace(WELL, thermal_status=2), NOTHING),
    "POWER-SAVE": (replace(WELL, power_save=True), NOTHING),
    "EMULATOR": (replace(WELL, is_emulator=True), NOTHING),
    "SCREEN-LOCKED": (replace(WELL, locked=True), NOTHING),
    "NO-SPACE": (replace(WELL, free_bytes=150_000_000), dataclasses.replace(NOTHING, pushed_bytes=60_000_000)),
    "WRONG-ABI": (replace(WELL, facts=replace(FACTS, abis=("riscv64",))), NOTHING),
    "APP-MISSING": (replace(WELL, app=None), NOTHING),
    "APP-OUTDATED": (WELL, dataclasses.replace(NOTHING, apk_sha256="b" * 64)),
}


def test_a_phone_that_is_well_has_no_findings() -> None:
    assert judge(WELL, dataclasses.replace(NOTHING, apk_sha256="a" * 64)).stopping == ()


@pytest.mark.parametrize("name", CASES)
def test_each_finding_has_its_case_and_says_what_to_do(name: str) -> None:
    vitals, needs = CASES[name]
    (finding,) = judge(vitals, needs).stopping
    assert finding.id == name
    assert finding.summary
    assert finding.remedy
    verdict = judge(vitals, needs, allow=[name])
    overridable = finding.severity is Severity.WARNING
    assert overridable is (name in OVERRIDABLE)
    assert verdict.allowed == ((finding,) if overridable else ())
    assert verdict.stopping == (() if overridable else (finding,))


def test_what_a_phone_does_not_say_is_no_finding() -> None:
    silent = replace(FACTS, abis=(), battery=Battery(None, None))
    unknown = Vitals(silent, False, None, None, None, None, InstalledApp(None, None))
    assert judge(unknown, dataclasses.replace(NOTHING, pushed_bytes=10**12, apk_sha256="b" * 64)).stopping == ()


def test_a_model_newer_than_the_apps_runtime_is_named_with_its_operator(own_export: Path) -> None:
    spoil_variant(own_export, "int8")
    recipe = Manifest.read(own_export).recipes[RECIPE]
    (finding,) = judge(WELL, Needs([(recipe, one) for one in recipe.variants.values()], 0, None)).stopping
    assert finding.id == "RUNTIME-TOO-OLD"
    assert "version 99, which tiny int8 uses" in finding.summary


def test_a_refused_update_is_a_signature_only_when_android_says_so() -> None:
    finding = of_refused_install(InstallError("refused", "INSTALL_FAILED_UPDATE_INCOMPATIBLE"))
    assert finding is not None
    assert (finding.id, PACKAGE in finding.remedy) == ("APP-SIGNATURE", True)
    assert of_refused_install(InstallError("refused", "INSTALL_FAILED_OLDER_SDK")) is None


DF = "Filesystem 1K-blocks Used Available Use% Mounted on\n{}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (DF.format("/dev/block/dm-5 112345 100 5000 1% /data\n"), 5000 * 1024),
        (DF.format("/dev/fuse\n   112345 100 5000 1% /storage\n"), 5000 * 1024),
        ("df: /data: Permission denied\n", None),
        ("", None),
    ],
)
def test_free_space_is_the_fourth_column(text: str, expected: int | None) -> None:
    assert parse_free_bytes(text) == expected


def test_services_are_read_as_makers_print_them() -> None:
    assert parse_thermal_status("IsStatusOverride: false\nThermal Status: 3\n") == 3
    assert parse_thermal_status("Can't find service: thermalservice") is None
    assert parse_power_save("  mBatterySaverEnabled=false\n  mSettingBatterySaverEnabled=true\n") is True
    assert parse_power_save("  mBatterySaverEnabled=false\n") is False
    assert parse_power_save("") is None
    assert parse_locked("  mDreamingLockscreen=false\n  isKeyguardShowing=true\n") is True
    assert parse_locked("    mShowingLockscreen=false mDreaming=false") is False
    assert parse_locked("nothing") is None
    assert "LOW_MEMORY" not in last_exit("ApplicationExitInfo #0: reason=10\nApplicationExitInfo #1: (LOW_MEMORY)")


def found(phone: AdbPhone) -> Found:
    return Found(phone, read_facts(phone), ("tcp",))


def never(_question: str) -> bool:
    return False


def test_a_virtual_phone_tells_all_its_vitals(start: Start, attach: Attach) -> None:
    virtual = start(app=App(PACKAGE, version_code=3))
    virtual.state.battery = VirtualBattery(level_percent=12, temperature_deci_c=412, thermal_status=1)
    phone = attach(virtual)
    vitals = read_vitals(phone)
    assert (vitals.temperature_c, vitals.thermal_status, vitals.locked, vitals.power_save) == (41.2, 1, False, False)
    assert vitals.app == InstalledApp(3, None)
    assert vitals.free_bytes
    admission = admit(found(phone), NOTHING, ["HOT"], False, Path("none.apk"), never)
    assert [one.id for one in admission.stopping] == ["LOW-BATTERY", "THROTTLED"]
    assert [one.id for one in admission.allowed] == ["HOT"]
    assert describe(admission).endswith("(or --allow LOW-BATTERY --allow THROTTLED)")


def test_virtual_phones_of_one_name_are_not_taken_for_each_other(start: Start, attach: Attach) -> None:
    """Two runs at once, each with a virtual phone of its own."""
    first, second = (admit(found(attach(start())), NOTHING, (), False, Path("none.apk"), never) for _ in range(2))
    assert first.name == second.name
    assert first.lock != second.lock
    vitals = replace(first.vitals, facts=replace(first.vitals.facts, is_virtual=False))
    real = dataclasses.replace(first, vitals=vitals)
    assert real.lock == real.name, "whichever way a phone is attached, it is one phone"


def test_a_phone_that_is_gone_is_a_line_and_stops_no_other(start: Start, attach: Attach) -> None:
    gone, there = start(), start(serial="virtual-2")
    both = [found(attach(one)) for one in (gone, there)]
    address = gone.address
    gone.close()
    asked, silent = admit_all(both, NOTHING, (), False, Path("none.apk"), never)
    assert [one.phone.serial for one in asked] == [there.address]
    assert len(silent) == 1
    assert address in silent[0]


def test_the_app_is_installed_only_when_asked_or_confirmed(start: Start, attach: Attach, tmp_path: Path) -> None:
    phone = attach(start())
    apk = build_apk(tmp_path / "handset.apk", PACKAGE, version_code=2, abis=("x86_64",))
    needs = dataclasses.replace(NOTHING, apk_sha256=sha256_of(apk))
    asked: list[str] = []

    def decline(question: str) -> bool:
        asked.append(question)
        return False

    refused = admit(found(phone), needs, (), False, apk, decline)
    assert [one.id for one in refused.stopping] == ["APP-MISSING"]
    assert len(asked) == 1
    assert admit(found(phone), needs, (), True, apk, never).stopping == ()
    newer = build_apk(tmp_path / "newer.apk", PACKAGE, version_code=3, abis=("x86_64",))
    needs = dataclasses.replace(NOTHING, apk_sha256=sha256_of(newer))
    assert [one.id for one in admit(found(phone), needs, (), False, newer, never).stopping] == ["APP-OUTDATED"]
    assert admit(found(phone), needs, (), False, newer, lambda _: True).stopping == ()
    assert read_vitals(phone).app == InstalledApp(3, sha256_of(newer))


def test_an_apk_that_is_not_built_says_how_to_build_it(start: Start, attach: Attach, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"none\.apk is not there; build it with make apk, or give another with --apk"):
        admit(found(attach(start())), NOTHING, (), True, tmp_path / "none.apk", never)


def test_a_vendors_refusal_is_said_in_one_line(start: Start, attach: Attach, tmp_path: Path) -> None:
    apk = build_apk(tmp_path / "handset.apk", PACKAGE)
    with pytest.raises(InstallError, match='enable "Install via USB"'):
        admit(found(attach(start("refused-install"))), NOTHING, (), True, apk, never)
