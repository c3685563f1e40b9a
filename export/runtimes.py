"""`python -m export.runtimes`: every exported model in the app's own runtime version, in an environment of its own.

The table in metadata/runtimes says which operators that runtime knows; this is the proof: TensorFlow 2.16.1 has the
operator set of the app's `tensorflow-lite` 2.16.1, and it must load each file and answer as the desktop does.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.formats import inputs
from export.checks.environment import environment
from export.commands.ending import run_command
from export.errors import ExportError, VariantError
from export.output.store import Record, Store, write_json
from metadata.card import ImageSpec
from metadata.command_line import OneLineParser
from metadata.preprocess import Quantization, QuantizedType, normalised
from metadata.runtimes import APP_RUNTIME, TABLES

ROOT = Path(__file__).parent.parent
SCRIPT = ROOT / "export" / "checks" / "run_in_runtime.py"
INPUTS = 20


@dataclass(frozen=True, slots=True)
class RuntimeOutcome:
    """One model in both runtimes: top-1 agreement, and the largest difference in the output's own units."""

    agreement: float
    max_difference: float
    unit: str


def compare(records: dict[str, Record], models: Path, python: Path) -> dict[str, RuntimeOutcome]:
    """Outcome by model file name, both runtimes fed the same inputs; VariantError when the app's refuses a model."""
    outcomes: dict[str, RuntimeOutcome] = {}
    with tempfile.TemporaryDirectory(prefix="handset-") as temporary:
        folder = Path(temporary)
        described = {
            Path(variant["path"]).stem: variant
            for record in records.values()
            for variant in record["variants"].values()
        }
        for record in records.values():
            _prepare(record, models, folder)
        theirs, ours = _run(python, folder), _run(Path(sys.executable), folder)
        for name, variant in described.items():
            if isinstance(theirs[name], str):
                raise VariantError(
                    f"TensorFlow Lite {APP_RUNTIME} refuses {name}.tflite: {theirs[name]}; export it again"
                )
            outcomes[name] = _outcome(np.asarray(theirs[name]), np.asarray(ours[name]), variant)
    return outcomes


def _prepare(record: Record, models: Path, folder: Path) -> None:
    """Lay every variant of a recipe, and the first inputs as it is fed them, into `folder`."""
    image = ImageSpec.from_json(record["card"]["image"])
    levels = next(inputs.read(models / record["folder"] / "reference").batches(image, INPUTS))
    for variant in record["variants"].values():
        fed, path = variant["input"], models / variant["path"]
        quantization = None
        if fed["dtype"] != "float32":
            quantization = Quantization(fed["scale"], fed["zero_point"], QuantizedType(fed["dtype"]))
        shutil.copyfile(path, folder / path.name)
        np.save(folder / f"{path.stem}.npy", normalised(levels, image, quantization))


def _run(python: Path, folder: Path) -> dict[str, npt.NDArray[np.generic] | str]:
    """Outputs, or the refusal, by model name, as that Python's TensorFlow Lite gives them."""
    done = subprocess.run([python, "-I", SCRIPT, folder], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ExportError(f"{python} failed: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")
    answers: dict[str, npt.NDArray[np.generic] | str] = {}
    for path in sorted(folder.glob("*.tflite")):
        refusal, outputs = path.with_suffix(".error"), path.with_suffix(".out.npy")
        if refusal.exists():
            answers[path.stem] = " ".join(refusal.read_text().split())
            refusal.unlink()
        else:
            answers[path.stem] = np.load(outputs)
            outputs.unlink()
    return answers


def _outcome(theirs: npt.NDArray[np.generic], ours: npt.NDArray[np.generic], variant: Record) -> RuntimeOutcome:
    difference = np.abs(theirs.astype(np.float64) - ours.astype(np.float64)).max()
    unit = "probability" if variant["output"]["dtype"] == "float32" else "steps"
    return RuntimeOutcome(float((theirs.argmax(axis=1) == ours.argmax(axis=1)).mean()), float(difference), unit)


def report(outcomes: dict[str, RuntimeOutcome]) -> Table:
    """One row a model."""
    table = Table(box=SIMPLE_HEAD, show_edge=False, padding=0)
    table.add_column("model")
    table.add_column("top-1 agree", justify="right")
    table.add_column("max difference", justify="right")
    for name, outcome in outcomes.items():
        unit = "" if outcome.unit == "probability" else f" {outcome.unit}"
        table.add_row(name, f"{outcome.agreement:.0%}", f"{outcome.max_difference:.2g}{unit}")
    return table


def act(parsed: argparse.Namespace) -> int:
    """Run what has not passed before, and say how many models there are; the exit code."""
    console = Console()
    records = Store(parsed.models).records
    if not records:
        raise ExportError(f"{parsed.models} holds no exported models; run make export first")
    passed = ROOT / "build" / "runtimes" / f"{APP_RUNTIME}.json"
    seen = [] if parsed.force or not passed.is_file() else json.loads(passed.read_text())
    wanted = {name: [variant["sha256"] for variant in record["variants"].values()] for name, record in records.items()}
    fresh = {name: record for name, record in records.items() if not set(wanted[name]) <= set(seen)}
    if fresh:
        say = partial(console.print, highlight=False, soft_wrap=True)
        python = environment(f"TensorFlow {APP_RUNTIME}", TABLES / f"{APP_RUNTIME}.lock", say)
        console.print(report(compare(fresh, parsed.models, python)))
        passed.parent.mkdir(parents=True, exist_ok=True)
        write_json(passed, list(chain.from_iterable(wanted.values())))
    count = sum(map(len, wanted.values()))
    console.print(f"{count} models load and run in TensorFlow Lite {APP_RUNTIME}, {INPUTS} inputs each")
    return 0


def main(arguments: list[str]) -> int:
    """Exit code 0 when every model loads and runs; 2, with one line, when one does not; 130 when interrupted."""
    parser = OneLineParser(prog="python -m export.runtimes", description=__doc__.split("\n\n")[0])
    parser.add_argument("--models", type=Path, default=ROOT / "build" / "models", metavar="DIR")
    parser.add_argument("--force", action="store_true", help="run models again that have passed before")
    parsed = parser.parse_args(arguments)
    return run_command("runtimes", partial(act, parsed), parsed.models)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
