"""What LiteRT saves a virtual phone over TensorFlow's own interpreter, with the references of both cached.

The same runner in both: in one process, TensorFlow's interpreter takes the place of LiteRT's module.
"""

import shutil
import tempfile
from pathlib import Path

from tests.perf.commands import ROOT, run_python
from tests.perf.ratio import Ratio

ON_TENSORFLOW = """
import sys, warnings
warnings.simplefilter("ignore")
import ai_edge_litert
from tensorflow.lite.python import interpreter
ai_edge_litert.interpreter = sys.modules["ai_edge_litert.interpreter"] = interpreter
from benchmarks.__main__ import main
sys.exit(main(sys.argv[1:]))
"""
TURNS = 3  # each is a minute
MODELS = "digits_cnn,digits_mlp,efficientnet_lite0"


def measure() -> list[Ratio]:
    """The default recipes, as `make benchmark DEVICE=virtual` measures them, in turns."""
    with tempfile.TemporaryDirectory(prefix="handset-") as folder:
        shutil.copytree(ROOT / "build" / "models", Path(folder) / "models", symlinks=True)
        asked = ["run", "--device", "virtual", "--models", MODELS, "--fresh", "--build", folder]
        ways = {"litert": ["-m", "benchmarks", *asked], "tensorflow": ["-c", ON_TENSORFLOW, *asked]}
        run_python(*ways["litert"])  # computes the references
        runs = [{name: run_python(*way, sampled=False) for name, way in ways.items()} for _ in range(TURNS)]
    seconds = {name: min(one[name][0] for one in runs) for name in ways}
    return [
        Ratio("benchmark of a virtual phone, share of the time on tf.lite", seconds["litert"] / seconds["tensorflow"],
              0.5, at_most=True),
        Ratio("the same, seconds", seconds["litert"], None),
        Ratio("the same, peak memory in MB", max(one["litert"][1] for one in runs) / 1e6, None),
    ]  # fmt: skip
