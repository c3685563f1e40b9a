"""What an export was made from, as one hash: where it is equal, there is nothing to do. No TensorFlow here.

Code is counted by folder, not by what a recipe really imports: a change in `convert` exports every model again, a
change in a command, a report, a phone or the documentation none. A recipe's own file counts for itself alone.
"""

import hashlib
import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from export.data.sources import fingerprint as source_fingerprint
from export.recipe import Choices, Recipe, Screen
from metadata.hashes import sha256_of

ROOT = Path(__file__).parents[2]
SHARED_CODE = (
    *(f"export/{module}.py" for module in ("pipeline", "recipe", "source", "errors")),
    *(f"export/{room}/*.py" for room in ("checks", "convert", "data", "networks", "output")),
    "benchmarks/evaluation/**/*.py",
    *(f"benchmarks/formats/{name}.py" for name in ("catalog", "declared", "inputs", "models_file", "variant_record")),
    "metadata/*.py",
    "metadata/labels/*.txt",
    "metadata/runtimes/*.json",
)
OWN_CODE_ROOMS = ("own_models", "transfer")
"""Rooms whose code counts only for recipes whose `build` is written there; neither imports the other."""


def tools() -> dict[str, str]:
    """Versions of what takes part in an export."""
    named = ("tensorflow", "keras", "ai-edge-litert", "numpy", "pillow", "flatbuffers")
    return {"python": platform.python_version()} | {name: version(name) for name in named}


def fingerprint(recipe: Recipe, choices: Choices) -> str:
    """Hex sha256 over code, card, sources, tools and the user's choices."""
    record: dict[str, Any] = {
        "code": _code(recipe),
        "card": recipe.card.to_json(),
        "sources": {},
        "tools": tools(),
        "seed": choices.seed,
        "full": choices.full,
        "fine_tune": choices.fine_tune,
        "made_from": recipe.made_from,
        "variants": sorted(choices.variants),
        "trained_with": choices.trained_with,
        "eval_dir": listing(choices.eval_dir) if recipe.screen is Screen.GALLERY else None,
    }
    for source in recipe.sources:
        record["sources"] |= source_fingerprint(source, choices.local_files.get(source.option or ""))
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def _code(recipe: Recipe) -> dict[str, str]:
    """sha256 by path of every file of this repository that can change a model of this recipe."""
    patterns = [*SHARED_CODE, f"export/recipes/{recipe.name}.py"]
    patterns += [f"export/{room}/*.py" for room in OWN_CODE_ROOMS if f".{room}." in recipe.build.__module__]
    return {path.relative_to(ROOT).as_posix(): sha256_of(path) for pattern in patterns for path in ROOT.glob(pattern)}


def listing(folder: Path | None) -> list[list[str | int]] | None:
    """Names, sizes and times of a folder's files: enough to see a change without reading gigabytes."""
    if folder is None:
        return None
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [[str(path), path.stat().st_size, path.stat().st_mtime_ns] for path in files]
