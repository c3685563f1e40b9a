"""The app's assets: the chosen variants and `catalog.json`, all or nothing.

A model's file name carries its hash, so new models lie beside the old ones until the catalogue, in one rename, points
to them; only then do the old ones go. Whoever kills an export leaves a whole catalogue with all its models.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.stats import Verdict
from export.recipe import Variant
from export.sources import sha256_of
from export.store import Record, Store, write_json
from metadata.output import write_whole

FORMAT = "handset.catalog/1"
CATALOG = "catalog.json"


def default_variant(variants: Mapping[str, Record]) -> str:
    """The smallest variant that is surely within its tolerance; fp32 where none is."""
    within = [name for name, record in variants.items() if record["parity"]["verdict"] == Verdict.PASS]
    return min(within, key=lambda name: variants[name]["bytes"], default=Variant.FP32)


def ship(store: Store, recipes: tuple[str, ...], folder: Path) -> bool:
    """Bring `folder` in step with the manifest for these recipes; False when it was already."""
    models = [_entry(store.records[name], variant) for name in recipes for variant in _shipped(store.records[name])]
    catalog = {"format": FORMAT, "models": [entry for entry, _ in models]}
    if _in_step(folder, catalog):
        return False
    folder.mkdir(parents=True, exist_ok=True)
    for entry, path in models:
        write_whole(folder / entry["path"], (store.folder / path).read_bytes(), "--assets")
    write_json(folder / CATALOG, catalog)
    for old in set(folder.iterdir()) - _wanted(folder, catalog):
        old.unlink()
    return True


def _shipped(record: Record) -> list[str]:
    """The default variant first, and fp32 beside it."""
    chosen = [record["default_variant"]]
    return chosen if Variant.FP32 in chosen or Variant.FP32 not in record["variants"] else [*chosen, Variant.FP32]


def _entry(record: Record, variant: str) -> tuple[Record, str]:
    model = record["variants"][variant]
    entry: dict[str, Any] = {
        "recipe": record["card"]["name"],
        "variant": str(variant),
        "path": f"{Path(model['path']).stem}-{model['sha256'][:8]}.tflite",
        "sha256": model["sha256"],
        "screen": record["screen"],
        "default": variant == record["default_variant"],
    }
    if record["door"] is not None:
        entry["door"] = record["door"]
    return entry, model["path"]


def _wanted(folder: Path, catalog: Record) -> set[Path]:
    return {folder / CATALOG, *(folder / entry["path"] for entry in catalog["models"])}


def _in_step(folder: Path, catalog: Record) -> bool:
    try:
        if set(folder.iterdir()) != _wanted(folder, catalog):
            return False
        if json.loads((folder / CATALOG).read_text(encoding="utf-8")) != catalog:
            return False
        return all(sha256_of(folder / entry["path"]) == entry["sha256"] for entry in catalog["models"])
    except (OSError, ValueError):
        return False
