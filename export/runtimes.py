"""`python -m export.runtimes`: run every exported model in the app's own runtime version, in a separate environment.

The table in metadata/runtimes lists the operators of that runtime; this command proves it. TensorFlow 2.16.1 has the
operators of the app's `tensorflow-lite` 2.16.1, so it must load each file and answer as LiteRT does here.
"""

import argparse
import json
import math
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.console.places import LOCKED_UV, add_build_option, cache_folder
from benchmarks.evaluation.separate_process import last_line, run_models
from benchmarks.formats import inputs
from benchmarks.formats.models_file import RecipeRecord
from benchmarks.formats.variant_record import VariantRecord
from export.commands.exit_code import print_error, run_command
from export.errors import ExportError, VariantError
from export.output.store import Store
from metadata.command_line import OneLineParser, run_main
from metadata.graph import Graph, read_graph
from metadata.hashes import sha256_of
from metadata.output import write_whole
from metadata.preprocess import Quantization, QuantizedType, normalised
from metadata.runtimes import APP_RUNTIME, TABLES

PASSED = Path("runtimes") / f"{APP_RUNTIME}.json"  # below the build folder: hashes of the models that have passed
INPUTS = 20
MODELS_WRONG = 1
PROBABILITY_TIE, STEPS_TIE = 1e-3, 1  # scores that differ by no more are a tie, and a lost tie is no error
# Kernels that quantise their input while they run round otherwise in another version: by 0.02 for EfficientNet-Lite0.
DYNAMIC_TIE = 0.05


@dataclass(frozen=True, slots=True)
class RuntimeOutcome:
    """One model in both runtimes: share of equal top-1 labels, and the largest difference of an output in `unit`.

    `agreement` counts a tie as equal; it is 0, and the difference NaN, where one of them answers with NaN or infinity.
    """

    agreement: float
    max_difference: float
    unit: str

    @property
    def is_right(self) -> bool:
        """Whether the app's runtime answers with numbers, and no top-1 label is lost."""
        return math.isfinite(self.max_difference) and self.agreement == 1


