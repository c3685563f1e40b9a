"""`am` on a virtual phone: start an app's instrumentation, print what it reports, and end it as the faults say."""

import errno
import os
import time
from collections.abc import Generator
from pathlib import Path

from benchmarks.virtual_phone.behaviour import in_background, without_library
from benchmarks.virtual_phone.console import Command, Console
from benchmarks.virtual_phone.faults import Fault
from benchmarks.virtual_phone.process import Fate, Process
from benchmarks.virtual_phone.runner import JobOutcome, JobRequest, Status
from benchmarks.virtual_phone.state import Death, PhoneState

DEATHS = {
    Fault.CRASH: (4, "APP CRASH(EXCEPTION)", "Process crashed."),
    Fault.NATIVE_CRASH: (5, "APP CRASH(NATIVE)", "Native crash"),
    Fault.KILLED_FOR_MEMORY: (3, "LOW_MEMORY", "Process crashed."),
}
FORCE_STOPPED = (10, "USER REQUESTED", "Process crashed.")
VALUE_FLAGS = ("--abi",)
GONE_S = 5.0
"""More than any runner needs for its next step."""


def manage(console: Console, args: list[str]) -> int:
    verb, *rest = args or [""]
    table: dict[str, Command] = {
        "instrument": instrument,
        "force-stop": force_stop,
        "start": start,
        "get-current-user": current_user,
    }
    if verb not in table:
        console.complain(f"Error: unknown command '{verb}'")
        return 255
    return table[verb](console, rest)


def start(console: Console, args: list[str]) -> int:
    """Start an activity, `-n PACKAGE/CLASS` among others: there is no screen, so it is noted and printed."""
    console.say(f"Starting: Intent {{ {' '.join(args)} }}")
    component = args[args.index("-n") + 1] if "-n" in args[:-1] else ""
    package, _, name = component.partition("/")
    if component and not console.phone.has_app(package):
        console.complain("Error type 3")
        full = f"{package}{name}" if name.startswith(".") else name
        console.complain(f"Error: Activity class {{{package}/{full}}} does not exist.")
        return 1
    console.phone.started.append(tuple(args))
    return 0


def current_user(console: Console, _args: list[str]) -> int:
    console.say(str(console.phone.persona.behaviour.current_user))
    return 0


def force_stop(console: Console, args: list[str]) -> int:
    """End the app, and wait for it: here it is a thread that may still be writing, which a killed process would not."""
    phone, ended = console.phone, []
    with phone.lock:
        for package in [arg for arg in args if not arg.startswith("-")]:
            process = phone.processes.pop(package, None)
            if process is not None:
                process.kill()
                ended.append(process)
                _died(phone, package, FORCE_STOPPED)
    for process in ended:
        process.wait_until_gone(GONE_S)
    return 0


def instrument(console: Console, args: list[str]) -> int:
    """`instrument -w -r -e KEY VALUE … PACKAGE/RUNNER`; always raw, always waiting."""
    arguments, component, user = _parse(args, console.phone.persona.behaviour.current_user)
    package = component.partition("/")[0]
    if not console.phone.has_app(package, user):
        console.say("INSTRUMENTATION_STATUS: id=ActivityManagerService")
        console.say(
            "INSTRUMENTATION_STATUS: Error=Unable to find instrumentation info for: "
            f"ComponentInfo{{{component.replace('/.', '/' + package + '.')}}}"
        )
        console.say("INSTRUMENTATION_STATUS_CODE: -1")
        console.complain(f"android.util.AndroidException: INSTRUMENTATION_FAILED: {component}")
        return 1
    crash = console.phone.persona.behaviour.crash
    if crash is not None:
        _died(console.phone, package, DEATHS[Fault.CRASH])
        return _print_failure(console, crash.partition(":")[0], crash)
    process, happened = _launch(console, package, arguments, user)
    while (block := process.next_block()) is not None:
        _print_block(console, dict(block))
    return _print_end(console, package, process, happened)


def _parse(args: list[str], user: int) -> tuple[dict[str, str], str, int]:
    arguments: dict[str, str] = {}
    component = ""
    rest = iter(args)
    for arg in rest:
        if arg in ("-e", "--es"):
            key = next(rest, "")
            arguments[key] = next(rest, "")
        elif arg == "--user":
            number = next(rest, "")
            user = int(number) if number.isdecimal() else user
        elif arg in VALUE_FLAGS:
            next(rest, "")
        elif not arg.startswith("-"):
            component = arg
    return arguments, component, user


