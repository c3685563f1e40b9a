"""What speaks against measuring on a phone now. Values in, findings out; no phone here.

A warning is about a state that distorts the numbers; it can be overridden by its name, which a run records. An error
would stop the run anyway and cannot be overridden.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.adb.errors import InstallError
from benchmarks.formats.manifest import ExportedRecipe, ExportedVariant
from benchmarks.formats.run_file import Vitals
from benchmarks.phones.app import ABIS, PACKAGE
from metadata.finding import Finding, Severity, error, warning
from metadata.runtimes import load_runtime

LOW_BATTERY_PERCENT = 20
HOT_C = 40.0
THERMAL_STATUS = ("none", "light", "moderate", "severe", "critical", "emergency", "shutdown")
SPARE_BYTES = 100_000_000
"""Free space that a phone needs beside what is pushed, for results and the system."""
OVERRIDABLE = ("EMULATOR", "HOT", "LOW-BATTERY", "POWER-SAVE", "SCREEN-LOCKED", "THROTTLED", "APP-OUTDATED")


@dataclass(frozen=True, slots=True)
class Needs:
    """What a run asks of a phone. `apk_sha256` is the app's as built here, None where it is not built."""

    variants: Sequence[tuple[ExportedRecipe, ExportedVariant]]
    pushed_bytes: int
    apk_sha256: str | None


@dataclass(frozen=True, slots=True)
class PreflightResult:
    """The findings that stop a run, and those that were overridden."""

    stopping: tuple[Finding, ...]
    allowed: tuple[Finding, ...]


def judge(vitals: Vitals, needs: Needs, allow: Collection[str] = ()) -> PreflightResult:
    """Every finding: those that stop a run, and the warnings that `allow` names."""
    found = (*_state(vitals), *_fitness(vitals, needs), *_app(vitals, needs))
    allowed = tuple(one for one in found if one.severity is Severity.WARNING and one.id in allow)
    return PreflightResult(tuple(one for one in found if one not in allowed), allowed)


def _state(vitals: Vitals) -> Iterator[Finding]:
    level, temperature_c, status = vitals.facts.battery.level_percent, vitals.temperature_c, vitals.thermal_status
    if level is not None and level < LOW_BATTERY_PERCENT:
        yield warning("LOW-BATTERY", f"the battery is at {level} %", f"charge it to {LOW_BATTERY_PERCENT} % or more")
    if temperature_c is not None and temperature_c >= HOT_C:
        yield warning("HOT", f"the battery has {temperature_c:.1f} °C", f"let it cool below {HOT_C:g} °C")
    if status:
        name = THERMAL_STATUS[min(status, len(THERMAL_STATUS) - 1)]
        yield warning("THROTTLED", f"Android reports thermal status {status} ({name})", "let the phone cool down")
    if vitals.power_save:
        yield warning("POWER-SAVE", "the battery saver is on", "switch it off in the settings")
    if vitals.locked:
        yield warning("SCREEN-LOCKED", "the screen is locked", "unlock it, so that the app runs in front")
    if vitals.is_emulator:
        yield warning("EMULATOR", "this is an emulator, whose latency is this computer's", "attach a phone")


def _fitness(vitals: Vitals, needs: Needs) -> Iterator[Finding]:
    abis = vitals.facts.abis
    if abis and not set(abis) & set(ABIS):
        remedy = f"use a phone with one of {', '.join(ABIS)}"
        yield error("WRONG-ABI", f"its processor is {abis[0]}, which the app has no code for", remedy)
    wanted_bytes = needs.pushed_bytes + SPARE_BYTES
    if vitals.free_bytes is not None and vitals.free_bytes < wanted_bytes:
        free = f"{vitals.free_bytes / 1e6:.0f} MB are free and {wanted_bytes / 1e6:.0f} MB are needed"
        yield error("NO-SPACE", free, "free some space on it, run `make phone-clean`, or choose fewer --models")
    for recipe, variant in needs.variants:
        refused = load_runtime(recipe.app_runtime).unsupported(variant.operators)
        if refused:
            names = ", ".join(f"{one.name} version {one.version}" for one in refused)
            summary = f"the app's TensorFlow Lite {recipe.app_runtime} has no {names}, which {variant.title} uses"
            yield error("RUNTIME-TOO-OLD", summary, "export the model again, or leave it out with --models")


def _app(vitals: Vitals, needs: Needs) -> Iterator[Finding]:
    if vitals.app is None:
        yield error("APP-MISSING", f"the benchmark app {PACKAGE} is not installed", "run with --install")
        return
    there, here = vitals.app.apk_sha256, needs.apk_sha256
    if there is not None and here is not None and there != here:
        version = "" if vitals.app.version_code is None else f" (version code {vitals.app.version_code})"
        yield warning("APP-OUTDATED", f"it has another build of the app{version}", "run with --install")


def of_refused_install(refusal: InstallError) -> Finding | None:
    """APP-SIGNATURE when that is why the phone refused the APK; None for any other reason."""
    if refusal.code != "INSTALL_FAILED_UPDATE_INCOMPATIBLE":
        return None
    remedy = f"uninstall it first (adb uninstall {PACKAGE}); its data goes with it"
    return error("APP-SIGNATURE", "the app on it was signed with another key", remedy)
