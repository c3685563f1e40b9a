"""Every way a phone can fail, on both transports: one error, one line, in which what, which phone, and what to do."""

import hashlib
import json
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.adb import errors as e
from benchmarks.adb.failures import explain
from benchmarks.adb.phone import AdbPhone
from benchmarks.virtual_phone.faults import Fault, Faults, Trouble, UnknownFaultError
from benchmarks.virtual_phone.runner import JobOutcome, JobRequest, Status
from tests.benchmarks.apks import build_apk
from tests.benchmarks.conftest import APP, Attach, Start

FOLDER = "/data/local/tmp"
MEGABYTE = bytes(1 << 20)


def counting_runner(request: JobRequest) -> Generator[Status, None, JobOutcome]:
    """A job that reports three times and writes what it was given."""
    for count in range(3):
        yield {"count": str(count)}
    result = request.files / "result.json"
    result.write_text(json.dumps(dict(request.arguments)))
    sha256 = hashlib.sha256(result.read_bytes()).hexdigest()
    return JobOutcome({"job": request.arguments.get("id", ""), "sha256": sha256}, result)


def run_job(phone: AdbPhone, idle_s: float = 30) -> list[str]:
    args = ["am", "instrument", "-w", "-r", "-e", "id", "job-1", f"{APP}/.Runner"]
    return list(phone.stream(args, idle_timeout_s=idle_s, total_timeout_s=60))


def fail_with_what_am_said(phone: AdbPhone) -> None:
    """What a run does with a job that ended without the app's own result: ask why, in the system's words first."""
    lines = run_job(phone)
    assert lines[-1] == "INSTRUMENTATION_CODE: 0"
    why = phone.check(["dumpsys", "activity", "exit-info", APP])
    error = explain(why, phone.serial) or explain("\n".join(lines), phone.serial)
    assert error is not None
    raise error


def install_arm_apk(phone: AdbPhone) -> None:
    phone.install(build_apk(Path("build/app.apk"), abis=("x86_64", "arm64-v8a")))


@dataclass(frozen=True, slots=True)
class Case:
    """A fault, what is done, and the error it has to become."""

    trouble: str
    act: Callable[[AdbPhone], object]
    error: type[e.AdbError]
    words: str


CASES = (
    Case(
        "full-disk=500000", lambda p: p.push(MEGABYTE * 8, f"{FOLDER}/x"), e.DiskFullError, "is full; free some space"
    ),
    Case("full-disk", install_arm_apk, e.InstallError, "has too little space for the app; free some space"),
    Case(
        "unplug=300000",
        lambda p: p.push(MEGABYTE, f"{FOLDER}/x"),
        e.ConnectionLostError,
        "check the cable|attach it|gone",
    ),
    Case("unauthorised", lambda p: p.shell(["true"]), e.UnauthorisedError, "accept the USB debugging dialog"),
    Case("offline", lambda p: p.shell(["true"]), e.OfflineError, "does not answer; unplug it and plug it in again"),
    Case("crash", fail_with_what_am_said, e.AppDiedError, "saw the app crash; see `adb logcat"),
    Case("crash=2", fail_with_what_am_said, e.AppDiedError, "saw the app crash; see `adb logcat"),
    Case("native-crash=1", fail_with_what_am_said, e.AppDiedError, "crash in native code; .* without a delegate"),
    Case("killed-for-memory=1", fail_with_what_am_said, e.AppDiedError, "killed the app for memory; close other apps"),
    Case("silence=1", lambda p: run_job(p, idle_s=0.4), e.AdbTimeoutError, r"am: the phone said nothing for 0\.4 s"),
    Case("reboot=1", run_job, e.ConnectionLostError, "check the cable|attach it|gone"),
    Case("wrong-abi", install_arm_apk, e.InstallError, "processor the APK was not built for; build the APK"),
    Case("refused-install", install_arm_apk, e.InstallError, 'enable "Install via USB"'),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.trouble}-{case.error.__name__}")
