"""`python -m export` with everything real but the export of a model, which takes no TensorFlow and no time here.

The stand-in for export/pipeline.py fills the staging folder with seeded bytes. What they are depends on the
generation, as trained weights do on more than their fingerprint. Run as a program, it takes the arguments of
`python -m export`, and from the environment the generation, a fifo to wait for, and recipes that cannot be had.
"""

import json
import os
import random
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import export.__main__ as command
from export.checks.verify import default_variant
from export.errors import SourceError
from export.output.store import Record, describe_file

FILE_BYTES = 200_000
REFERENCE = {
    "model": "model.keras",
    "inputs": "inputs.zip",
    "truth": "truth.json",
    "probabilities": "probabilities.npy",
}
PARITY: dict[str, Any] = {
    "inputs": 10_000,
    "keras_accuracy": 0.99,
    "accuracy": 0.99,
    "delta_points": 0.0,
    "delta_interval": [-0.04, 0.04],
    "agreement": 1.0,
    "agreement_interval": [0.9996, 1.0],
    "max_probability_difference": 0.0,
    "limit_points": 0.1,
    "verdict": "PASS",
}


class Generation:
    """Which bytes the next export writes, and whether it is held up first."""

    number = 0
    gate: str | None = None


def export(recipe: Any, choices: Any, runtime: Any, staged: Path, progress: Any) -> Record:  # noqa: ARG001
    """What the real one returns, of seeded bytes."""
    if Generation.gate is not None:
        progress.say("waiting at the gate")
        Path(Generation.gate).read_bytes()
    if recipe.name in os.environ.get("REFUSED", "").split(","):
        raise SourceError(f"{recipe.name} could not be obtained: it is refused")
    (staged / "reference").mkdir()
    noise = random.Random(Generation.number)  # noqa: S311 - bytes that differ, not secrets
    for name in REFERENCE.values():
        (staged / "reference" / name).write_bytes(noise.randbytes(FILE_BYTES))
    variants: Record = {}
    for share, variant in enumerate(choices.variants, start=1):
        path = staged / f"{recipe.name}_{variant}.tflite"
        path.write_bytes(noise.randbytes(FILE_BYTES // share))
        variants[str(variant)] = describe_file(staged, path) | {"seconds": 0.1, "parity": PARITY}
    return {
        "card": recipe.card.to_json(),
        "screen": str(recipe.screen),
        "shipped": recipe.shipped,
        "door": recipe.door.to_json() if recipe.door else None,
        "parameters": recipe.parameters,
        "sources": [{"source": source.name} for source in recipe.sources],
        "evaluation": {"name": "stand-in", "inputs": 10_000, "labelled": True},
        "variants": variants,
        "default_variant": default_variant(variants),
        "reference": {key: describe_file(staged, staged / "reference" / name) for key, name in REFERENCE.items()},
        "seconds": 0.1,
    }


def install(log_root: Path) -> None:
    """From here on, this process exports stand-ins, and its logs go below `log_root`."""
    module = ModuleType("export.pipeline")
    module.__dict__["export"] = export
    sys.modules["export.pipeline"] = module
    command.ROOT = log_root


if __name__ == "__main__":
    Generation.number = int(os.environ.get("GENERATION", "0"))
    Generation.gate = os.environ.get("GATE")
    install(Path(os.environ["LOG_ROOT"]))
    code = command.main(sys.argv[1:])
    if "WITH_TENSORFLOW" in os.environ:
        print(json.dumps("tensorflow" in sys.modules))
    sys.exit(code)
