"""Whether the export, the app's assets and the attached phones are ready, each as a fact with its findings."""

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.adb.address import Address
from benchmarks.adb.candidates import SearchPlaces
from benchmarks.adb.discovery import survey
from benchmarks.adb.errors import AdbServerError
from benchmarks.console.places import ASSETS, BUILD, short
from benchmarks.formats.errors import ManifestError
from benchmarks.formats.manifest import Manifest
from benchmarks.phones.checkup import Check
from benchmarks.phones.preflight import Needs, judge
from benchmarks.phones.vitals import Vitals, read_vitals
from metadata.finding import error, warning
from metadata.hashes import sha256_of


def check_export(models: Path = BUILD.models, assets: Path = ASSETS) -> Iterator[Check]:
    """The exported models, and whether the app's assets are in step with them."""
    try:
        manifest = Manifest.read(models)
    except ManifestError as problem:
        yield Check("models", "none", (warning("NO-EXPORT", str(problem), "run make export"),))
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
        entries = json.loads((assets / "catalog.json").read_text(encoding="utf-8"))["models"]
        stale = [one["path"] for one in entries if one["sha256"] not in exported or _lies(assets / one["path"], one)]
    except (OSError, ValueError, KeyError, TypeError):
        return Check("app assets", "none", (warning("NO-ASSETS", f"{short(assets)} has no catalogue", remedy),))
    found = (warning("ASSETS-STALE", f"not what was exported last: {', '.join(stale)}", remedy),) if stale else ()
    return Check("app assets", f"{len(entries)} models", found)


def _lies(path: Path, entry: Mapping[str, str]) -> bool:
    return not path.is_file() or sha256_of(path) != entry["sha256"]


def check_phones(options: argparse.Namespace) -> Iterator[Check]:
    """Every phone that is attached: its state, and the benchmark app on it."""
    servers, tcp = (tuple(map(Address.parse, texts)) for texts in (options.adb_server, options.tcp))
    try:
        seen = survey(SearchPlaces(servers, tcp))
    except AdbServerError as problem:
        yield Check("phones", "none", (error("ADB-SERVER-SILENT", str(problem), "start it, or leave it out"),))
        return
    try:
        for one in seen.found:
            yield check_phone(
                one.phone.serial, read_vitals(one.phone), sha256_of(BUILD.apk) if BUILD.apk.is_file() else None
            )
        for sighting, reason in seen.silent:
            what, _, remedy = str(reason).partition("; ")
            yield Check(f"phone {sighting.serial}", "cannot be used", (error("PHONE-UNUSABLE", what, remedy),))
        if not seen.found and not seen.silent:
            remedy = "plug one in with USB debugging on, or use DEVICE=virtual"
            yield Check("phones", "none", (warning("NO-PHONE", "no phone is attached", remedy),))
    finally:
        seen.close()


def check_phone(serial: str, vitals: Vitals, apk_sha256: str | None) -> Check:
    """One phone's state, judged as a run would."""
    facts = vitals.facts
    fact = f"{facts.model or 'unknown model'}, Android {facts.android or 'unknown'}"
    return Check(f"phone {serial}", fact, judge(vitals, Needs((), 0, apk_sha256)).stopping)
