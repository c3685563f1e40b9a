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
from benchmarks.formats.models_file import EvaluationRecord, ExportRecord, ReferenceRecord, SourceRecord
from export.checks.verify import default_variant
from export.errors import SourceError
from export.output.store import describe_file
from tests.export.records import card_of, export_of, variant_of

FILE_BYTES = 200_000
REFERENCE = {
    "model": "model.keras",
    "inputs": "inputs.zip",
    "truth": "truth.json",
    "probabilities": "probabilities.npy",
}


class Generation:
    """Which bytes the next export writes, and whether it is held up first."""

    number = 0
    gate: str | None = None


def export(recipe: Any, choices: Any, runtime: Any, staged: Path, progress: Any) -> ExportRecord:  # noqa: ARG001
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
    variants = {}
    for share, variant in enumerate(choices.variants, start=1):
        path = staged / f"{recipe.name}_{variant}.tflite"
        path.write_bytes(noise.randbytes(FILE_BYTES // share))
        variants[str(variant)] = variant_of(describe_file(staged, path))
    files = {key: describe_file(staged, staged / "reference" / name) for key, name in REFERENCE.items()}
    return export_of(
        card=card_of(recipe.card),
        screen=recipe.screen,
        shipped=recipe.shipped,
        door=recipe.door,
        parameters=recipe.parameters,
        sources=tuple(
            SourceRecord(source=source.name, file="", sha256="0" * 64, origin="", license="")
            for source in recipe.sources
        ),
        evaluation=EvaluationRecord("stand-in", 10_000, True),
        variants=variants,
        default_variant=default_variant(variants),
        reference=ReferenceRecord(**files),
        seconds=0.1,
    )


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
