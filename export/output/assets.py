"""The app's assets: the chosen variants and `catalog.json`, all or nothing.

A model's file name contains its hash. New models are written beside the old ones, then one rename replaces the
catalogue, then the old ones are deleted. So an export that is killed leaves a complete catalogue with all its models.
Files whose names do not have this form are never touched.
"""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from export.errors import ExportError
from export.output.store import Record, Store, write_json
from export.recipe import Variant
from metadata.hashes import sha256_of
from metadata.output import replacing

FORMAT = "handset.catalog/1"
CATALOG = "catalog.json"
FILE = r"[a-z0-9_]+-[0-9a-f]{8}\.(tflite|selftest)"
OURS = re.compile(rf"{FILE}|\.({FILE}|catalog\.json)\.part-[0-9a-f]{{8}}")

LARGEST_FP32_BYTES = 20_000_000
"""EfficientNet-Lite0 and MobileNetV2 have 14 to 19 MB; the 94 MB of ResNet50V2 would make every APK too large."""


def update_assets(store: Store, recipes: tuple[str, ...], folder: Path) -> bool:
    """Make `folder` hold the models of these recipes as the manifest has them; False when it already did.

    ExportError when a file that has to be copied is missing or damaged.
    """
    catalog = {"format": FORMAT, "models": [entry for name in recipes for entry in _entries(store.records[name])]}
    files = {asset: file for name in recipes for asset, file in _files(store.records[name])}
    outdated = not _is_current(folder, catalog, files)
    if outdated:
        for name in recipes:
            if (damaged := store.damaged(store.records[name])) is not None:
                raise ExportError(f"{damaged} is missing or damaged; run python -m export {name}")
        folder.mkdir(parents=True, exist_ok=True)
        for asset, file in files.items():
            with (store.folder / file["path"]).open("rb") as source, replacing(folder / asset) as copy:
                shutil.copyfileobj(source, copy)
        write_json(folder / CATALOG, catalog)
    for old in folder.iterdir():
        if old.name not in files and OURS.fullmatch(old.name):
            old.unlink()
    return outdated


def _variants_of(record: Record) -> list[str]:
    """The default variant, and fp32 to compare it with, unless that is too large for an app."""
    default, fp32 = record["default_variant"], record["variants"].get(Variant.FP32)
    if default == Variant.FP32 or fp32 is None or fp32["bytes"] > LARGEST_FP32_BYTES:
        return [default]
    return [default, Variant.FP32]


def _files(record: Record) -> Iterator[tuple[str, Record]]:
    """(name in the assets, {path, sha256}) of every variant that goes into them, and of the self-test."""
    for variant in _variants_of(record):
        yield _asset_name(record["variants"][variant]), record["variants"][variant]
    if (self_test := record["reference"].get("self_test")) is not None:
        yield _asset_name(self_test), self_test


def _asset_name(file: Record) -> str:
    path = Path(file["path"])
    return f"{path.stem}-{file['sha256'][:8]}{path.suffix}"


def _entries(record: Record) -> Iterator[Record]:
    for variant in _variants_of(record):
        model = record["variants"][variant]
        entry: dict[str, Any] = {
            "recipe": record["card"]["name"],
            "variant": str(variant),
            "path": _asset_name(model),
            "sha256": model["sha256"],
            "screen": record["screen"],
            "default": variant == record["default_variant"],
        }
        if record["door"] is not None:
            entry["door"] = record["door"]
        if "self_test" in record["reference"]:
            entry["self_test"] = _asset_name(record["reference"]["self_test"])
        yield entry


def _is_current(folder: Path, catalog: Record, files: Mapping[str, Record]) -> bool:
    try:
        if json.loads((folder / CATALOG).read_text(encoding="utf-8")) != catalog:
            return False
        return all(sha256_of(folder / asset) == file["sha256"] for asset, file in files.items())
    except (OSError, ValueError):
        return False
