"""A phone that is asked for real: let into a run, or kept out with a reason; and the app installed where asked."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from benchmarks.adb.discovery import Found
from benchmarks.adb.errors import InstallError
from benchmarks.adb.facts import read_facts
from benchmarks.adb.phone import AdbPhone
from benchmarks.adb.shell import ShellResult
from benchmarks.formats.errors import RunError
from benchmarks.formats.run_file import InstalledApp
from benchmarks.phones.admission import admit, admit_all, describe
from benchmarks.phones.app import PACKAGE
from benchmarks.phones.preflight import Needs
from benchmarks.phones.vitals import (
    read_vitals,
)
from benchmarks.virtual_phone.persona import Persona, Reply, load
from benchmarks.virtual_phone.state import App
from benchmarks.virtual_phone.state import BatteryState as VirtualBattery
from metadata.hashes import sha256_of
from tests.benchmarks.apks import build_apk
from tests.benchmarks.conftest import Attach, Start

NOTHING = Needs((), 0, None)


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
    assert (vitals.user, vitals.awake, vitals.page_bytes) == (0, True, 4096)
    assert (vitals.savers, vitals.set_by_hand, vitals.refused) == ((), (), ())
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


def test_an_app_that_was_just_installed_is_there_though_the_phone_will_not_say_so(
    start: Start, attach: Attach, tmp_path: Path
) -> None:
    virtual = start(persona=load("users_hidden"))
    phone = attach(virtual)
    apk = build_apk(tmp_path / "handset.apk", PACKAGE)
    refused = admit(found(phone), NOTHING, (), False, apk, never)
    assert [one.id for one in refused.stopping] == ["APP-UNKNOWN"]
    assert "Shell does not have permission to access user 100" in describe(refused)
    assert admit(found(phone), NOTHING, (), True, apk, never).stopping == ()
    assert PACKAGE in virtual.state.installed


def test_a_phone_is_asked_in_few_round_trips(start: Start, attach: Attach, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = attach(start(app=App(PACKAGE)))
    asked: list[str] = []
    shell = AdbPhone.shell

    def counted(self: AdbPhone, args: Sequence[str], **more: float | None) -> ShellResult:
        asked.append(args[0])
        return shell(self, args, **more)

    monkeypatch.setattr(AdbPhone, "shell", counted)
    read_vitals(phone)
    assert asked == ["sh", "sh", "sha256sum"]


def test_two_phones_of_one_model_and_number_have_results_of_their_own(start: Start, attach: Attach) -> None:
    twins = [start(serial="virtual-1"), start(serial="virtual-2")]
    for twin in twins:
        twin.state.properties["ro.serialno"] = "0123456789ABCDEF"
    both, _ = admit_all([found(attach(twin)) for twin in twins], NOTHING, (), False, Path("none.apk"), never)
    assert len({one.name for one in both}) == 2
    assert len({one.title for one in both}) == 2


@pytest.mark.parametrize(
    ("state", "saver"),
    [
        (("true", "true", "false"), "the battery saver"),
        (("true", "false", "true"), "the adaptive battery saver"),
        (("false", "false", "false"), None),
    ],
)
def test_savers_are_read_from_what_is_on_and_not_from_the_setting_alone(
    start: Start, attach: Attach, state: tuple[str, str, str], saver: str | None
) -> None:
    enabled, full, adaptive = state
    text = f"Battery saver state machine:\n  Enabled={enabled}\n    full={full}\n    adaptive={adaptive}\n"
    dumped = Reply(
        command="dumpsys power",
        stdout=f"{text}  mSettingBatterySaverEnabled=false\n",
        source="BatterySaverStateMachine",
    )
    vitals = read_vitals(attach(start(persona=Persona(title="x", replies=(dumped,)))))
    assert vitals.savers == ((saver,) if saver else ())


def test_a_phone_that_has_not_finished_starting_is_not_said_to_lack_the_app(start: Start, attach: Attach) -> None:
    starting = Reply(command="pm .*", stderr="cmd: Can't find service: package\n", exit_code=20, source="AOSP cmd.cpp")
    phone = attach(start(persona=Persona(title="x", replies=(starting,)), app=App(PACKAGE)))
    admission = admit(found(phone), NOTHING, (), False, Path("none.apk"), never)
    assert [one.id for one in admission.stopping] == ["APP-UNKNOWN"]
    assert "cmd: Can't find service: package" in describe(admission)
