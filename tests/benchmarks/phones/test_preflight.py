"""What speaks against a phone: text of dumpsys in, findings out, and a phone that is asked for real."""

import dataclasses
from pathlib import Path

import pytest
from msgspec.structs import replace

from benchmarks.adb.errors import InstallError
from benchmarks.formats.manifest import Manifest
from benchmarks.formats.run_file import Battery, InstalledApp, PhoneFacts, RefusedQuestion, Vitals
from benchmarks.phones.app import PACKAGE
from benchmarks.phones.preflight import OVERRIDABLE, Needs, judge, of_refused_install
from benchmarks.phones.vitals import (
    last_exit,
    parse_awake,
    parse_free_bytes,
    parse_locked,
    parse_power_save,
    parse_thermal_status,
    parse_user,
)
from metadata.finding import Severity
from tests.benchmarks.exports import RECIPE, spoil_variant

NOTHING = Needs((), 0, None)
FACTS = PhoneFacts("S1", "Maker", "Model", "SoC", "14", 34, ("arm64-v8a",), "print", Battery(80, 25.0), False)
WELL = Vitals(FACTS, False, 0, False, False, 10**10, InstalledApp(1, "a" * 64), user=0, awake=True, page_bytes=4096)
REFUSED = RefusedQuestion(f"pm list packages --show-versioncode {PACKAGE}", "java.lang.SecurityException: no")
CASES = {
    "LOW-BATTERY": (replace(WELL, facts=replace(FACTS, battery=Battery(19, 25.0))), NOTHING),
    "HOT": (replace(WELL, facts=replace(FACTS, battery=Battery(80, 40.0))), NOTHING),
    "THROTTLED": (replace(WELL, thermal_status=2), NOTHING),
    "POWER-SAVE": (replace(WELL, power_save=True), NOTHING),
    "EMULATOR": (replace(WELL, is_emulator=True), NOTHING),
    "SCREEN-LOCKED": (replace(WELL, locked=True, awake=False), NOTHING),
    "SCREEN-OFF": (replace(WELL, awake=False), NOTHING),
    "SET-BY-HAND": (replace(WELL, set_by_hand=("battery",)), NOTHING),
    "NO-SPACE": (replace(WELL, free_bytes=150_000_000), dataclasses.replace(NOTHING, pushed_bytes=60_000_000)),
    "WRONG-ABI": (replace(WELL, facts=replace(FACTS, abis=("riscv64",))), NOTHING),
    "APP-MISSING": (replace(WELL, app=None), NOTHING),
    "APP-UNKNOWN": (replace(WELL, app=None, refused=(REFUSED,)), NOTHING),
    "APP-OUTDATED": (WELL, dataclasses.replace(NOTHING, apk_sha256="b" * 64)),
}


def test_a_phone_that_is_well_has_no_findings() -> None:
    judged = judge(WELL, dataclasses.replace(NOTHING, apk_sha256="a" * 64))
    assert (judged.stopping, judged.notes) == ((), ())


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


def test_what_a_phone_does_not_say_stops_nothing_and_is_said_to_be_unknown() -> None:
    silent = replace(FACTS, abis=(), battery=Battery(None, None))
    unknown = Vitals(silent, False, None, None, None, None, InstalledApp(None, None))
    judged = judge(unknown, dataclasses.replace(NOTHING, pushed_bytes=10**12, apk_sha256="b" * 64))
    assert judged.stopping == ()
    (note,) = judged.notes
    assert note.id == "STATE-UNKNOWN"
    assert note.summary == (
        "it does not say its charge, its battery's temperature, whether it is throttled for heat, whether a battery "
        "saver is on, whether it is locked, its free space and which user is in front"
    )


def test_a_refused_question_is_a_finding_of_its_own_and_the_app_is_not_called_absent() -> None:
    thermal = RefusedQuestion("dumpsys thermalservice", "Permission Denial: can't dump")
    judged = judge(replace(WELL, thermal_status=None, app=None, refused=(thermal, REFUSED)), NOTHING)
    assert [one.id for one in judged.stopping] == ["APP-UNKNOWN"]
    assert [one.id for one in judged.notes] == ["STATE-UNKNOWN", "QUESTION-REFUSED"]
    assert judged.notes[1].summary == "it refused `dumpsys thermalservice`: Permission Denial: can't dump"
    assert judged.notes[1].remedy == "docs/first_phone.md has each maker's switches"
    keys = RefusedQuestion("input keyevent KEYCODE_WAKEUP", "java.lang.SecurityException: … INJECT_EVENTS permission")
    (note,) = judge(replace(WELL, refused=(keys,)), NOTHING).notes
    assert "USB debugging (Security settings)" in note.remedy
    space = RefusedQuestion("df -k /data/local/tmp", "df: /data/local/tmp: Permission denied")
    assert "use a folder" not in judge(replace(WELL, refused=(space,)), NOTHING).notes[0].remedy


def test_another_user_than_the_owner_is_named() -> None:
    (note,) = judge(replace(WELL, user=10), NOTHING).notes
    assert (note.id, note.summary) == ("OTHER-USER", "user 10 is in front, not its owner")


def test_savers_of_android_and_of_makers_are_named() -> None:
    for saver in ("the adaptive battery saver", "Xiaomi's battery saver"):
        (finding,) = judge(replace(WELL, savers=(saver,)), NOTHING).stopping
        assert (finding.id, finding.summary) == ("POWER-SAVE", f"{saver} is on")


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
    assert parse_thermal_status("IsStatusOverride: false\nThermal Status: 0\nHAL Ready: false\n") is None
    assert parse_thermal_status("Can't find service: thermalservice") is None
    assert parse_power_save("  mBatterySaverEnabled=false\n  mSettingBatterySaverEnabled=true\n") is True
    assert parse_power_save("  mBatterySaverEnabled=false\n") is False
    assert parse_power_save("") is None
    adaptive = "  Enabled=true\n    full=false\n    adaptive=true\n  mSettingBatterySaverEnabled=false\n"
    assert parse_power_save(adaptive) is True
    assert parse_power_save(adaptive.replace("true", "false")) is False
    assert parse_locked("  mDreamingLockscreen=false\n  isKeyguardShowing=true\n") is True
    assert parse_locked("    mShowingLockscreen=false mDreaming=false") is False
    assert parse_locked("nothing") is None
    in_use = ' User "x" (id=0, flags=0x4c13) (current): trusted=0, trustManaged=0, deviceLocked=0'
    assert parse_locked("mDreamingLockscreen=true\n  isKeyguardShowing=true\n", in_use) is None, "a OnePlus 6T in use"
    assert parse_locked("  isKeyguardShowing=true\n", in_use.replace("Locked=0", "Locked=1")) is True
    assert parse_locked("  isKeyguardShowing=false\n", in_use) is False
    assert parse_awake("  mWakefulness=Dozing\n") is False
    assert parse_awake("") is None
    assert parse_user("10\n") == 10
    assert parse_user("WARNING: linker\n0\n") == 0
    assert parse_user("Exception occurred while executing 'get-current-user':") is None
    assert "LOW_MEMORY" not in last_exit("ApplicationExitInfo #0: reason=10\nApplicationExitInfo #1: (LOW_MEMORY)")
