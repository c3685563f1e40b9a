"""Whole commands as a person types them: seconds, memory, and for the default export also accuracy."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path

from tests.perf.ratio import Ratio

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "build" / "models" / "efficientnet_lite0"
MODEL = FOLDER / "efficientnet_lite0_int8.tflite"
TIMES = 3  # whatever else the machine does makes one of them slower, never faster
SAMPLE_S = 0.1


def measure() -> list[Ratio]:
    """An export into a folder of its own, the same again, `metadata show`, and all digits on a virtual phone."""
    with tempfile.TemporaryDirectory(prefix="handset-") as folder:
        export = ["export", "--out", f"{folder}/models", "--assets", f"{folder}/assets"]
        seconds, peak_bytes = run(*export)
        nothing_s = min(run(*export)[0] for _ in range(TIMES))
        phone = ["run", "--device", "virtual", "--models", "digits_cnn,digits_mlp", "--build", folder]
        virtual_s, _ = run("benchmarks", *phone)
        recipes = json.loads((Path(folder) / "models" / "manifest.json").read_text())["recipes"]
    show_s = min(run("metadata", "show", str(MODEL))[0] for _ in range(TIMES))
    accuracy = {name: record["variants"]["fp32"]["parity"]["accuracy"] for name, record in recipes.items()}
    return [
        Ratio("default export, seconds", seconds, 90, at_most=True),
        Ratio("default export, peak memory in GB", peak_bytes / 1e9, 2.3, at_most=True),
        Ratio("export with nothing to do, seconds", nothing_s, 0.5, at_most=True),
        Ratio("python -m metadata show, seconds", show_s, 0.3, at_most=True),
        Ratio("10,000 digits, 8 models, on a virtual phone, seconds", virtual_s, 60, at_most=True),
        *_classify(),
        Ratio("digits_mlp, accuracy on 10,000 test digits", accuracy["digits_mlp"], 0.976),
        Ratio("digits_cnn, accuracy on 10,000 test digits", accuracy["digits_cnn"], 0.992),
    ]


def _classify() -> list[Ratio]:
    """Five photographs, by the model's name, and by its file, which a process of its own looks at first."""
    ratios = []
    with (
        tempfile.TemporaryDirectory(prefix="handset-") as folder,
        zipfile.ZipFile(FOLDER / "reference/inputs.zip") as kept,
    ):
        for name in kept.namelist()[:5]:
            kept.extract(name, folder)
        for way, model in (("by name", "efficientnet_lite0"), ("a file", str(MODEL))):
            runs = [run("benchmarks", "classify", folder, "--models", model) for _ in range(TIMES)]
            seconds, peak_bytes = min(took for took, _ in runs), max(size for _, size in runs)
            ratios += [
                Ratio(f"classify five photographs, {way}, seconds", seconds, 1, at_most=True),
                Ratio(f"classify five photographs, {way}, peak memory in MB", peak_bytes / 1e6, 200, at_most=True),
            ]
    return ratios


def run(module: str, *arguments: str) -> tuple[float, int]:
    """Wall seconds of `python -m module`, and the peak memory in bytes of all its processes together."""
    return run_python("-m", module, *arguments)


def run_python(*arguments: str, sampled: bool = True) -> tuple[float, int]:
    """The same of `python` with these arguments; what several processes hold together is sampled.

    To sample takes some 7 % of a core. Without, the peak is that of the largest process.
    """
    sums, ended = [0], threading.Event()
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL)

    def sample() -> None:
        while not ended.wait(SAMPLE_S):
            sums.append(_held_bytes(process.pid))

    sampler = threading.Thread(target=sample)
    if sampled:
        sampler.start()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    ended.set()
    if sampled:
        sampler.join()
    if status != 0:
        raise SystemExit(f"python {' '.join(arguments)} failed")
    largest_bytes = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)  # of one process, but exact
    return seconds, max(largest_bytes, *sums)


def _held_bytes(root: int) -> int:
    """The memory that the process and all that it started hold now; pages that they share count for each."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,rss="], capture_output=True, text=True, check=True).stdout
    rows = [tuple(map(int, line.split())) for line in listed.splitlines()]
    family = [root]
    for one in family:  # it grows meanwhile
        family += [pid for pid, parent, _ in rows if parent == one]
    return 1024 * sum(rss_kib for pid, _, rss_kib in rows if pid in family)
