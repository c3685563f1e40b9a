"""Everything that goes wrong in a run, on both transports: one line with what, which phone and what to do; nothing
half-written is taken for a result; nothing stays on the phone; and a rerun finishes the rest.
"""

import re
import threading
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from benchmarks.adb.address import Address
from benchmarks.adb.candidates import SearchPlaces
from benchmarks.adb.discovery import choose
from benchmarks.adb.errors import SeveralPhonesError
from benchmarks.adb.phone import AdbPhone
from benchmarks.adb.server import ServerTransport
from benchmarks.formats.errors import PhoneBusyError
from benchmarks.phones.admission import locked
from benchmarks.virtual_phone.faults import Fault
from tests.benchmarks.conftest import Attach, Start, free_port, installed_adb, running_adb
from tests.benchmarks.exports import empty_inputs, spoil_variant
from tests.benchmarks.rig import QUICK, Rig, Told, left_on, start_with_app

SOON_GIVEN_UP = replace(QUICK, patience=replace(QUICK.patience, return_s=0.3))
SILENCE_NOTICED = replace(QUICK, patience=replace(QUICK.patience, idle_s=0.5))


@dataclass(frozen=True, slots=True)
class Case:
    """A trouble, and how many of the plan's six jobs come home all the same; `words` are in the line about it."""

    trouble: str
    home: int
    words: str
    left_behind: bool = False


LOST = "check the cable|attach it|gone|see `adb devices`"
CASES = (
    Case("unplug=20000", 6, LOST),  # in a push
    Case("unplug=60000", 6, LOST),  # in a job, or when its result is asked for
    Case("unplug=140000", 6, LOST),  # in the last pull
    Case("reboot=0", 6, LOST),
    Case("crash", 0, "saw the app crash; see `adb logcat"),
    Case("crash=1", 0, "saw the app crash; see `adb logcat"),
    Case("native-crash", 0, "crash in native code; .* without a delegate"),
    Case("killed-for-memory", 0, "killed the app for memory; close other apps"),
    Case("silence=1", 0, "said nothing for 0.5 s; see that it is awake .*the app hung, and was stopped"),
    Case("corrupt-result", 0, "sent another result than it reported; run again"),
    Case("full-disk=30000", 0, "is full; free some space on it, or run `make phone-clean`"),
    Case("full-disk", 0, "is full; free some space on it, or run `make phone-clean`"),
    Case("unauthorised", 0, "accept the USB debugging dialog", left_behind=True),
)
ELSEWHERE = {Fault.WRONG_ABI, Fault.REFUSED_INSTALL, Fault.OFFLINE}
"""Found before a run begins: preflight and install have their own tests."""


def test_every_fault_of_a_phone_has_a_case() -> None:
    assert {case.trouble.partition("=")[0] for case in CASES} | ELSEWHERE == set(Fault)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.trouble)
def test_a_trouble_becomes_one_line_and_no_broken_result(
    start: Start, attach: Attach, export: Path, tmp_path: Path, case: Case
) -> None:
    virtual, rig, told = start_with_app(start, case.trouble), Rig(export, tmp_path), Told()
    settings = {"silence=1": SILENCE_NOTICED, "unauthorised": SOON_GIVEN_UP}
    outcome = rig.work(attach(virtual), settings.get(case.trouble, QUICK), told=told)
    lines = [*told.lines, *([outcome.ended] if outcome.ended else [])]
    assert [one for one in lines if "127.0.0.1:" in one], lines
    assert any(re.search(case.words, line) for line in lines), lines
    assert not any("\n" in line for line in lines)
    assert len(rig.results()) == len(outcome.finished) == case.home
    assert outcome.is_complete is (case.home == 6)
    assert (outcome.left_behind is not None) is case.left_behind
    assert left_on(virtual) == []
    assert list(rig.home.rglob(".incoming-*")) == []


def test_a_phone_that_stays_away_ends_its_run_and_a_rerun_finishes_it(
    start: Start, attach: Attach, export: Path, tmp_path: Path
) -> None:
    virtual, rig = start_with_app(start), Rig(export, tmp_path)

    class Unplug(Told):
        def job(self, title: str, number: int, total: int) -> None:
            super().job(title, number, total)
            if number == 4:
                virtual.close()

    outcome = rig.work(attach(virtual), SOON_GIVEN_UP, told=Unplug())
    assert len(outcome.finished) == len(rig.results()) == 3
    assert re.search("127.0.0.1.*did not come back within 0.3 s", outcome.ended or "")
    assert re.search("inputs may still lie on phone .*; attach it and run make phone-clean", outcome.left_behind or "")
    again = Told()
    outcome = rig.work(attach(start_with_app(start, serial="virtual-2")), told=again)
    assert outcome.is_complete
    assert len(rig.results()) == 6
    assert [line.partition("/")[0] for line in again.jobs] == ["4", "5", "6"], "what was finished is not run again"


