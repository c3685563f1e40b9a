"""The tiny models that the golden jobs run: seeded, untrained, and otherwise exactly what an export packs."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from export.convert.convert import convert, freeze, with_black_and_white
from export.recipe import STANDARD, Variant
from metadata import writer
from metadata.card import CenterSquare, ImageSpec, ModelCard, Resize
from metadata.support_library import load_support

COLOUR = ImageSpec(
    24, 24, 3, mean=(127.5,) * 3, std=(127.5,) * 3, crop=CenterSquare(7, 8), resize=Resize.PILLOW_BILINEAR
)
DIGIT = ImageSpec(28, 28, 1, mean=(0.0,), std=(255.0,))
LABELS = {"colour": ("ant", "bee", "cat", "dog"), "digit": tuple("0123456789")}
SEED = 7
CALIBRATION = 50


def models() -> Mapping[str, bytes]:
    """Every model file by name.

    `bare_fp32` carries nothing: no labels and no preprocess.json. Google's own writer packed the `standard` ones: they
    carry nothing of the kit. `no_classifier_fp32` makes a picture of a picture. `text` is no model.
    """
    files = {"text.tflite": b"This is no model.\n", "no_classifier_fp32.tflite": _no_classifier()}
    variants = {"colour": STANDARD, "digit": (Variant.FP32, Variant.INT8)}
    for name, image in (("colour", COLOUR), ("digit", DIGIT)):
        frozen = freeze(_classifier(image, len(LABELS[name])), image)
        calibration = with_black_and_white(_calibration(image))
        for variant in variants[name]:
            plain = convert(frozen, variant, calibration, image)
            files[f"{name}_{variant}.tflite"] = writer.pack(plain, _card(name, image))
            if name == "colour" and variant is Variant.FP32:
                files["bare_fp32.tflite"] = plain
            if name == "colour" and variant in (Variant.FP32, Variant.INT8):
                files[f"standard_{variant}.tflite"] = packed_by_google(plain, LABELS[name])
    return files


def packed_by_google(model: bytes, labels: tuple[str, ...], mean: float = 127.5, std: float = 127.5) -> bytes:
    """`model` with the metadata that tflite-support's own writer gives an image classifier, in [-1, 1] by default."""
    image_classifier = load_support("metadata.python.metadata_writers.image_classifier")
    with tempfile.TemporaryDirectory() as folder:
        label_file = Path(folder, "classes.txt")
        label_file.write_text("".join(f"{label}\n" for label in labels))
        writing = image_classifier.MetadataWriter.create_for_inference(model, [mean], [std], [str(label_file)])
        return bytes(writing.populate())


def _no_classifier() -> bytes:
    """A model whose output is a picture."""
    import keras

    image = ImageSpec(8, 8, 3, mean=(0.0,) * 3, std=(255.0,) * 3)
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(3, 3, padding="same")])
    return convert(freeze(model, image), Variant.FP32, _calibration(image), image)


def _classifier(image: ImageSpec, labels: int) -> Any:
    import keras

    keras.utils.set_random_seed(SEED)
    decided = keras.initializers.VarianceScaling(scale=12)  # answers that differ from input to input
    layers = [
        keras.Input((image.height, image.width, image.channels)),
        keras.layers.Conv2D(8, 3, strides=2, padding="same", activation="relu"),
        keras.layers.Conv2D(16, 3, strides=2, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Flatten(),
        keras.layers.Dense(labels, activation="softmax", kernel_initializer=decided),
    ]
    return keras.Sequential(layers)


def _calibration(image: ImageSpec) -> Any:
    random = np.random.default_rng(SEED)
    coarse = random.integers(0, 256, (CALIBRATION, image.height // 4, image.width // 4, image.channels), dtype=np.uint8)
    return coarse.repeat(4, 1).repeat(4, 2)


def _card(name: str, image: ImageSpec) -> ModelCard:
    about = "A golden model: seeded, never trained."
    return ModelCard(f"golden_{name}", about, "1", "Handset", "Apache-2.0", image, LABELS[name])
