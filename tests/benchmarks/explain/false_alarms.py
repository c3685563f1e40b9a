"""How often the rule for faulty layers is wrong where nothing is: `python -m tests.benchmarks.explain.false_alarms`.

A pair is one model and one input, run by this computer's LiteRT and by something healthy that has other kernels: the
builtin ones, more threads, TensorFlow 2.19's own interpreter, with ARM64=1 also an emulated arm64 processor. One input
is the hardest case for the rule, as `layers` looks at ten together. `--offset N` leaves out the first N inputs of each
set, so that the rule is tried on others than those its limits were set on. A pair counts as different where any tensor
is not the same bit for bit; a false alarm is a pair with a layer that the rule calls faulty.
"""

import argparse
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.evaluation.all_tensors import Values
from benchmarks.explain.layer_comparison import ComparedLayer, LayerComparison
from benchmarks.formats.classifier import Classifier
from benchmarks.formats.manifest import Manifest
from benchmarks.runners.arm64 import environment
from metadata.graph import read_graph
from metadata.preprocess import normalised
from metadata.probes import probed, with_outputs
from tests.benchmarks.models import MODELS

INPUTS: Mapping[str, int] = {"digits_cnn": 12, "digits_mlp": 12, "efficientnet_lite0": 2}
WAYS = (("ai_edge_litert", False, 1), ("tensorflow", True, 1), ("tensorflow", False, 2), ("ai_edge_litert", True, 4))
"""Package, whether XNNPACK may be used, threads; a repeated run of the kit's own way would be the same bit for bit."""
WORKER = """
import pickle, sys
from pathlib import Path
folder, package, xnnpack, threads = Path(sys.argv[1]), *sys.argv[2:]
if package == "tensorflow":
    from tensorflow.lite.python import interpreter as library
else:
    from ai_edge_litert import interpreter as library
resolvers = library.OpResolverType
resolver = resolvers.AUTO if xnnpack == "True" else resolvers.BUILTIN_WITHOUT_DEFAULT_DELEGATES
for asked in folder.glob("*.asked"):
    request = pickle.loads(asked.read_bytes())
    model = library.Interpreter(
        model_content=request["model"], num_threads=int(threads), experimental_op_resolver_type=resolver
    )
    model.allocate_tensors()
    answers = []
    for picture in request["inputs"]:
        model.set_tensor(model.get_input_details()[0]["index"], picture)
        model.invoke()
        answers.append([model.get_tensor(one["index"]) for one in model.get_output_details()])
    asked.with_suffix(".answered").write_bytes(pickle.dumps(answers))
"""
"""Runs everything that lies in a folder, in whatever Python it is started with."""


@dataclass(frozen=True)
class Asked:
    """One variant and its inputs, (n, height, width, channels)."""

    title: str
    model: bytes
    inputs: npt.NDArray[Any]

    def seen(self, answers: list[list[npt.NDArray[Any]]]) -> Iterator[Values]:
        """The tensors of each input, by index."""
        graph = read_graph(self.model)
        _, outputs = with_outputs(self.model, probed(graph).tensors)
        for model_input, values in zip(self.inputs, answers, strict=True):
            yield {graph.inputs[0]: model_input[None], **dict(zip(outputs, values, strict=True))}


@dataclass
class Counts:
    """What was found of one way, over all pairs."""

    pairs: int = 0
    different: int = 0
    alarms: int = 0
    relative: float = 0.0
    steps: float = 0.0

    def add(self, layers: tuple[ComparedLayer, ...]) -> ComparedLayer | None:
        """Count one pair; its first faulty layer."""
        self.pairs += 1
        self.different += any(not layer.adding_up.is_same for layer in layers)
        self.relative = max(self.relative, *(one.own.relative for one in layers if one.own.scale is None), 0.0)
        self.steps = max(self.steps, *(one.own.largest_steps or 0.0 for one in layers), 0.0)
        first = next((layer for layer in layers if layer.fault is not None), None)
        self.alarms += first is not None
        return first


def asked(offset: int) -> Iterator[Asked]:
    """Every exported variant of the recipes of `INPUTS`, on the inputs from that one on."""
    for recipe in Manifest.read(MODELS).recipes.values():
        count = INPUTS.get(recipe.name, 0)
        for variant in recipe.variants.values() if count else ():
            model = variant.file.checked().read_bytes()
            inputs = recipe.evaluation_set(None).at(range(offset, offset + count))
            levels = np.concatenate(list(inputs.batches(recipe.image, count)))
            yield Asked(variant.title, model, normalised(levels, recipe.image, Classifier.of(model).quantization))


def ways() -> Iterator[tuple[str, list[str], tuple[str, bool, int], Mapping[str, str]]]:
    """Name, command of a Python, package and kernels, environment."""
    for way in WAYS:
        package, xnnpack, threads = way
        yield f"{package} {'xnnpack' if xnnpack else 'builtin'} {threads}", [sys.executable], way, os.environ
    if os.environ.get("ARM64"):
        arm64 = environment.prepare(print)
        variables = {"PYTHONPATH": str(arm64.site), "PYTHONNOUSERSITE": "1", "PATH": os.environ["PATH"]}
        for xnnpack in (True, False):
            name = f"arm64 {'xnnpack' if xnnpack else 'builtin'}"
            yield name, list(arm64.command), ("ai_edge_litert", xnnpack, 1), variables


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.explain.false_alarms")
    parser.add_argument("--offset", type=int, default=0, metavar="N", help="leave out the first N inputs of each set")
    everything, found = list(asked(parser.parse_args().offset)), []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for place, one in enumerate(everything):
            copy, _ = with_outputs(one.model, probed(read_graph(one.model)).tensors)
            request = {"model": copy, "inputs": list(one.inputs[:, None])}
            (folder / f"{place}.asked").write_bytes(pickle.dumps(request))
        for name, command, way, env in ways():
            subprocess.run([*command, "-c", WORKER, folder, *map(str, way)], env=env, check=True, capture_output=True)
            counts = Counts()
            for place, one in enumerate(everything):
                answers = pickle.loads((folder / f"{place}.answered").read_bytes())  # noqa: S301 - written above
                for seen in one.seen(answers):
                    comparison = LayerComparison(one.model)
                    comparison.add(seen)
                    if (faulty := counts.add(comparison.layers())) is not None:
                        print(f"  alarm: {one.title}, {name}, {faulty.operator} {faulty.name}: {faulty.own}")
            print(
                f"{name:26} {counts.pairs:4} pairs, {counts.different:4} differ, {counts.alarms} false alarms; a layer "
                f"by itself is at most {counts.relative:.1e} of RMS off (floats), {counts.steps:.0f} steps (integers)"
            )
            found.append(counts)
            sys.stdout.flush()
    total = [sum(getattr(one, name) for one in found) for name in ("alarms", "different", "pairs")]
    print(f"{total[0]} false alarms in {total[1]} pairs that differ, of {total[2]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
