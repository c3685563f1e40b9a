"""The app's assets: the chosen variants and `catalog.json`, all or nothing.

A model's file name contains its hash. New models are written beside the old ones, then one rename replaces the
catalogue, then the old ones are deleted. So an export that is killed leaves a complete catalogue with all its models.
Files whose names do not have this form are never touched.
"""

import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.formats.catalog import CATALOG_FILE as CATALOG
from benchmarks.formats.catalog import Catalog, CatalogEntry
from benchmarks.formats.declared import read_file
from benchmarks.formats.models_file import RecipeRecord
from benchmarks.formats.variant_record import FileRecord
from export.errors import ExportError
from export.output.store import Store, write_json
from export.recipe import Variant
from metadata.hashes import sha256_of
from metadata.output import replacing

FILE = r"[a-z0-9_]+-[0-9a-f]{8}\.(tflite|selftest)"
OURS = re.compile(rf"{FILE}|\.({FILE}|catalog\.json)\.part-[0-9a-f]{{8}}")

LARGEST_FP32_BYTES = 20_000_000
"""EfficientNet-Lite0 and MobileNetV2 have 14 to 19 MB; the 94 MB of ResNet50V2 would make every APK too large."""


def update_assets(store: Store, recipes: tuple[str, ...], folder: Path) -> bool:
    """Make `folder` hold the models of these recipes as the manifest has them; False when it already did.

    ExportError when a file that has to be copied is missing or damaged.
    """
    catalog = Catalog(tuple(entry for name in recipes for entry in _entries(store.records[name])))
    files = {asset: file for name in recipes for asset, file in _files(store.records[name])}
    outdated = not _is_current(folder, catalog, files)
    if outdated:
        for name in recipes:
            if (damaged := store.damaged(store.records[name])) is not None:
                raise ExportError(f"{damaged} is missing or damaged; run python -m export {name}")
        folder.mkdir(parents=True, exist_ok=True)
        for asset, file in files.items():
            with (store.folder / file.path).open("rb") as source, replacing(folder / asset) as copy:
                shutil.copyfileobj(source, copy)
        write_json(folder / CATALOG, catalog)
    for old in folder.iterdir():
        if old.name not in files and OURS.fullmatch(old.name):
            old.unlink()
    return outdated


def _variants_of(record: RecipeRecord) -> list[str]:
    """The default variant, and fp32 to compare it with, unless that is too large for an app."""
    default, fp32 = record.default_variant, record.variants.get(Variant.FP32)
    if default == Variant.FP32 or fp32 is None or fp32.size_bytes > LARGEST_FP32_BYTES:
        return [default]
    return [default, Variant.FP32]


def _files(record: RecipeRecord) -> Iterator[tuple[str, FileRecord]]:
    """(name in the assets, file) of every variant that goes into them, and of the self-test."""
    for variant in _variants_of(record):
        yield _asset_name(record.variants[variant]), record.variants[variant]
    if (self_test := record.reference.self_test) is not None:
        yield _asset_name(self_test), self_test


def _asset_name(file: FileRecord) -> str:
    path = Path(file.path)
    return f"{path.stem}-{file.sha256[:8]}{path.suffix}"


def _entries(record: RecipeRecord) -> Iterator[CatalogEntry]:
    self_test = record.reference.self_test
    for variant in _variants_of(record):
        model = record.variants[variant]
        yield CatalogEntry(
            recipe=record.card.name,
            variant=variant,
            path=_asset_name(model),
            sha256=model.sha256,
            screen=record.screen,
            default=variant == record.default_variant,
            door=record.door,
            self_test=None if self_test is None else _asset_name(self_test),
        )


def _is_current(folder: Path, catalog: Catalog, files: Mapping[str, FileRecord]) -> bool:
    try:
        if read_file(folder / CATALOG, Catalog, ExportError, "export again") != catalog:
            return False
        return all(sha256_of(folder / asset) == file.sha256 for asset, file in files.items())
    except (OSError, ExportError):
        return False
