"""What it costs to fetch the tensors of a large network from a phone and to compare them, layer by layer."""

import shutil
import tempfile
from pathlib import Path

from tests.perf.commands import ROOT, run
from tests.perf.ratio import Ratio

RECIPE = "efficientnet_lite0"
PHOTOGRAPHS = "10"


def measure() -> list[Ratio]:
    """`explain --layers` of EfficientNet-Lite0 on ten photographs of a finished run, in fp32 and int8."""
    ratios = []
    with tempfile.TemporaryDirectory(prefix="handset-") as folder:
        shutil.copytree(ROOT / "build" / "models", Path(folder) / "models", symlinks=True)
        phone = ["--device", "virtual", "--build", folder]
        asked = ["--models", RECIPE, "--variants", "fp32,int8", "--limit", PHOTOGRAPHS, "--rounds", "0"]
        (Path(folder) / "no_gates.toml").write_text("")
        run("benchmarks", "run", *asked, "--gates", f"{folder}/no_gates.toml", *phone)
        for variant in ("fp32", "int8"):
            one = ["explain", "--layers", "--models", f"{RECIPE}_{variant}"]
            seconds, peak_bytes = run("benchmarks", *one, *phone)
            what = f"layers of {RECIPE} {variant} on {PHOTOGRAPHS} photographs of a virtual phone"
            ratios += [
                Ratio(f"{what}, seconds", seconds, 60, at_most=True),
                Ratio(f"{what}, peak memory in MB", peak_bytes / 1e6, 500, at_most=True),
            ]
    return ratios