def _launch(console: Console, package: str, arguments: dict[str, str], user: int) -> tuple[Process, list[Fault]]:
    phone = console.phone
    happened: list[Fault] = []

    def fate(count: int) -> Fate:
        for fault in (*DEATHS, Fault.SILENCE, Fault.REBOOT):
            if phone.faults.happens(fault, count):
                happened.append(fault)
                return _apply(phone, package, fault)
        return Fate.GO_ON

    shared = phone.sandbox.root / "sdcard/Android/data" / package / "files"
    files = shared if arguments.get("results") == "external" else phone.files_of(package, user)
    job = phone.sandbox.locate(arguments.get("job") or "/data/local/tmp", package)
    request = JobRequest(job, files, arguments, lambda path: phone.sandbox.locate(path, package, user=user))
    behaviour = phone.persona.behaviour
    work = without_library(request, behaviour.library_error) if behaviour.library_error else phone.runner(request)
    if not behaviour.in_front:
        work = in_background(work)
    if phone.faults.number(Fault.CORRUPT_RESULT) is not None:
        work = _corrupting(work)
    with phone.lock:
        old = phone.processes.pop(package, None)
        if old is not None:
            old.kill()
        process = phone.processes[package] = Process(work, fate)
    return process, happened


def _apply(phone: PhoneState, package: str, fault: Fault) -> Fate:
    if fault is Fault.SILENCE:
        return Fate.HANG
    if fault is Fault.REBOOT:
        phone.reboot()
    else:
        _died(phone, package, DEATHS[fault])
    return Fate.DIE


def _corrupting(work: Generator[Status, None, JobOutcome]) -> Generator[Status, None, JobOutcome]:
    outcome = yield from work
    if outcome.result is not None:
        corrupt(outcome.result)
    return outcome


def _print_block(console: Console, block: dict[str, str]) -> None:
    code = block.pop("code", "0")
    for key, value in block.items():
        console.say(f"INSTRUMENTATION_STATUS: {key}={value}")
    console.say(f"INSTRUMENTATION_STATUS_CODE: {code}")


def _print_end(console: Console, package: str, process: Process, happened: list[Fault]) -> int:
    phone = console.phone
    with phone.lock:
        if phone.processes.get(package) is process:
            del phone.processes[package]
    if process.refusal is not None:
        return _print_failure(console, process.refusal)
    if process.outcome is not None:
        return _print_outcome(console, process.outcome)
    death = next((DEATHS[fault] for fault in happened if fault in DEATHS), FORCE_STOPPED)
    return _print_failure(console, death[2])


def _print_outcome(console: Console, outcome: JobOutcome) -> int:
    for key, value in outcome.values.items():
        console.say(f"INSTRUMENTATION_RESULT: {key}={value}")
    console.say("INSTRUMENTATION_CODE: -1")
    return 0


def _print_failure(console: Console, message: str, long_message: str | None = None) -> int:
    """What `am` prints of an app that did not finish; its exit code is 0 all the same."""
    console.say(f"INSTRUMENTATION_RESULT: shortMsg={message}")
    if message == "Native crash":
        long_message = "Native crash: Segmentation fault"
    if long_message is not None:
        console.say(f"INSTRUMENTATION_RESULT: longMsg={long_message}")
    console.say("INSTRUMENTATION_CODE: 0")
    return 0


def corrupt(path: Path) -> None:
    """Flip one bit in the middle of a file."""
    data = bytearray(path.read_bytes())
    if not data:
        raise OSError(errno.EINVAL, "Nothing to corrupt", os.fspath(path))
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _died(phone: PhoneState, package: str, death: tuple[int, str, str]) -> None:
    reason, name, _ = death
    with phone.lock:
        phone.deaths.append(Death(package, reason, name, time.strftime("%Y-%m-%d %H:%M:%S")))


def pidof(console: Console, args: list[str]) -> int:
    """The process of an app, if it has one: its number means nothing."""
    with console.phone.lock:
        processes = [console.phone.processes.get(name) for name in args]
    running = ["4000" for process in processes if process is not None and process.is_running]
    if running:
        console.say(" ".join(running))
    return 0 if running else 1


COMMANDS: dict[str, Command] = {"am": manage, "pidof": pidof}
