"""A phone's present state: user, battery, heat, screen, space, the app. `read_vitals` asks; all else is text in, values
out.

What a phone does not report is None: old Android lacks services, and makers print them differently. A question that the
phone refused is kept with its words: then nothing is known, and nothing is absent.
"""

import re
from collections.abc import Iterator, Mapping

from benchmarks.adb.facts import BATTERY, PROPERTIES, facts_of, parse_battery, parse_properties
from benchmarks.adb.phone import AdbPhone
from benchmarks.adb.questions import ShellAnswer, ask
from benchmarks.adb.shell import of_user, quote
from benchmarks.adb.store import HASH_TIMEOUT_S
from benchmarks.formats.run_file import InstalledApp, RefusedQuestion, Vitals
from benchmarks.phones.app import PACKAGE

WORK_FOLDER = "/data/local/tmp"
WAKE = ("input", "keyevent", "KEYCODE_WAKEUP")
USER = ("am", "get-current-user")
THERMAL = ("dumpsys", "thermalservice")
POWER = ("dumpsys", "power")
WINDOW = ("dumpsys", "window")
TRUST = ("dumpsys", "trust")
SPACE = ("df", "-k", WORK_FOLDER)
PAGE_SIZE = ("getconf", "PAGE_SIZE")
MAKERS_SAVERS = {
    ("settings", "get", "system", "POWER_SAVE_MODE_OPEN"): ("Xiaomi's battery saver", "1"),
    ("settings", "get", "system", "SmartModeStatus"): ("Huawei's battery saver", "4"),
}
"""Savers that Android's own power service does not know, and their value when they are on."""
QUESTIONS = (WAKE, PROPERTIES, USER, BATTERY, THERMAL, POWER, WINDOW, TRUST, SPACE, PAGE_SIZE, *MAKERS_SAVERS)
SAVER_STATE = re.compile(r"^\s*(Enabled|full|adaptive)=(true|false)\s*$", re.MULTILINE)
"""Source: BatterySaverStateMachine.java in the Android Open Source Project."""
DISPENSABLE = (TRUST, PAGE_SIZE, *MAKERS_SAVERS)
"""A refusal of these leaves no doubt about what other questions say."""


