"""What speaks against measuring on a phone now. Values in, findings out; no phone here.

A warning is about a state that distorts the numbers; it can be overridden by its name, which a run records. An error
would stop the run anyway and cannot be overridden.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.adb.errors import InstallError
from benchmarks.adb.failures import BUILD_FOR_LARGE_PAGES, remedy_for
from benchmarks.formats.manifest import ExportedRecipe, ExportedVariant
from benchmarks.formats.run_file import RefusedQuestion, Vitals
from benchmarks.phones.app import ABIS, PACKAGE
from metadata.finding import Finding, Severity, error, warning
from metadata.runtimes import load_runtime

LOW_BATTERY_PERCENT = 20
HOT_C = 40.0
THERMAL_STATUS = ("none", "light", "moderate", "severe", "critical", "emergency", "shutdown")
SET_BY_HAND = {"battery": "battery", "thermalservice": "heat"}
"""What a service of `Vitals.set_by_hand` reports."""
SMALL_PAGE_BYTES = 4096
XIAOMI = ("xiaomi", "redmi", "poco")
SPARE_BYTES = 100_000_000
"""Free space that a phone needs beside what is pushed, for results and the system."""
OVERRIDABLE = (
    "EMULATOR",
    "HOT",
    "LOW-BATTERY",
    "POWER-SAVE",
    "SCREEN-LOCKED",
    "SCREEN-OFF",
    "SET-BY-HAND",
    "THROTTLED",
    "PAGE-SIZE",
    "APP-OUTDATED",
    "APP-UNKNOWN",
)


@dataclass(frozen=True, slots=True)
class Needs:
    """What a run asks of a phone. `apk_sha256` is the app's as built here, None where it is not built.

    `apk_page_bytes` is the largest page of memory that the app's libraries load with, None where that is not known.
    """

    variants: Sequence[tuple[ExportedRecipe, ExportedVariant]]
    pushed_bytes: int
    apk_sha256: str | None
    apk_page_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class PreflightResult:
    """The findings that stop a run, those that were overridden, and what is not known or worth knowing."""

    stopping: tuple[Finding, ...]
    allowed: tuple[Finding, ...]
    notes: tuple[Finding, ...]


def judge(vitals: Vitals, needs: Needs, allow: Collection[str] = ()) -> PreflightResult:
    """Every finding: those that stop a run, and the warnings that `allow` names."""
    found = (*_state(vitals), *_fitness(vitals, needs), *_pages(vitals, needs), *_app(vitals, needs))
    allowed = tuple(one for one in found if one.severity is Severity.WARNING and one.id in allow)
    stopping = tuple(one for one in found if one not in allowed)
    return PreflightResult(stopping, allowed, tuple(_notes(vitals)))


def _state(vitals: Vitals) -> Iterator[Finding]:
    level, temperature_c, status = vitals.facts.battery.level_percent, vitals.temperature_c, vitals.thermal_status
    if level is not None and level < LOW_BATTERY_PERCENT:
        yield warning("LOW-BATTERY", f"the battery is at {level} %", f"charge it to {LOW_BATTERY_PERCENT} % or more")
    if temperature_c is not None and temperature_c >= HOT_C:
        yield warning("HOT", f"the battery has {temperature_c:.1f} °C", f"let it cool below {HOT_C:g} °C")
    if status:
        name = THERMAL_STATUS[min(status, len(THERMAL_STATUS) - 1)]
        yield warning("THROTTLED", f"Android reports thermal status {status} ({name})", "let the phone cool down")
    if vitals.savers or vitals.power_save:
        names = " and ".join(vitals.savers or ("the battery saver",))
        yield warning("POWER-SAVE", f"{names} is on", "switch it off in the settings")
    if vitals.locked:
        yield warning("SCREEN-LOCKED", "the screen is locked", "unlock it, so that the app runs in front")
    elif vitals.awake is False:
        remedy = "switch it on by hand, and set it to stay awake while charging"
        yield warning("SCREEN-OFF", "the screen is off, and this computer could not switch it on", remedy)
    if vitals.set_by_hand:
        reset = " and ".join(f"adb shell cmd {service} reset" for service in vitals.set_by_hand)
        names = " and ".join(SET_BY_HAND[service] for service in vitals.set_by_hand)
        summary = f"somebody set what it says of its {names} by hand"
        yield warning("SET-BY-HAND", summary, f"run {reset}")
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


def _pages(vitals: Vitals, needs: Needs) -> Iterator[Finding]:
    """Whether the app's native libraries can be loaded."""
    built_bytes = needs.apk_page_bytes or SMALL_PAGE_BYTES
    if vitals.page_bytes is not None and vitals.page_bytes > built_bytes and needs.variants:
        runtimes = ", ".join(sorted({recipe.app_runtime for recipe, _ in needs.variants}))
        pages = f"its memory pages have {vitals.page_bytes // 1024} KB"
        built = f"the app's TensorFlow Lite {runtimes} is built for {built_bytes // 1024} KB"
        yield warning("PAGE-SIZE", f"{pages}, and {built}", BUILD_FOR_LARGE_PAGES)