def environment(name: str, lock: Path, say: Callable[[str], None]) -> Path:
    """The Python of an environment with exactly the packages of `lock`, made once and kept in the cache.

    ExportError when it cannot be made.
    """
    folder = cache_folder().absolute() / "environments" / f"{name.replace(' ', '-')}-{sha256_of(lock)[:8]}"
    python, ready = folder / "bin" / "python", folder / ".ready"
    if ready.is_file():
        return python
    say(f"making an environment with {name} in {folder}")
    make = ["venv", "--quiet", "--clear", "--python", "3.11", str(folder)]
    locked = ["--quiet", "--no-deps", "--require-hashes", "-r", str(lock)]
    for arguments in (make, ["pip", "install", "--python", str(python), *locked]):
        done = subprocess.run([*LOCKED_UV, *arguments], stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            reason = last_line(done.stderr).removeprefix("setup: ")
            raise ExportError(f"{name} could not be installed: {reason}")
    ready.touch()
    return python


def compare(records: Mapping[str, RecipeRecord], models: Path, python: Path) -> dict[str, RuntimeOutcome]:
    """Outcome by model file name, from the same inputs in both; VariantError when the app's runtime refuses a model."""
    with tempfile.TemporaryDirectory(prefix="handset-") as temporary:
        folder = Path(temporary)
        variants: dict[str, VariantRecord] = {}
        for record in records.values():
            variants |= _prepare(record, models, folder)
        in_app, here = run_models(python, folder), run_models(Path(sys.executable), folder)
    outcomes: dict[str, RuntimeOutcome] = {}
    for name, variant in variants.items():
        if isinstance(in_app[name], str):
            raise VariantError(f"TensorFlow Lite {APP_RUNTIME} refuses {name}.tflite: {in_app[name]}; export it again")
        tie = _tie(read_graph((models / variant.path).read_bytes()), variant.output.dtype)
        outcomes[name] = _outcome(np.asarray(in_app[name]), np.asarray(here[name]), variant.output.dtype, tie)
    return outcomes


def _prepare(record: RecipeRecord, models: Path, folder: Path) -> dict[str, VariantRecord]:
    """Put every variant of a recipe and its first input tensors into `folder`; the variants' records by file stem."""
    image = record.card.spec()
    levels = next(inputs.read(models / record.folder / "reference").batches(image, INPUTS))
    variants: dict[str, VariantRecord] = {}
    for variant in record.variants.values():
        tensor, path = variant.input, models / variant.path
        quantization = None
        if tensor.scale is not None and tensor.zero_point is not None:
            quantization = Quantization(tensor.scale, tensor.zero_point, QuantizedType(tensor.dtype))
        shutil.copyfile(path, folder / path.name)
        np.save(folder / f"{path.stem}.npy", normalised(levels, image, quantization))
        variants[path.stem] = variant
    return variants


def _tie(graph: Graph, dtype: str) -> float:
    """By how much two scores may differ, in the unit of the output, and still be a tie."""
    if dtype != "float32":
        return STEPS_TIE
    return DYNAMIC_TIE if any(map(graph.is_dynamic, graph.operators)) else PROBABILITY_TIE


def _outcome(in_app: npt.NDArray[Any], here: npt.NDArray[Any], dtype: str, tie: float) -> RuntimeOutcome:
    unit = "probability" if dtype == "float32" else "steps"
    in_app, here = in_app.astype(np.float64), here.astype(np.float64)
    if not (np.isfinite(in_app).all() and np.isfinite(here).all()):
        return RuntimeOutcome(0.0, math.nan, unit)
    score_of_top = np.take_along_axis(here, in_app.argmax(axis=1)[:, np.newaxis], axis=1)[:, 0]
    equal = score_of_top >= here.max(axis=1) - tie
    return RuntimeOutcome(float(equal.mean()), float(np.abs(in_app - here).max()), unit)


def report(outcomes: dict[str, RuntimeOutcome]) -> Table:
    """A table with a row for each model."""
    table = Table(box=SIMPLE_HEAD, show_edge=False, padding=0)
    table.add_column("model")
    table.add_column("top-1 agree", justify="right")
    table.add_column("max difference", justify="right")
    for name, outcome in outcomes.items():
        unit = "" if outcome.unit == "probability" else f" {outcome.unit}"
        table.add_row(name, f"{outcome.agreement:.0%}", f"{outcome.max_difference:.2g}{unit}")
    return table


def act(options: argparse.Namespace) -> int:
    """Run the models that have not passed before, and print the result; exit code 0, 1 when a model is not right."""
    console = Console()
    records = Store(options.build.models).records
    if not records:
        raise ExportError(f"{options.build.models} holds no exported models; run make export first")
    file = options.build.root / PASSED
    passed = [] if options.force or not file.is_file() else json.loads(file.read_text())
    hashes = {name: [variant.sha256 for variant in record.variants.values()] for name, record in records.items()}
    new = {name: record for name, record in records.items() if not set(hashes[name]) <= set(passed)}
    every = list(chain.from_iterable(hashes.values()))
    if new:
        say = partial(console.print, highlight=False, soft_wrap=True)
        python = environment(f"TensorFlow {APP_RUNTIME}", TABLES / f"{APP_RUNTIME}.lock", say)
        outcomes = compare(new, options.build.models, python)
        console.print(report(outcomes))
        wrong = [name for name, outcome in outcomes.items() if not outcome.is_right]
        if wrong:
            line = f"{', '.join(wrong)}: TensorFlow Lite {APP_RUNTIME} answers otherwise than here, or with NaN"
            return print_error("runtimes", f"{line}; leave them out", MODELS_WRONG)
        write_whole(file, json.dumps(every).encode(), "--build")
    console.print(f"{len(every)} models load and run in TensorFlow Lite {APP_RUNTIME}, {INPUTS} inputs each")
    return 0


def main(arguments: list[str]) -> int:
    """Exit code 0 when every model answers as here; 1 when one does not; 2 when one does not load; 130 interrupted."""
    parser = OneLineParser(prog="python -m export.runtimes", description=__doc__.split("\n\n")[0])
    add_build_option(parser)
    parser.add_argument("--force", action="store_true", help="run models again that have passed before")
    options = parser.parse_args(arguments)
    return run_command("runtimes", partial(act, options), options.build.root)


if __name__ == "__main__":
    run_main(lambda: main(sys.argv[1:]))
