"""Whole commands as a person types them: seconds, and for the default export also memory and accuracy."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.perf.ratio import Ratio

ROOT = Path(__file__).parent.parent.parent
MODEL = ROOT / "build" / "models" / "efficientnet_lite0" / "efficientnet_lite0_int8.tflite"


def measure() -> list[Ratio]:
    """An export into a folder of its own, the same again, `metadata show`, and all digits on a virtual phone."""
    with tempfile.TemporaryDirectory(prefix="handset-") as folder:
        export = ["export", "--out", f"{folder}/models", "--assets", f"{folder}/assets"]
        seconds, peak_bytes = run(*export)
        nothing_s, _ = run(*export)
        phone = ["run", "--device", "virtual", "--models", "digits_cnn,digits_mlp", "--build", folder]
        virtual_s, _ = run("benchmarks", *phone)
        recipes = json.loads((Path(folder) / "models" / "manifest.json").read_text())["recipes"]
    show_s = min(run("metadata", "show", str(MODEL))[0] for _ in range(3))
    accuracy = {name: record["variants"]["fp32"]["parity"]["accuracy"] for name, record in recipes.items()}
    return [
        Ratio("default export, seconds", seconds, 240, at_most=True),
        Ratio("default export, peak memory in GB", peak_bytes / 1e9, 3, at_most=True),
        Ratio("export with nothing to do, seconds", nothing_s, 1, at_most=True),
        Ratio("python -m metadata show, seconds", show_s, 0.3, at_most=True),
        Ratio("10,000 digits, 8 models, on a virtual phone, seconds", virtual_s, 60, at_most=True),
        Ratio("digits_mlp, accuracy on 10,000 test digits", accuracy["digits_mlp"], 0.976),
        Ratio("digits_cnn, accuracy on 10,000 test digits", accuracy["digits_cnn"], 0.992),
    ]


def run(module: str, *arguments: str) -> tuple[float, int]:
    """Wall seconds and peak memory in bytes of `python -m module`."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", module, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"python -m {module} {' '.join(arguments)} failed")
    return time.perf_counter() - started, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
