"""What two TFLite interpreters on two threads gain over Keras's `predict` on MNIST's 10,000 test digits."""

from functools import partial
from pathlib import Path
from typing import Any

import keras

from benchmarks.evaluation.desktop import TfliteRunner
from export import recipes
from export.data import mnist, sources
from metadata.card import ImageSpec
from metadata.preprocess import Pixels, normalised
from tests.perf.ratio import Ratio, paired

MODELS = Path(__file__).parent.parent.parent / "build" / "models" / "digits_cnn"
ROUNDS = 5


def measure() -> list[Ratio]:
    """digits_cnn as exported, normalisation included on both sides."""
    image = recipes.find("digits_cnn").card.image
    (file,) = sources.obtain(mnist.SOURCE, None, print)
    levels = mnist.load(file.path).test.pictures
    model = keras.models.load_model(MODELS / "reference" / "model.keras", compile=False)
    ratios = []
    for variant, target in (("fp32", 2.0), ("int8", 2.5)):
        runner = TfliteRunner((MODELS / f"digits_cnn_{variant}.tflite").read_bytes(), image)
        for batch_size, promised in ((32, target), (1000, None)):
            tflite = partial(runner.run, levels)
            cost = paired(tflite, partial(_predict, model, levels, batch_size, image), ROUNDS, calls=1)
            name = f"10,000 digits, TFLite {variant} over predict({batch_size}), times as fast"
            ratios.append(Ratio(name, 1 / cost, promised))
    return ratios


def _predict(model: Any, levels: Pixels, batch_size: int, image: ImageSpec) -> None:
    model.predict(normalised(levels, image), batch_size=batch_size, verbose=0)
