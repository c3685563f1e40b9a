"""What a run needs of this computer, each as a fact with its findings.

`installation` checks what set-up made, `readiness` the export and the phones.
"""

import os
import platform
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.adb.address import Address
from benchmarks.adb.errors import AdbError
from benchmarks.adb.program import AdbProgram, find_adb
from benchmarks.adb.server import AdbServer
from benchmarks.console.places import ROOT, cache_folder
from benchmarks.runners.java import JavaError, find_jdk, find_maven
from metadata.finding import Finding, Severity, error, warning

UDEV_FOLDERS = tuple(map(Path, ("/etc/udev/rules.d", "/lib/udev/rules.d", "/usr/lib/udev/rules.d")))
LOW_BYTES, TOO_LOW_BYTES = 5_000_000_000, 500_000_000


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: what it is now, and what is wrong with it."""

    name: str
    fact: str
    findings: tuple[Finding, ...] = ()

    @property
    def worst(self) -> Severity | None:
        """The worst finding's severity; None when there is none."""
        found = {finding.severity for finding in self.findings}
        return Severity.ERROR if Severity.ERROR in found else Severity.WARNING if found else None


def check_computer() -> Iterator[Check]:
    """USB, adb, Java, Maven, disk and cache."""
    yield _check_libusb()
    adb = find_adb()
    yield check_adb(adb)
    yield check_server(AdbServer(Address.default_server()), adb)
    if platform.system() == "Linux":
        yield check_udev(UDEV_FOLDERS)
    yield from check_java()
    yield check_disk(shutil.disk_usage(ROOT).free)
    yield check_cache(cache_folder())


def _check_libusb() -> Check:
    try:
        import libusb_package

        path = libusb_package.get_library_path()
    except ImportError:
        path = None
    missing = warning("NO-LIBUSB", "libusb cannot be loaded", "run make setup, or use phones through an adb server")
    return Check("libusb", "found" if path else "none", () if path else (missing,))


def check_adb(adb: AdbProgram | None) -> Check:
    """The adb program, which is not needed: Android Studio and phones on Wi-Fi use it."""
    if adb is not None:
        release = adb.release or "a release before 2018"
        return Check("adb", f"{release}, server version {adb.server_version}, {adb.path}")
    other = shutil.which("adb")
    return Check("adb", f"none: {other} is another program" if other else "none")


def check_server(server: AdbServer, adb: AdbProgram | None) -> Check:
    """The adb server, which is not needed either. An adb ends a server of another version and starts its own."""
    try:
        version = server.version()
    except AdbError as problem:
        remedy = f"run `{adb.path} start-server`" if adb else "phones on USB work without; install adb for Wi-Fi"
        none = warning("NO-ADB-SERVER", str(problem).partition(";")[0], remedy)
        return Check("adb server", "none", (none,))
    found: tuple[Finding, ...] = ()
    if adb is not None and adb.server_version != version:
        summary = f"{adb.path} is of version {adb.server_version} and ends this server when it is used"
        found = (warning("ADB-VERSIONS", summary, "use one adb only: the one that started the server"),)
    return Check("adb server", f"version {version} at {server.address}", found)


def check_udev(folders: Sequence[Path]) -> Check:
    """Rules that give phones on USB to ordinary users."""
    rules = [path for folder in folders for path in folder.glob("*android*.rules")]
    summary, remedy = "no rules for Android phones", "install android-sdk-platform-tools-common, join group plugdev"
    none = warning("NO-UDEV-RULES", summary, remedy)
    return Check("udev rules", str(rules[0]) if rules else "none", () if rules else (none,))


def check_java() -> Iterator[Check]:
    """A JDK, then a Maven, that can build the app; only make apk needs them."""
    try:
        yield Check("Java", str(find_jdk().home))
    except JavaError as reason:
        summary, remedy = _summary_and_remedy(reason)
        yield Check("Java", "none", (warning("NO-JAVA", summary, remedy),))
        return
    try:
        yield Check("Maven", str(find_maven()[0]))
    except JavaError as reason:
        summary, remedy = _summary_and_remedy(reason)
        yield Check("Maven", "none", (warning("NO-MAVEN", summary, remedy),))


def _summary_and_remedy(reason: JavaError) -> tuple[str, str]:
    summary, _, remedy = str(reason).rpartition("; ")
    return summary, f"for make apk, {remedy}"


def check_disk(free_bytes: int) -> Check:
    """Space for models, archives and results."""
    summary, remedy = f"{free_bytes / 1e9:.1f} GB are free", "free some space; old runs lie in build/results"
    make = error if free_bytes < TOO_LOW_BYTES else warning
    found = (make("LOW-DISK", summary, remedy),) if free_bytes < LOW_BYTES else ()
    return Check("disk", f"{free_bytes / 1e9:.0f} GB free", found)


def check_cache(folder: Path) -> Check:
    """The folder for data, weights and locks."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    closed = error("CACHE-CLOSED", f"{folder} cannot be written", "open it, or set HANDSET_CACHE to another folder")
    is_open = existing.is_dir() and os.access(existing, os.W_OK)
    return Check("cache", str(folder), () if is_open else (closed,))
