"""What the app's preprocessing costs on this machine's Java, which is no phone's, and beside Pillow in the same run.

Milliseconds are medians of single pictures, after decoding; so are the bytes that Java allocates for one of them.
"""

import statistics
import subprocess
import time

import numpy as np
from PIL import Image

from benchmarks.runners.java import find_jdk
from benchmarks.runners.kotlin import build, missing
from metadata.card import CenterSquare, ImageSpec
from metadata.exif import UPRIGHT
from metadata.picture import upright
from metadata.preprocess import tensor
from tests.perf.ratio import Ratio

SIDE = 224
SPEC = ImageSpec(SIDE, SIDE, 3, (127.5,) * 3, (127.5,) * 3, CenterSquare(7, 8))
TIMING = "app.handset.desktop.TimingKt"
NS_PER_MS = 1_000_000
FRAME_BYTES = 64


def measure() -> list[Ratio]:
    """A camera frame and a 12-megapixel photograph, as it lies and turned; nothing where Java or Maven is missing."""
    if missing() is not None:
        return []
    return [
        *_measured("640x480", 640, 480, rounds=200, target_ms=3.0),
        *_measured("12 MP", 4000, 3000, rounds=20, target_ms=50.0),
        *_measured("12 MP turned", 4000, 3000, rounds=20, target_ms=50.0, orientation=6),
    ]


def _measured(
    name: str, width: int, height: int, rounds: int, target_ms: float, orientation: int = UPRIGHT
) -> tuple[Ratio, ...]:
    """Milliseconds, their ratio to Pillow's, one after the other and turning included, and bytes allocated: medians."""
    stored = Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8))
    command = [str(find_jdk().java), "-cp", str(build()), TIMING, str(width), str(height), str(orientation)]
    ours, ratios, allocated_bytes = [], [], []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as java:
        for _ in range(rounds):  # while Java compiles
            _ask(java)
        for _ in range(rounds):
            took_ns, held_bytes = _ask(java)
            ours.append(took_ns)
            allocated_bytes.append(held_bytes)
            began = time.perf_counter_ns()
            tensor(upright(stored, orientation), SPEC)
            ratios.append(ours[-1] / (time.perf_counter_ns() - began))
    title = f"Kotlin on a JVM, {name} to {SIDE}"
    return (
        Ratio(f"{title}, ms", statistics.median(ours) / NS_PER_MS, target_ms, at_most=True),
        Ratio(f"{title}, over Pillow", statistics.median(ratios), None),
        Ratio(f"{title}, bytes allocated", statistics.median(allocated_bytes), FRAME_BYTES, at_most=True),
    )


def _ask(java: "subprocess.Popen[str]") -> tuple[int, int]:
    """Nanoseconds and bytes of one picture."""
    assert java.stdin is not None
    assert java.stdout is not None
    java.stdin.write("\n")
    took_ns, held_bytes = map(int, java.stdout.readline().split())
    return took_ns, held_bytes
