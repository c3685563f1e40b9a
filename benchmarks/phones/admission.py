"""Let a phone into a run, or say why not: preflight, and the app's APK installed where the user asked for it."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.adb.discovery import Found
from benchmarks.adb.errors import AdbError, InstallError
from benchmarks.adb.phone import AdbPhone
from benchmarks.console import locks
from benchmarks.console.places import cache_folder, short
from benchmarks.formats.errors import PhoneBusyError, RunError
from benchmarks.formats.run_file import Vitals
from benchmarks.formats.run_folder import folder_name
from benchmarks.phones import preflight
from benchmarks.phones.preflight import Needs, judge
from benchmarks.phones.vitals import read_vitals
from metadata.finding import Finding

INSTALLABLE = ("APP-MISSING", "APP-OUTDATED", "APP-UNKNOWN")
"""The findings that installing the app removes."""

Ask = Callable[[str], bool]
"""Puts a question to the user, if there is one; False where there is none."""


@dataclass(frozen=True, slots=True)
class Admission:
    """A phone that was asked; it takes part when `stopping` is empty. `name` is its folder in a run."""

    phone: AdbPhone
    name: str
    title: str
    vitals: Vitals
    stopping: tuple[Finding, ...]
    allowed: tuple[Finding, ...]
    notes: tuple[Finding, ...]

    @property
    def lock(self) -> str:
        """What one process at a time holds; with the address of a virtual phone, because every run has a virtual-1."""
        return f"{self.name} at {self.phone.serial}" if self.vitals.facts.is_virtual else self.name


def admit(found: Found, needs: Needs, allow: Collection[str], install: bool, apk: Path, ask: Ask) -> Admission:
    """Preflight one phone; RunError when an APK is wanted that is not built."""
    phone = found.phone
    vitals = read_vitals(phone)
    verdict = judge(vitals, needs, allow)
    stopping = verdict.stopping
    installable = [one for one in stopping if one.id in INSTALLABLE]
    if installable and _wanted(install, apk, f"phone {phone.serial}: {installable[0].summary}", ask):
        refused = _install(phone, apk, vitals.user)
        vitals = read_vitals(phone)
        verdict = judge(vitals, needs, allow)
        # An app that was just installed is there, whatever the phone refuses to say.
        stopping = tuple(one for one in verdict.stopping if one.id != "APP-UNKNOWN")
        if refused is not None:
            stopping = (refused, *verdict.stopping)
    serial = vitals.facts.serialno or phone.serial
    model = vitals.facts.model or "phone"
    return Admission(
        phone, f"{model}-{serial}", f"{model} ({serial})", vitals, stopping, verdict.allowed, verdict.notes
    )


def admit_all(
    found: Sequence[Found], needs: Needs, allow: Collection[str], install: bool, apk: Path, ask: Ask
) -> tuple[list[Admission], list[str]]:
    """Preflight every phone: those that answered, and a line for each that did not."""
    answered: list[Admission] = []
    silent: list[str] = []
    for one in found:
        try:
            answered.append(admit(one, needs, allow, install, apk, ask))
        except AdbError as error:
            silent.append(str(error))
    return _told_apart(answered), silent


def _told_apart(admissions: Sequence[Admission]) -> list[Admission]:
    """The same, with their ports in the names of phones that have one model and one serial number."""
    counts = Counter(one.name for one in admissions)
    return [
        one
        if counts[one.name] == 1
        else replace(one, name=f"{one.name}-{one.phone.serial}", title=f"{one.title} at {one.phone.serial}")
        for one in admissions
    ]


@contextmanager
def locked(phone: str) -> Iterator[None]:
    """Hold `Admission.lock` of a phone while the block runs; PhoneBusyError when another process does.

    The lock is on a file, so that it ends with its process.
    """
    folder = cache_folder() / "locks"
    folder.mkdir(parents=True, exist_ok=True)

    def busy(holder: str) -> None:
        raise PhoneBusyError(f"phone {phone} is in use by process {holder}; wait until it has ended")

    with locks.locked(folder / f"{folder_name(phone)}.lock", busy):
        yield


def _wanted(install: bool, apk: Path, why: str, ask: Ask) -> bool:
    if apk.is_file():
        return install or ask(f"{why}; install {short(apk)} on it?")
    if install:
        raise RunError(f"{short(apk)} is not there; build it with make apk, or give another with --apk")
    return False


def _install(phone: AdbPhone, apk: Path, user: int | None) -> Finding | None:
    try:
        phone.install(apk, user)
    except InstallError as refusal:
        finding = preflight.of_refused_install(refusal)
        if finding is None:
            raise
        return finding
    return None


def describe_notes(one: Admission) -> list[str]:
    """What else is to be known of a phone, a line for each."""
    return [f"phone {one.phone.serial}: {note.id}: {note.summary}; {note.remedy}" for note in one.notes]


def describe(one: Admission) -> str:
    """Why a phone takes no part, and what to do, in one line."""
    parts = [f"{finding.id}: {finding.summary}; {finding.remedy}" for finding in one.stopping]
    overridable = [finding.id for finding in one.stopping if finding.id in preflight.OVERRIDABLE]
    hint = f" (or --allow {' --allow '.join(overridable)})" if overridable else ""
    return f"phone {one.phone.serial}: {'. '.join(parts)}{hint}"
