"""A phone's present state: battery, heat, screen, space, the app. `read_vitals` asks; all else is text in, values out.

What a phone does not report is None: old Android lacks services, and makers print them differently.
"""

import re

from benchmarks.adb.facts import facts_of, parse_battery, parse_properties
from benchmarks.adb.phone import AdbPhone
from benchmarks.adb.store import HASH_TIMEOUT_S
from benchmarks.formats.run_file import InstalledApp, Vitals
from benchmarks.phones.app import PACKAGE

WORK_FOLDER = "/data/local/tmp"


def read_vitals(phone: AdbPhone) -> Vitals:
    """Wake the phone's screen and ask for everything: eight commands, and two more about the app where it is."""
    phone.shell(["input", "keyevent", "KEYCODE_WAKEUP"])
    properties = parse_properties(phone.check(["getprop"]))
    return Vitals(
        facts=facts_of(properties, parse_battery(phone.shell(["dumpsys", "battery"]).stdout)),
        is_emulator=properties.get("ro.kernel.qemu") == "1" or properties.get("ro.boot.qemu") == "1",
        thermal_status=parse_thermal_status(phone.shell(["dumpsys", "thermalservice"]).stdout),
        power_save=parse_power_save(phone.shell(["dumpsys", "power"]).stdout),
        locked=parse_locked(phone.shell(["dumpsys", "window"]).stdout),
        free_bytes=parse_free_bytes(phone.shell(["df", "-k", WORK_FOLDER]).stdout),
        app=_read_app(phone),
    )


def read_temperature_c(phone: AdbPhone) -> float | None:
    """The battery's temperature now."""
    return parse_battery(phone.shell(["dumpsys", "battery"]).stdout).temperature_c


def _read_app(phone: AdbPhone) -> InstalledApp | None:
    listed = phone.shell(["pm", "list", "packages", "--show-versioncode", PACKAGE]).stdout
    found = re.search(rf"^package:{re.escape(PACKAGE)}(?: versionCode:(\d+))?\s*$", listed, re.MULTILINE)
    if found is None:
        return None
    apk = phone.shell(["pm", "path", PACKAGE]).stdout.strip().split("\n")[0].removeprefix("package:")
    hashed = phone.shell(["sha256sum", apk], idle_timeout_s=HASH_TIMEOUT_S) if apk else None
    sha256 = hashed.stdout.split()[0] if hashed is not None and hashed.exit_code == 0 and hashed.stdout else None
    return InstalledApp(None if found[1] is None else int(found[1]), sha256)


def parse_thermal_status(text: str) -> int | None:
    """What `dumpsys thermalservice` calls Thermal Status; absent before Android 10."""
    found = re.search(r"^Thermal Status: (\d+)\s*$", text, re.MULTILINE)
    return None if found is None else int(found[1])


def parse_power_save(text: str) -> bool | None:
    """Whether `dumpsys power` says that the battery saver is on."""
    found = re.findall(r"^\s*m(?:Setting)?BatterySaverEnabled=(true|false)", text, re.MULTILINE)
    found += re.findall(r"^\s*mIsPowerSaveMode=(true|false)|^\s*mLowPowerModeEnabled=(true|false)", text, re.MULTILINE)
    words = {word for entry in found for word in ((entry,) if isinstance(entry, str) else entry)} - {""}
    return None if not words else "true" in words


def parse_locked(text: str) -> bool | None:
    """Whether `dumpsys window` says that the keyguard is in front."""
    words = re.findall(r"\b(?:isKeyguardShowing|mShowingLockscreen|mKeyguardShowing|isStatusBarKeyguard)=(\w+)", text)
    return None if not words else "true" in words


def parse_free_bytes(text: str) -> int | None:
    """The fourth column of the last line of `df -k`, in bytes; long device names wrap onto a line of their own."""
    words = text.rsplit("Mounted on", maxsplit=1)[-1].split()
    numbers = [index for index, word in enumerate(words) if word.isdecimal()]
    return int(words[numbers[2]]) * 1024 if len(numbers) >= 3 else None


def last_exit(text: str) -> str:
    """The newest entry of `dumpsys activity exit-info`, which comes first."""
    return text.partition("ApplicationExitInfo #1")[0]
