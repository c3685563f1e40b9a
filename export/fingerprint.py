"""What an export was made from, as one hash: equal fingerprints, equal inputs, nothing to do. No TensorFlow here."""

import hashlib
import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from export.recipe import Choices, Recipe, Screen
from export.sources import fingerprint as source_fingerprint
from metadata.hashes import sha256_of

ROOT = Path(__file__).parent.parent
# Commands beside the way from recipe to packed model; changing them changes no model.
BESIDE = frozenset(
    ("__main__", "assets", "classify", "contact_sheet", "environment", "run", "runtimes", "table", "teach", "terminal")
)
JUDGES = ("desktop.py", "inputs.py", "interpreter.py", "stats/*.py")  # what an export uses of benchmarks


def tools() -> dict[str, str]:
    """Versions of what takes part in an export."""
    named = ("tensorflow", "keras", "numpy", "pillow", "tflite-support", "flatbuffers")
    return {"python": platform.python_version()} | {name: version(name) for name in named}


def fingerprint(recipe: Recipe, choices: Choices) -> str:
    """Hex sha256 over code, sources, tools and the user's choices."""
    record: dict[str, Any] = {
        "code": _code(recipe),
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
        record["sources"] |= source_fingerprint(source, choices.given.get(source.option or ""))
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def _code(recipe: Recipe) -> dict[str, str]:
    """sha256 of every source file that can change a model of this recipe: the rooms, and its own recipe file."""
    files = [*(ROOT / "metadata").glob("**/*"), *(ROOT / "export").glob("*.py")]
    files += [path for judge in JUDGES for path in (ROOT / "benchmarks").glob(judge)]
    files += (ROOT / "export" / "recipes").glob(f"{recipe.name}.py")  # none where it was put together for a user
    chosen = (path for path in files if path.suffix in (".py", ".txt", ".json") and path.stem not in BESIDE)
    return {path.relative_to(ROOT).as_posix(): sha256_of(path) for path in chosen}


def listing(folder: Path | None) -> list[list[str | int]] | None:
    """Names, sizes and times of a folder's files: enough to see a change without reading gigabytes."""
    if folder is None:
        return None
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [[str(path), path.stat().st_size, path.stat().st_mtime_ns] for path in files]