def test_a_photograph_that_was_left_behind_is_swept_first(
    start: Start, attach: Attach, export: Path, tmp_path: Path
) -> None:
    virtual = start_with_app(start)
    phone = attach(virtual)
    phone.push(b"a photograph", "/data/local/tmp/handset/inputs/old.zip")
    phone.push(b"a job", "/data/local/tmp/handset/jobs/old/job.json")
    phone.push(b"half a model", "/data/local/tmp/handset/x.tflite.part-other")
    Rig(export, tmp_path).work(phone, steps=())
    assert left_on(virtual) == []
    assert phone.list_folder("/data/local/tmp/handset") == {}


def test_an_adb_server_that_is_killed_ends_the_run_in_one_line(
    start: Start, export: Path, tmp_path: Path, home: Path
) -> None:
    virtual, rig = start_with_app(start, "silence=1"), Rig(export, tmp_path)
    with running_adb(installed_adb(), "adb is not installed", home) as adb:
        adb.server.connect(Address.parse(virtual.address))
        phone = AdbPhone(ServerTransport(adb.server, virtual.address))

        class Kill(Told):
            def heartbeat(self, done: int, total: int) -> None:
                super().heartbeat(done, total)
                adb("kill-server")

        outcome = rig.work(phone, SOON_GIVEN_UP, told=Kill())
    assert re.search(
        "no adb server answers at .*start it with `adb start-server`.*did not come back", outcome.ended or ""
    )
    assert rig.results() == []


def test_a_model_that_the_runtime_refuses_fails_alone(
    start: Start, attach: Attach, own_export: Path, tmp_path: Path
) -> None:
    spoil_variant(own_export, "int8")
    rig, told = Rig(own_export, tmp_path), Told()
    outcome = rig.work(attach(start_with_app(start)), told=told)
    assert outcome.ended is None
    assert [failure.title for failure in outcome.failures] == [s.title for s in rig.steps if s.variant.name == "int8"]
    for failure in outcome.failures:
        assert re.search("model-refused on phone 127.0.0.1:.*does not load the model", failure.message)
    assert len(rig.results()) == len(outcome.finished) == 3
    assert len(list(rig.folder.glob("*.failed-1.json"))) == 3, "a failed result is kept, but is not the job's result"
    rig.work(attach(start_with_app(start, serial="virtual-2")))
    assert len(list(rig.folder.glob("*.failed-*.json"))) == 6


def test_an_empty_evaluation_folder_is_said_before_anything_is_pushed(
    start: Start, attach: Attach, own_export: Path, tmp_path: Path
) -> None:
    empty_inputs(own_export)
    virtual = start_with_app(start)
    outcome = Rig(own_export, tmp_path).work(attach(virtual))
    assert re.search("has no evaluation inputs; export it again with --eval-dir", outcome.failures[0].message)
    assert left_on(virtual) == []


def test_a_stopped_run_cleans_the_phone_and_can_go_on(
    start: Start, attach: Attach, export: Path, tmp_path: Path
) -> None:
    virtual, rig, stop = start_with_app(start, "silence=1"), Rig(export, tmp_path), threading.Event()
    phone = attach(virtual)

    class Interrupt(Told):
        def heartbeat(self, done: int, total: int) -> None:
            super().heartbeat(done, total)
            stop.set()
            worker.abort()

    told = Interrupt()
    worker = rig.worker(phone, QUICK, stop, told)
    outcome = worker.work(rig.steps)
    assert (outcome.failures, told.lines) == ([], [])
    assert outcome.ended == "interrupted; run the same command again to finish"
    assert left_on(virtual) == []
    assert rig.results() == []


def test_two_phones_and_no_serial_are_named(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(free_port()))
    both = start_with_app(start), start_with_app(start, serial="virtual-2")
    with pytest.raises(SeveralPhonesError, match=r"2 phones are attached \(.*, .*\); choose one with --serial"):
        choose(SearchPlaces(tcp=tuple(Address.parse(one.address) for one in both)))


def test_a_phone_is_used_by_one_process_at_a_time() -> None:
    busy = r"phone a phone is in use by process \d+; wait until it has ended"
    with locked("a phone"), locked("another phone"), pytest.raises(PhoneBusyError, match=busy), locked("a phone"):
        pass
    with locked("a phone"):
        pass
