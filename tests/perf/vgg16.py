"""What the largest model costs: VGG16, 138 million parameters, exported whole from a file of seeded random weights."""

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.perf.commands import ROOT, run
from tests.perf.ratio import Ratio

# In a process of its own, so that this one does not keep the model that it wrote.
WRITE = """
import sys
from pathlib import Path
import keras
from tests.export.keras_weights import randomise, save
model = keras.applications.VGG16(weights=None)
randomise(model)
save(model, Path(sys.argv[1]))
"""


def measure() -> list[Ratio]:
    """All four variants, from the weights file to the manifest."""
    with tempfile.TemporaryDirectory(prefix="handset-") as folder:
        weights = str(Path(folder) / "vgg16.h5")
        subprocess.run([sys.executable, "-c", WRITE, weights], cwd=ROOT, capture_output=True, check=True)
        places = ("--out", f"{folder}/models", "--assets", f"{folder}/assets")
        seconds, peak_bytes = run("export", "vgg16", "--weights", weights, *places)
    return [
        Ratio("VGG16 exported, peak memory in GB", peak_bytes / 1e9, 6, at_most=True),
        Ratio("VGG16 exported, seconds", seconds, None),
    ]