def test_a_fault_becomes_one_clear_line(
    start: Start, attach: Attach, case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("build").mkdir()
    phone = attach(start(case.trouble, runner=counting_runner))
    with pytest.raises(case.error, match=case.words) as caught:
        case.act(phone)
    message = str(caught.value)
    assert "\n" not in message
    assert "127.0.0.1:" in message, "which phone"
    assert "; " in message, "what to do"


def test_every_fault_has_a_case() -> None:
    corrupt = {Fault.CORRUPT_RESULT}  # no error of adb: only the hash shows it
    assert {Trouble.parse(case.trouble).fault for case in CASES} | corrupt == set(Fault)


def test_a_corrupt_result_does_not_match_its_hash(start: Start, attach: Attach) -> None:
    phone = attach(start("corrupt-result", runner=counting_runner))
    lines = run_job(phone)
    assert lines[-1] == "INSTRUMENTATION_CODE: -1"
    promised = next(line.partition("sha256=")[2] for line in lines if "sha256=" in line)
    assert hashlib.sha256(phone.read("files/result.json", run_as=APP)).hexdigest() != promised


def test_a_job_without_faults_reports_and_leaves_its_result(start: Start, attach: Attach) -> None:
    phone = attach(start(runner=counting_runner))
    lines = run_job(phone)
    assert lines[:2] == ["INSTRUMENTATION_STATUS: count=0", "INSTRUMENTATION_STATUS_CODE: 0"]
    assert lines[-3] == "INSTRUMENTATION_RESULT: job=job-1"
    assert lines[-1] == "INSTRUMENTATION_CODE: -1"
    data = phone.read("files/result.json", run_as=APP)
    assert f"INSTRUMENTATION_RESULT: sha256={hashlib.sha256(data).hexdigest()}" in lines


def test_a_phone_without_a_runner_says_so(start: Start, attach: Attach) -> None:
    lines = run_job(attach(start()))
    assert lines[0].startswith("INSTRUMENTATION_RESULT: shortMsg=this virtual phone was started without a job runner")
    assert lines[-1] == "INSTRUMENTATION_CODE: 0"


def test_an_app_that_is_not_there_is_named(start: Start, attach: Attach) -> None:
    phone = attach(start())
    lines = list(phone.stream(["am", "instrument", "-w", "-r", "org.absent/.Runner"]))
    assert "ComponentInfo{org.absent/org.absent.Runner}" in lines[1]
    assert isinstance(explain("\n".join(lines), phone.serial), e.AppMissingError)


def test_a_job_goes_on_when_its_host_is_gone(start: Start, attach: Attach) -> None:
    phone = attach(start(runner=counting_runner))
    lines = phone.stream(["am", "instrument", "-w", "-r", "-e", "id", "job-1", f"{APP}/.Runner"])
    next(lines)
    lines.close()  # type: ignore[attr-defined]
    phone.reconnect(timeout_s=60)
    while not (found := phone.shell(["run-as", APP, "cat", "files/result.json"])).stdout.endswith("}"):
        assert found.exit_code in (0, 1)
    assert json.loads(found.stdout) == {"id": "job-1"}


@pytest.mark.parametrize("trouble", ["unplug=300000", "reboot=0"])
def test_a_phone_that_went_away_comes_back(start: Start, attach: Attach, trouble: str) -> None:
    phone = attach(start(trouble, runner=counting_runner))
    # An adb server says `closed` both of a service that is not there and of a phone that has just gone.
    with pytest.raises((e.ConnectionLostError, e.ServiceRefusedError)):
        phone.push(MEGABYTE, f"{FOLDER}/x") if trouble.startswith("unplug") else run_job(phone)
    phone.reconnect(timeout_s=60)
    phone.push(MEGABYTE, f"{FOLDER}/x")
    assert phone.read(f"{FOLDER}/x") == MEGABYTE


def test_a_phone_that_stays_away_is_given_up_with_its_reason(start: Start, attach: Attach) -> None:
    virtual = start()
    phone = attach(virtual)
    assert phone.shell(["true"]).exit_code == 0
    virtual.close()
    with pytest.raises(e.OfflineError, match=r"does not accept a connection|does not answer"):
        phone.reconnect(timeout_s=0.3)


def test_a_running_job_can_be_stopped(start: Start, attach: Attach) -> None:
    phone = attach(start("silence=1", runner=counting_runner))
    lines = phone.stream(["am", "instrument", "-w", "-r", f"{APP}/.Runner"], idle_timeout_s=60)
    assert next(lines) == "INSTRUMENTATION_STATUS: count=0"
    phone.check(["am", "force-stop", APP])
    assert list(lines)[-1] == "INSTRUMENTATION_CODE: 0"
    assert "reason=10 (USER REQUESTED)" in phone.check(["dumpsys", "activity", "exit-info", APP])


@pytest.mark.parametrize("text", ["flood", "crash=", "crash=x", "crash=-1", ""])
def test_an_unknown_fault_is_refused_with_the_names_that_exist(text: str) -> None:
    with pytest.raises(UnknownFaultError, match="full-disk, unplug, unauthorised"):
        Trouble.parse(text)


def test_a_fault_that_strikes_once_is_over_then() -> None:
    faults = Faults([Trouble(Fault.UNPLUG, 10), Trouble(Fault.CRASH, 1)])
    assert [faults.happens(Fault.UNPLUG, at) for at in (9, 10, 11)] == [False, True, False]
    assert [faults.happens(Fault.CRASH, at) for at in (0, 1, 2)] == [False, True, True]