def questions_of_app(user: int | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Whether the app is installed for a user, and where its APK is."""
    flag = of_user(user)
    return ("pm", "list", "packages", "--show-versioncode", *flag, PACKAGE), ("pm", "path", *flag, PACKAGE)


def read_vitals(phone: AdbPhone) -> Vitals:
    """Wake the phone's screen and ask for everything: two round trips, and one more about the app where it is."""
    answers = dict(zip(QUESTIONS, ask(phone, QUESTIONS), strict=True))
    properties = parse_properties(answers[PROPERTIES].output)
    user = parse_user(answers[USER].output)
    questions = questions_of_app(user)
    listed, path = ask(phone, questions)
    power = answers[POWER].output
    return Vitals(
        facts=facts_of(properties, parse_battery(answers[BATTERY].output)),
        is_emulator=properties.get("ro.kernel.qemu") == "1" or properties.get("ro.boot.qemu") == "1",
        thermal_status=parse_thermal_status(answers[THERMAL].output),
        power_save=parse_power_save(power),
        locked=parse_locked(answers[WINDOW].output, answers[TRUST].output),
        free_bytes=parse_free_bytes(answers[SPACE].output),
        app=_app(phone, listed, path),
        user=user,
        awake=parse_awake(power),
        savers=tuple(_savers(power, answers)),
        page_bytes=int(size) if (size := answers[PAGE_SIZE].output.strip()).isdecimal() else None,
        set_by_hand=tuple(_set_by_hand(answers)),
        refused=tuple(_refused({**answers, questions[0]: listed})),
    )


def read_user(phone: AdbPhone) -> int | None:
    """The user who is in front on the phone; None where it does not say."""
    (answer,) = ask(phone, [USER])
    return parse_user(answer.output)


def read_temperature_c(phone: AdbPhone) -> float | None:
    """The battery's temperature now."""
    return parse_battery(phone.shell(BATTERY).stdout).temperature_c


def _app(phone: AdbPhone, listed: ShellAnswer, path: ShellAnswer) -> InstalledApp | None:
    found = re.search(rf"^package:{re.escape(PACKAGE)}(?: versionCode:(\d+))?\s*$", listed.output, re.MULTILINE)
    if found is None:
        return None
    apk = re.search(r"^package:(\S+)$", path.output, re.MULTILINE)
    hashed = phone.shell(["sha256sum", apk[1]], idle_timeout_s=HASH_TIMEOUT_S) if apk else None
    sha256 = hashed.stdout.split()[0] if hashed is not None and hashed.exit_code == 0 and hashed.stdout else None
    return InstalledApp(None if found[1] is None else int(found[1]), sha256)


def _savers(power: str, answers: Mapping[tuple[str, ...], ShellAnswer]) -> Iterator[str]:
    """The battery savers that are on, by name."""
    if parse_power_save(power):
        is_adaptive = _saver_state(power).get("adaptive") == "true"
        yield "the adaptive battery saver" if is_adaptive else "the battery saver"
    for question, (name, on) in MAKERS_SAVERS.items():
        if answers[question].output.strip() == on:
            yield name


def _set_by_hand(answers: Mapping[tuple[str, ...], ShellAnswer]) -> Iterator[str]:
    """The services that print what somebody told them to."""
    if "UPDATES STOPPED" in answers[BATTERY].output:
        yield "battery"
    if re.search(r"^\s*IsStatusOverride: true\s*$", answers[THERMAL].output, re.MULTILINE):
        yield "thermalservice"


def _refused(answers: Mapping[tuple[str, ...], ShellAnswer]) -> Iterator[RefusedQuestion]:
    for question, answer in answers.items():
        # Every phone has a package manager; one that does not answer is no phone without the app.
        said = answer.failure if question[0] == "pm" else answer.refusal
        if said is not None and question not in DISPENSABLE:
            yield RefusedQuestion(quote(question), said)


def parse_user(text: str) -> int | None:
    """The number that `am get-current-user` prints."""
    found = re.search(r"^\d+\s*$", text, re.MULTILINE)
    return None if found is None else int(found.group())


def parse_thermal_status(text: str) -> int | None:
    """What `dumpsys thermalservice` calls Thermal Status; absent before Android 10.

    None, too, where its hardware layer is not ready: the status is 0 then whatever the heat.
    """
    if re.search(r"^\s*HAL Ready: false\s*$", text, re.MULTILINE):
        return None
    found = re.search(r"^Thermal Status: ([0-6])\s*$", text, re.MULTILINE)
    return None if found is None else int(found[1])


def _saver_state(text: str) -> dict[str, str]:
    """Whether the saver is `Enabled`, and if `full` or `adaptive`; the setting alone does not tell."""
    _, header, state = text.partition("saver state machine:")
    return dict(SAVER_STATE.findall(state if header else text))


def parse_power_save(text: str) -> bool | None:
    """Whether `dumpsys power` says that a battery saver is on, the adaptive one too."""
    state = _saver_state(text)
    if state.get("Enabled") == "true" and "true" in (state.get("full"), state.get("adaptive")):
        return True
    found = re.findall(r"^\s*m(?:Setting)?BatterySaverEnabled=(true|false)", text, re.MULTILINE)
    found += re.findall(r"^\s*mIsPowerSaveMode=(true|false)|^\s*mLowPowerModeEnabled=(true|false)", text, re.MULTILINE)
    words = {word for entry in found for word in ((entry,) if isinstance(entry, str) else entry)} - {""}
    return None if not words else "true" in words


def parse_awake(text: str) -> bool | None:
    """Whether `dumpsys power` says that the phone is in use, not dozing or asleep."""
    found = re.search(r"^\s*mWakefulness=(\w+)", text, re.MULTILINE)
    return None if found is None else found[1] == "Awake"


def parse_locked(window: str, trust: str = "") -> bool | None:
    """Whether `dumpsys window` says that the keyguard is in front; None where `dumpsys trust` says the contrary.

    A OnePlus 6T reports its keyguard as showing while it is in use.
    """
    words = re.findall(r"\b(?:isKeyguardShowing|mShowingLockscreen|mKeyguardShowing|isStatusBarKeyguard)=(\w+)", window)
    if not words:
        return None
    unlocked = re.search(r"\(current\).*\bdeviceLocked=0", trust) is not None
    return None if "true" in words and unlocked else "true" in words


def parse_free_bytes(text: str) -> int | None:
    """The fourth column of the last line of `df -k`, in bytes; long device names wrap onto a line of their own."""
    words = text.rsplit("Mounted on", maxsplit=1)[-1].split()
    numbers = [index for index, word in enumerate(words) if word.isdecimal()]
    return int(words[numbers[2]]) * 1024 if len(numbers) >= 3 else None


def last_exit(text: str) -> str:
    """The newest entry of `dumpsys activity exit-info`, which comes first."""
    return text.partition("ApplicationExitInfo #1")[0]
