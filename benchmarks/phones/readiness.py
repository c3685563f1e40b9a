"""Whether the export, the app's assets and the attached phones are ready, each as a fact with its findings."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.adb.candidates import SearchPlaces
from benchmarks.adb.discovery import survey
from benchmarks.adb.errors import AdbServerError
from benchmarks.console.places import ASSETS, BUILD, short
from benchmarks.formats.catalog import CATALOG_FILE, Catalog, CatalogEntry
from benchmarks.formats.declared import read_file
from benchmarks.formats.errors import ManifestError
from benchmarks.formats.manifest import Manifest
from benchmarks.formats.run_file import Vitals
from benchmarks.phones.checkup import Check
from benchmarks.phones.preflight import Needs, judge
from benchmarks.phones.vitals import read_vitals
from metadata.finding import error, warning
from metadata.hashes import sha256_of


def check_export(models: Path = BUILD.models, assets: Path = ASSETS) -> Iterator[Check]:
    """The exported models, and whether the app's assets are those models."""
    try:
        manifest = Manifest.read(models)
    except ManifestError as problem:
        summary = str(problem).partition("; ")[0]
        yield Check("models", "none", (warning("NO-EXPORT", summary, "run make export"),))
        return
    files = {
        variant.file.sha256: variant for recipe in manifest.recipes.values() for variant in recipe.variants.values()
    }
    damaged = [variant.title for variant in files.values() if not variant.file.is_whole]
    broken = error("MODELS-DAMAGED", f"damaged or missing: {', '.join(damaged)}", "run make export")
    yield Check("models", f"{len(files)} in {len(manifest.recipes)} recipes", (broken,) if damaged else ())
    yield _check_assets(assets, set(files))


def _check_assets(assets: Path, exported: set[str]) -> Check:
    remedy = "run make export"
    try:
        entries = read_file(assets / CATALOG_FILE, Catalog, ManifestError, remedy).models
        stale = [one.path for one in entries if one.sha256 not in exported or not _is_whole(assets, one)]
    except (OSError, ManifestError):
        return Check("app assets", "none", (warning("NO-ASSETS", f"{short(assets)} has no catalogue", remedy),))
    found = (warning("ASSETS-STALE", f"not what was exported last: {', '.join(stale)}", remedy),) if stale else ()
    return Check("app assets", f"{len(entries)} models", found)


def _is_whole(assets: Path, entry: CatalogEntry) -> bool:
    path = assets / entry.path
    return path.is_file() and sha256_of(path) == entry.sha256


def check_phones(places: SearchPlaces) -> Iterator[Check]:
    """Every phone in these places: its state, and the benchmark app on it."""
    try:
        seen = survey(places)
    except AdbServerError as problem:
        summary = str(problem).partition("; ")[0]
        yield Check("phones", "none", (error("ADB-SERVER-SILENT", summary, "start it, or leave it out"),))
        return
    apk_sha256 = sha256_of(BUILD.apk) if BUILD.apk.is_file() else None
    try:
        for one in seen.found:
            yield check_phone(one.phone.serial, read_vitals(one.phone), apk_sha256)
        for other in seen.unusable:
            summary, _, remedy = str(other.problem).partition("; ")
            yield Check(f"phone {other.serial}", "cannot be used", (error("PHONE-UNUSABLE", summary, remedy),))
        if not seen.found and not seen.unusable:
            remedy = "plug one in with USB debugging on, or use DEVICE=virtual"
            yield Check("phones", "none", (warning("NO-PHONE", "no phone is attached", remedy),))
    finally:
        seen.close()


def check_phone(serial: str, vitals: Vitals, apk_sha256: str | None) -> Check:
    """One phone's state, judged as a run would."""
    facts = vitals.facts
    fact = f"{facts.model or 'unknown model'}, Android {facts.android or 'unknown'}"
    judged = judge(vitals, Needs((), 0, apk_sha256))
    return Check(f"phone {serial}", fact, (*judged.stopping, *judged.notes))
