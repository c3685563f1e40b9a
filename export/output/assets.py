"""The app's assets: the chosen variants and `catalog.json`, all or nothing.

A model's file name carries its hash, so new models lie beside the old ones until the catalogue, in one rename, points
to them; only then do the old ones go. Whoever kills an export leaves a whole catalogue with all its models. Files of
other names are somebody else's and stay.
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

LARGEST_BESIDE_BYTES = 20_000_000
"""EfficientNet-Lite0 and MobileNetV2 have 14 to 19 MB; ResNet50V2's 94 would make every APK a large one."""


def ship(store: Store, recipes: tuple[str, ...], folder: Path) -> bool:
    """Bring `folder` in step with the manifest for these recipes; False when it was already.

    ExportError when a file that has to be copied is missing or damaged.
    """
    catalog = {"format": FORMAT, "models": [entry for name in recipes for entry in _entries(store.records[name])]}
    files = {asset: file for name in recipes for asset, file in _files(store.records[name])}
    behind = not _in_step(folder, catalog, files)
    if behind:
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
    return behind


def _shipped(record: Record) -> list[str]:
    """The default variant first, and beside it fp32, to compare with, where it is of a size for an app."""
    chosen, exact = record["default_variant"], record["variants"].get(Variant.FP32)
    if chosen == Variant.FP32 or exact is None or exact["bytes"] > LARGEST_BESIDE_BYTES:
        return [chosen]
    return [chosen, Variant.FP32]


def _files(record: Record) -> Iterator[tuple[str, Record]]:
    """What goes into the assets, by the name it has there: the shipped variants, and the self-test."""
    for variant in _shipped(record):
        yield _asset(record["variants"][variant]), record["variants"][variant]
    if (self_test := record["reference"].get("self_test")) is not None:
        yield _asset(self_test), self_test


def _asset(file: Record) -> str:
    path = Path(file["path"])
    return f"{path.stem}-{file['sha256'][:8]}{path.suffix}"


def _entries(record: Record) -> Iterator[Record]:
    for variant in _shipped(record):
        model = record["variants"][variant]
        entry: dict[str, Any] = {
            "recipe": record["card"]["name"],
            "variant": str(variant),
            "path": _asset(model),
            "sha256": model["sha256"],
            "screen": record["screen"],
            "default": variant == record["default_variant"],
        }
        if record["door"] is not None:
            entry["door"] = record["door"]
        if "self_test" in record["reference"]:
            entry["self_test"] = _asset(record["reference"]["self_test"])
        yield entry


def _in_step(folder: Path, catalog: Record, files: Mapping[str, Record]) -> bool:
    try:
        if json.loads((folder / CATALOG).read_text(encoding="utf-8")) != catalog:
            return False
        return all(sha256_of(folder / asset) == file["sha256"] for asset, file in files.items())
    except (OSError, ValueError):
        return False
