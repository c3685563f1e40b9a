"""The state of a virtual phone: properties, files, apps, processes and faults. No socket, no protocol here."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.virtual_phone.faults import Fault, Faults, Trouble
from benchmarks.virtual_phone.persona import PLAIN, Persona
from benchmarks.virtual_phone.runner import JobRunner, no_runner
from benchmarks.virtual_phone.sandbox import Sandbox, home_of

if TYPE_CHECKING:
    from benchmarks.virtual_phone.process import Process

ABI = "x86_64"
VIRTUAL = "ro.handset.virtual"
FEATURES = ("shell_v2", "cmd", "stat_v2", "ls_v2", "fixed_push_mkdir", "abb", "abb_exec")


@dataclass(frozen=True, slots=True)
class App:
    """An installed app. `apk` is None for one that came with the phone."""

    package: str
    version_code: int = 1
    debuggable: bool = True
    apk: Path | None = None


@dataclass(frozen=True, slots=True)
class Death:
    """How a process ended, as `dumpsys activity exit-info` prints it: Android's number and name of the reason."""

    package: str
    reason: int
    name: str
    timestamp: str


@dataclass(frozen=True, slots=True)
class BatteryState:
    """What `dumpsys battery` and `dumpsys thermalservice` print."""

    level_percent: int = 87
    temperature_deci_c: int = 290
    thermal_status: int = 0


@dataclass
class PhoneState:
    """One virtual phone. Commands run in many threads; `lock` guards what they change."""

    serial: str
    root: Path
    troubles: Iterable[Trouble] = ()
    runner: JobRunner = no_runner
    apps: Iterable[App] = ()
    battery: BatteryState = field(default_factory=BatteryState)
    features: tuple[str, ...] = FEATURES
    persona: Persona = PLAIN
    overrides: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        self.faults = Faults(self.troubles)
        self.sandbox = Sandbox(self.root, self.faults.number(Fault.FULL_DISK))
        abi = ABI if self.faults.number(Fault.WRONG_ABI) is None else "riscv64"
        self.properties = {
            **_properties(self.serial, abi),
            **self.persona.all_properties,
            "ro.serialno": self.serial,
            VIRTUAL: "1",  # whatever a persona says: its times are not a phone's
            **self.overrides,
        }
        if self.persona.behaviour.features is not None:
            self.features = self.persona.behaviour.features
        self.users: dict[str, set[int]] = {}
        """Who has each of the installed apps."""
        self.installed: dict[str, App] = {}
        self.processes: dict[str, Process] = {}
        self.deaths: list[Death] = []
        self.started: list[tuple[str, ...]] = []
        """What `am start` was given, for each activity that it started."""
        self.on_reboot: list[Callable[[], None]] = []
        for app in self.apps:
            self.add(app)

    def add(self, app: App, user: int | None = None) -> None:
        """Install `app` for one user, or for all, and give it its own folder."""
        users = {0, self.persona.behaviour.current_user} if user is None else {user}
        with self.lock:
            self.installed[app.package] = app
            self.users.setdefault(app.package, set()).update(users)
            for number in users:
                self.files_of(app.package, number).mkdir(parents=True, exist_ok=True)

    def files_of(self, package: str, user: int) -> Path:
        """Where the `filesDir` of a user's app lies on this machine."""
        return self.sandbox.root / home_of(package, user)[1:] / "files"

    def has_app(self, package: str, user: int | None = None) -> bool:
        """Whether the app is installed, for that user or for anyone."""
        return package in self.installed and (user is None or user in self.users[package])

    def reboot(self) -> None:
        """Cut all connections, then kill every process. The phone is back at once."""
        for cut in self.on_reboot:
            cut()
        with self.lock:
            for process in self.processes.values():
                process.kill()
            self.processes.clear()


def _properties(serial: str, abi: str) -> dict[str, str]:
    return {
        "ro.build.fingerprint": f"handset/virtual/virtual:14/VIRTUAL/1:userdebug/{serial}",
        "ro.build.version.release": "14",
        "ro.build.version.sdk": "34",
        "ro.hardware": "virtual",
        "ro.product.cpu.abi": abi,
        "ro.product.cpu.abilist": abi,
        "ro.product.device": "virtual",
        "ro.product.manufacturer": "Handset",
        "ro.product.model": "Virtual phone",
        "ro.product.name": "virtual",
        "ro.serialno": serial,
        "ro.soc.manufacturer": "Handset",
        "ro.soc.model": "Desktop",
        "sys.boot_completed": "1",
        VIRTUAL: "1",
    }
