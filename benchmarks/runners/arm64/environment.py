"""An arm64 Python with the interpreter, below the user's cache; made once, without root privileges.

Debian's packages carry the emulator and Python, apt checks their signatures, and they are unpacked, not installed.
The wheels are checked by the hashes of `wheels.lock`. The folder gets its name once it is complete.
"""

import hashlib
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.console.places import cache_folder
from benchmarks.formats.errors import BenchmarkError

EMULATOR = "qemu-aarch64-static"
EMULATORS = "qemu-user-static"
PYTHON = ("python3.11-minimal", "libpython3.11-stdlib", "libstdc++6", "zlib1g")
CPU = "cortex-a76"
"""A core of 2018 with dot-product instructions, as today's phones have: XNNPACK chooses its kernels by them."""
WHEELS = Path(__file__).with_name("wheels.lock")
PLATFORMS = ("manylinux_2_17_aarch64", "manylinux2014_aarch64", "manylinux_2_27_aarch64", "manylinux_2_28_aarch64")
PROGRAMS = ("apt-get", "dpkg-deb")


class EmulationError(BenchmarkError):
    """arm64 cannot be emulated here."""


@dataclass(frozen=True, slots=True)
class Environment:
    """Where an arm64 Python lies, and how it is started."""

    root: Path

    @property
    def site(self) -> Path:
        """The wheels, unpacked."""
        return self.root / "site"

    @property
    def command(self) -> tuple[str, ...]:
        """The command, to which Python's arguments are added."""
        emulator = self.root / "usr" / "bin" / EMULATOR
        return (str(emulator), "-cpu", CPU, "-L", str(self.root), str(self.root / "usr" / "bin" / "python3.11"))


def is_arm64() -> bool:
    """Whether this machine's own processor is arm64, as Linux and macOS call it: nothing is emulated then."""
    return platform.machine() in ("aarch64", "arm64")


def missing() -> str | None:
    """Why arm64 cannot be emulated on this machine, in one line; None when it can."""
    if sys.platform != "linux":
        return f"arm64 kernels are emulated by Linux's qemu-user, and this is {platform.system()}; use a phone"
    lacks = [program for program in PROGRAMS if shutil.which(program) is None]
    return f"{' and '.join(lacks)} not found; Python for arm64 comes from Debian's packages" if lacks else None


def prepare(say: Callable[[str], None]) -> Environment:
    """The environment, made where it is missing: some 75 MB to fetch. EmulationError when it cannot be made."""
    if (lack := missing()) is not None:
        raise EmulationError(lack)
    key = hashlib.sha256(Path(__file__).read_bytes() + WHEELS.read_bytes()).hexdigest()[:8]
    root = cache_folder() / f"arm64-{key}"
    if not root.is_dir():
        say("making an arm64 Python once: some 75 MB of Debian packages and wheels")
        root.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".arm64-", dir=root.parent) as folder:
            work = Path(folder)
            _debian_packages(work / "apt", work / "root")
            _wheels(work / "wheels", work / "root" / "site")
            try:
                (work / "root").rename(root)
            except OSError:
                if not root.is_dir():  # otherwise another process made it first
                    raise
    return Environment(root)


def _debian_packages(apt: Path, root: Path) -> None:
    """Fetch with an apt configuration of its own state and of two architectures; unpack into `root`."""
    archives = apt / "cache" / "archives"
    for folder in (apt / "state" / "lists" / "partial", archives / "partial", root):
        folder.mkdir(parents=True)
    host = _run(["dpkg", "--print-architecture"], "dpkg does not tell this machine's architecture").strip()
    config = apt / "apt.conf"
    config.write_text(
        f'Dir::State "{apt / "state"}";\nDir::State::status "/dev/null";\nDir::Cache "{apt / "cache"}";\n'
        f'APT::Architecture "arm64";\nAPT::Architectures {{ "arm64"; "{host}"; }};\n'
        'APT::Install-Recommends "false";\nAcquire::Languages "none";\nDebug::NoLocking "true";\n'
    )
    get = ["apt-get", "-q", "-c", str(config)]
    _run([*get, "update"], "apt cannot read the package lists")
    packages = [*PYTHON, f"{EMULATORS}:{host}"]
    _run([*get, "install", "-y", "--download-only", *packages], "apt cannot fetch Python for arm64")
    for package in sorted(archives.glob("*.deb")):
        _run(["dpkg-deb", "-x", str(package), str(root)], f"{package.name} cannot be unpacked")
    for emulator in (root / "usr" / "bin").glob("qemu-*"):  # of every other processor, half a gigabyte
        if emulator.name != EMULATOR:
            emulator.unlink()


def _wheels(folder: Path, site: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    command += [f"--platform={name}" for name in PLATFORMS]
    command += ["--python-version", "3.11", "--require-hashes", "--dest", str(folder), "-r", str(WHEELS)]
    _run(command, "pip cannot fetch the wheels for arm64")
    for wheel in sorted(folder.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(site)


def _run(command: Sequence[str], problem: str) -> str:
    """Standard output; EmulationError with the last line of standard error."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise EmulationError(f"{problem} ({reason}); connect and run again")
    return done.stdout