def _notes(vitals: Vitals) -> Iterator[Finding]:
    """What does not keep a phone out: what it did not tell, and a user who is not its owner."""
    state = {
        "its charge": vitals.facts.battery.level_percent,
        "its battery's temperature": vitals.temperature_c,
        "whether it is throttled for heat": vitals.thermal_status,
        "whether a battery saver is on": vitals.power_save,
        "whether it is locked": vitals.locked,
        "its free space": vitals.free_bytes,
        "which user is in front": vitals.user,
    }
    unknown = [what for what, value in state.items() if value is None]
    if unknown:
        remedy = "look at the phone: what it does not say is not checked"
        yield warning("STATE-UNKNOWN", f"it does not say {_list(unknown)}", remedy)
    for one in vitals.refused:
        if one != app_question(vitals):
            remedy = remedy_for(one.said) or "docs/first_phone.md has each maker's switches"
            yield warning("QUESTION-REFUSED", f"it refused `{one.question}`: {one.said}", remedy)
    if vitals.user:
        summary = f"user {vitals.user} is in front, not its owner"
        yield warning("OTHER-USER", summary, "the app is installed and measured for that user; or switch to the owner")


def _list(parts: Sequence[str]) -> str:
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last


def _app(vitals: Vitals, needs: Needs) -> Iterator[Finding]:
    if vitals.app is None and (refused := app_question(vitals)) is not None:
        summary = f"it refused to say whether {PACKAGE} is installed: {refused.said}"
        yield warning("APP-UNKNOWN", summary, "run with --install")
        return
    if vitals.app is None:
        yield error("APP-MISSING", f"the benchmark app {PACKAGE} is not installed", "run with --install")
        return
    there, here = vitals.app.apk_sha256, needs.apk_sha256
    if there is not None and here is not None and there != here:
        version = "" if vitals.app.version_code is None else f" (version code {vitals.app.version_code})"
        yield warning("APP-OUTDATED", f"it has another build of the app{version}", "run with --install")


def app_question(vitals: Vitals) -> RefusedQuestion | None:
    """The question for the app, where the phone refused it."""
    return next((one for one in vitals.refused if one.question.startswith("pm list packages ")), None)


def of_refused_install(refusal: InstallError) -> Finding | None:
    """APP-SIGNATURE when that is why the phone refused the APK; None for any other reason."""
    if refusal.code != "INSTALL_FAILED_UPDATE_INCOMPATIBLE":
        return None
    remedy = f"uninstall it first (adb uninstall {PACKAGE}); its data goes with it"
    return error("APP-SIGNATURE", "the app on it was signed with another key", remedy)


def in_front_remedy(manufacturer: str | None) -> str:
    """What to do where the measuring screen did not stay in front, or on a phone of `manufacturer` never came there."""
    if (manufacturer or "").lower() in XIAOMI:
        return (
            'allow the app to "Display pop-up windows while running in the background" in its settings, and run again'
        )
    return "unlock the phone, leave the app in front until the run has ended, and run again"
