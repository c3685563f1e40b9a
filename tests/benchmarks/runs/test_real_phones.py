"""What real phones do to a run: other users, a closed folder, a screen in the background, deaths with a cause."""

from pathlib import Path

import pytest

from benchmarks.adb.phone import AdbPhone
from benchmarks.formats.run_file import Vitals
from benchmarks.phones.app import PACKAGE
from benchmarks.phones.vitals import read_vitals
from benchmarks.runs.result_folder import ResultFolder
from benchmarks.virtual_phone.persona import Behaviour, Persona, PropertyGroup, Reply, load
from tests.benchmarks.conftest import Attach, Start
from tests.benchmarks.rig import Rig, Told, left_on, start_with_app


def vitals_of(phone: AdbPhone) -> Vitals:
    return read_vitals(phone)


def test_the_user_in_front_is_measured_and_that_users_results_come_home(
    start: Start, attach: Attach, export: Path, tmp_path: Path
) -> None:
    virtual, rig = start_with_app(start, persona=load("second_user")), Rig(export, tmp_path)
    phone = attach(virtual)
    vitals = vitals_of(phone)
    assert (vitals.user, vitals.app is not None) == (10, True)
    outcome = rig.work(phone, vitals=vitals)
    assert outcome.is_complete
    assert len(rig.results()) == 6
    assert list(virtual.state.files_of(PACKAGE, 10).iterdir()) == [], "results are deleted where they were written"


def test_results_are_taken_from_the_shared_storage_where_run_as_is_broken(
    start: Start, attach: Attach, export: Path, tmp_path: Path
) -> None:
    virtual, rig, told = start_with_app(start, persona=load("run_as_broken")), Rig(export, tmp_path), Told()
    outcome = rig.work(attach(virtual), told=told)
    assert (outcome.ended, outcome.failures, outcome.left_behind) == (None, [], None)
    assert len(rig.results()) == 6
    (note,) = outcome.notes
    assert note.id == "RUN-AS-REFUSED"
    assert "run-as: Could not set capabilities: Operation not permitted" in note.summary
    assert any("RUN-AS-REFUSED" in line for line in told.lines)
    shared = virtual.state.sandbox.root / "sdcard/Android/data" / PACKAGE / "files"
    assert list(shared.iterdir()) == []
    assert left_on(virtual) == []


def test_a_phone_that_closes_both_folders_ends_its_run_with_that_reason(
    start: Start, attach: Attach, export: Path, tmp_path: Path
) -> None:
    """Some versions of EMUI close /sdcard/Android to adb: RikkaApps/Shizuku#302."""
    refused = "cat: /sdcard/Android/data/app.handset/files/x: Permission denied\n"
    closed = Reply(command="(cat|sha256sum|ls -a) /sdcard/.*", stderr=refused, exit_code=1, source="Shizuku#302")
    persona = Persona(title="x", replies=(closed, *load("run_as_broken").replies))
    outcome = Rig(export, tmp_path).work(attach(start_with_app(start, persona=persona)))
    assert outcome.finished == []
    assert "opens neither the app's folder nor the shared one; use another phone" in (outcome.ended or "")


def test_the_shared_folder_is_that_of_the_user(start: Start, attach: Attach) -> None:
    phone = attach(start())
    assert ResultFolder(phone).path == "files"
    assert ResultFolder(phone, 0, shared=True).path == f"/sdcard/Android/data/{PACKAGE}/files"
    assert ResultFolder(phone, 10, shared=True).path == f"/storage/emulated/10/Android/data/{PACKAGE}/files"
    assert ResultFolder(phone, 10, shared=True).arguments == ["-e", "results", "external"]


@pytest.mark.parametrize(
    ("maker", "remedy"),
    [("Xiaomi", "Display pop-up windows while running in the background"), ("Google", "leave the app in front")],
)
def test_a_screen_that_never_came_to_the_front_is_noted_once_with_the_makers_switch(
    start: Start, attach: Attach, export: Path, tmp_path: Path, maker: str, remedy: str
) -> None:
    properties = PropertyGroup(values={"ro.product.manufacturer": maker}, source="here")
    behaviour = Behaviour(in_front=False, source="android/android-test#1875")
    persona = Persona(title="x", properties=(properties,), behaviour=behaviour)
    phone = attach(start_with_app(start, persona=persona))
    outcome = Rig(export, tmp_path).work(phone, vitals=vitals_of(phone))
    assert outcome.is_complete
    (note,) = outcome.notes
    assert (note.id, note.summary) == ("NOT-IN-FRONT", "the app was not in front")
    assert remedy in note.remedy


EXITS = {
    "reason=2 (SIGNALED) subreason=0 (UNKNOWN) status=9": "killed the app with a signal",
    "reason=3 (LOW_MEMORY) subreason=0 (UNKNOWN) status=0": "killed the app for memory",
    "reason=5 (CRASH NATIVE) subreason=0 (UNKNOWN) status=11": "crash in native code",
    "reason=6 (ANR) subreason=0 (UNKNOWN) status=0": "did not react",
    "reason=9 (EXCESSIVE RESOURCE USAGE) subreason=7 (EXCESSIVE CPU USAGE) status=0": "used too much",
    "reason=10 (USER REQUESTED) subreason=22 (REMOVE TASK) status=0": "on its user's request",
}


@pytest.mark.parametrize("row", EXITS)
def test_a_death_has_the_cause_that_android_wrote_down(
    start: Start, attach: Attach, export: Path, tmp_path: Path, row: str
) -> None:
    entry = f"  ApplicationExitInfo #0:\n    process={PACKAGE} {row}\n    importance=100 pss=0,00 rss=0,00\n"
    older = "  ApplicationExitInfo #1:\n    reason=4 (APP CRASH(EXCEPTION))\n"
    exits = Reply(command="dumpsys activity exit-info .*", stdout=entry + older, source="AOSP ApplicationExitInfo.java")
    behaviour = Behaviour(crash="Process crashed.", source="AOSP Instrument.java")
    persona = Persona(title="x", behaviour=behaviour, replies=(exits,))
    rig, told = Rig(export, tmp_path), Told()
    outcome = rig.work(attach(start_with_app(start, persona=persona)), told=told, steps=rig.steps[:1])
    (failure,) = outcome.failures
    assert EXITS[row] in failure.message
    assert row in failure.message, "in Android's own words"


def test_a_crash_is_told_with_the_whole_message_of_its_exception(
    start: Start, attach: Attach, export: Path, tmp_path: Path
) -> None:
    rig = Rig(export, tmp_path)
    phone = attach(start_with_app(start, persona=load("app_crash")))
    (failure,) = rig.work(phone, steps=rig.steps[:1]).failures
    assert failure.message.endswith(
        "saw the app crash; see `adb logcat -b crash` (it said: java.lang.RuntimeException: No content provider "
        "registered)"
    )
