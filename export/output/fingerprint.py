"""What an export was made from, as one hash: equal fingerprints, equal inputs, nothing to do. No TensorFlow here."""

import ast
import hashlib
import json
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from export.data.sources import fingerprint as source_fingerprint
from export.recipe import Choices, Recipe, Screen
from metadata.hashes import sha256_of

ROOT = Path(__file__).parents[2]
WAY = "export.pipeline"  # from a recipe to a packed model
DATA = ("metadata/labels/*.txt", "metadata/runtimes/*.json")


def tools() -> dict[str, str]:
    """Versions of what takes part in an export."""
    named = ("tensorflow", "keras", "numpy", "pillow", "tflite-support", "flatbuffers")
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
    """sha256 of all that can change a model of this recipe: every file of this repository that its way imports."""
    named = ROOT / "export" / "recipes" / f"{recipe.name}.py"  # none where it was put together for a user
    waiting = [_file(WAY), named if named.is_file() else _file(recipe.build.__module__)]
    code = {path.relative_to(ROOT).as_posix(): sha256_of(path) for data in DATA for path in ROOT.glob(data)}
    while waiting:
        path = waiting.pop()
        if path is not None and (name := path.relative_to(ROOT).as_posix()) not in code:
            source = path.read_bytes()
            code[name] = hashlib.sha256(source).hexdigest()
            waiting += map(_file, _imported(source))
    return code


@cache
def _imported(source: bytes) -> frozenset[str]:
    """What a module imports, at once or in its functions: names of modules, and of what may be one in a package."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(names)


def _file(module: str) -> Path | None:
    """The file of a module or package of this repository; None for anyone else's."""
    path = ROOT.joinpath(*module.split("."))
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


def listing(folder: Path | None) -> list[list[str | int]] | None:
    """Names, sizes and times of a folder's files: enough to see a change without reading gigabytes."""
    if folder is None:
        return None
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [[str(path), path.stat().st_size, path.stat().st_mtime_ns] for path in files]
