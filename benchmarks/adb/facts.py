"""What a phone reports about itself in getprop and dumpsys. `read_facts` asks; all else is text in, values out."""

import re
from collections.abc import Mapping

from benchmarks.adb.phone import AdbPhone
from benchmarks.adb.questions import ask
from benchmarks.formats.run_file import Battery, PhoneFacts

PROPERTIES = ("getprop",)
BATTERY = ("dumpsys", "battery")
UNKNOWN_SOC = ("unknown", "")


def read_facts(phone: AdbPhone) -> PhoneFacts:
    """Ask a phone for its facts."""
    properties, battery = ask(phone, [PROPERTIES, BATTERY])
    return facts_of(parse_properties(properties.output), parse_battery(battery.output))


def facts_of(properties: Mapping[str, str], battery: Battery) -> PhoneFacts:
    """The facts in a phone's properties."""

    def get(*names: str) -> str | None:
        return next((properties[name] for name in names if properties.get(name)), None)

    sdk = get("ro.build.version.sdk")
    return PhoneFacts(
        serialno=get("ro.serialno"),
        manufacturer=get("ro.product.manufacturer"),
        model=get("ro.product.model"),
        soc=_soc(properties),
        android=get("ro.build.version.release"),
        sdk=int(sdk) if sdk is not None and sdk.isdecimal() else None,
        abis=tuple(filter(None, (get("ro.product.cpu.abilist", "ro.product.cpu.abi") or "").split(","))),
        fingerprint=get("ro.build.fingerprint"),
        battery=battery,
        is_virtual=get("ro.handset.virtual") == "1",
    )


def _soc(properties: Mapping[str, str]) -> str | None:
    """The chip: its maker and model since Android 12, the board's name before."""
    parts = (properties.get(f"ro.soc.{name}", "") for name in ("manufacturer", "model"))
    named = " ".join(part for part in parts if part.lower() not in UNKNOWN_SOC)
    return named or properties.get("ro.board.platform") or properties.get("ro.hardware") or None


def parse_properties(text: str) -> dict[str, str]:
    """What `getprop` prints: `[name]: [value]`, values possibly over several lines."""
    return dict(re.findall(r"^\[([^\]\n]+)\]: \[(.*?)\]$", text, re.MULTILINE | re.DOTALL))


def parse_battery(text: str) -> Battery:
    """What `dumpsys battery` prints; its temperature is in tenths of a degree."""
    values = dict(re.findall(r"^\s*(level|scale|temperature): (-?\d+)\s*$", text, re.MULTILINE))
    scale = int(values.get("scale", 100)) or 100
    return Battery(
        level_percent=100 * int(values["level"]) // scale if "level" in values else None,
        temperature_c=int(values["temperature"]) / 10 if "temperature" in values else None,
    )
