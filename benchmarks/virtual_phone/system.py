"""The system commands of a virtual phone: properties, dumpsys, and small ones."""

from benchmarks.virtual_phone.console import Command, Console

KEYGUARD = "  mDreamingLockscreen=false mAwake=true\n  isKeyguardShowing=false"
TRUST = 'Trust manager state:\n User "Owner" (id=0, flags=0x4c13) (current): trusted=0, trustManaged=0, deviceLocked=0'


def getprop(console: Console, args: list[str]) -> int:
    properties = console.phone.properties
    if args:
        console.say(properties.get(args[0], args[1] if len(args) > 1 else ""))
    else:
        for name in sorted(properties):
            console.say(f"[{name}]: [{properties[name]}]")
    return 0


def dumpsys(console: Console, args: list[str]) -> int:
    """The services that a benchmark asks."""
    service, *rest = args or [""]
    if service == "activity" and rest[:1] == ["exit-info"]:
        return _exit_info(console, rest[1] if len(rest) > 1 else None)
    table = {"battery": _battery, "thermalservice": _thermal, "power": _power}
    texts = {"window": KEYGUARD, "trust": TRUST}
    if service in texts:
        console.say(texts[service])
        return 0
    if service not in table:
        console.complain(f"Can't find service: {service}")
        return 1
    table[service](console)
    return 0


def _battery(console: Console) -> None:
    battery = console.phone.battery
    console.say("Current Battery Service state:")
    console.say("  AC powered: false\n  USB powered: true\n  status: 2\n  health: 2\n  present: true")
    console.say(f"  level: {battery.level_percent}\n  scale: 100\n  temperature: {battery.temperature_deci_c}")


def _thermal(console: Console) -> None:
    battery = console.phone.battery
    console.say(f"IsStatusOverride: false\nThermal Status: {battery.thermal_status}")
    console.say("Current temperatures from HAL:")
    console.say(f"\tTemperature{{mValue={battery.temperature_deci_c / 10}, mType=2, mName=battery, mStatus=0}}")


def _power(console: Console) -> None:
    console.say("Power Manager State:\n  mWakefulness=Awake\n  mBatterySaverEnabled=false")
    console.say("  mSettingBatterySaverEnabled=false")


def _exit_info(console: Console, package: str | None) -> int:
    console.say("ACTIVITY MANAGER PROCESS EXIT INFO (dumpsys activity exit-info)")
    deaths = [death for death in reversed(console.phone.deaths) if package in (None, death.package)]
    for index, death in enumerate(deaths):
        console.say(f"  package: {death.package}\n        ApplicationExitInfo #{index}:")
        console.say(f"          timestamp={death.timestamp} pid={4000 + index} realUid=10123 user=0")
        console.say(f"          process={death.package} reason={death.reason} ({death.name}) subreason=0 (UNKNOWN)")
    return 0


def echo(console: Console, args: list[str]) -> int:
    console.say(" ".join(args))
    return 0


def identify(console: Console, _args: list[str]) -> int:
    user = "2000(shell)" if console.package is None else "10123(u0_a123)"
    console.say(f"uid={user} gid={user} context=u:r:shell:s0")
    return 0


def silent(_console: Console, _args: list[str]) -> int:
    """Do nothing: a virtual phone has no screen and no buffers."""
    return 0


def fail(_console: Console, _args: list[str]) -> int:
    return 1


def whoami(console: Console, _args: list[str]) -> int:
    console.say("shell" if console.package is None else "u0_a123")
    return 0


def getconf(console: Console, args: list[str]) -> int:
    if args != ["PAGE_SIZE"]:
        console.complain(f"getconf: bad {' '.join(args)} (try -l)")
        return 1
    console.say("4096")
    return 0


def settings(console: Console, _args: list[str]) -> int:
    """`settings get …`: nothing is set."""
    console.say("null")
    return 0


COMMANDS: dict[str, Command] = {
    **{command.__name__: command for command in (dumpsys, echo, getconf, getprop, settings, whoami)},
    **dict.fromkeys(("input", "true"), silent),
    "false": fail,
    "id": identify,
}
