"""Seeded crops of real photographs, to calibrate models of photographs on, and to compare their variants on.

The photographs are scikit-image's sample data. The crops have no labels: they show whether a variant agrees with
Keras, and nothing about accuracy.
"""

import io
import zlib
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from PIL import Image

from export.recipe import BuildContext, Entry, Evaluation, Tolerance, Variant
from export.source import Member, Source
from metadata.card import ImageSpec
from metadata.picture import decode
from metadata.preprocess import pixels

SOURCE = Source(
    name="photographs",
    package="scikit-image==0.26.0",
    members=(
        Member("skimage/data/astronaut.png", "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5"),
        Member("skimage/data/chelsea.png", "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb"),
        Member("skimage/data/coffee.png", "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7"),
        Member("skimage/data/motorcycle_left.png", "db18e9c4157617403c3537a6ba355dfeafe9a7eabb6b9b94cb33f6525dd49179"),
        Member("skimage/data/rocket.jpg", "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c"),
    ),
    license="public domain and CC0 (origins in the package's skimage/data)",
)
EVALUATION = 200
CALIBRATION = 98  # with a black and a white picture, a hundred

TOLERANCES = {
    # 200 crops cannot show a loss below 1.9 points; and a part of a photograph is harder to classify than all of it.
    Variant.FP32: Tolerance(accuracy=0.5, agreement=2.0),
    Variant.FP16: Tolerance(accuracy=0.5, agreement=4.0),
    Variant.DYNAMIC: Tolerance(accuracy=2.0, agreement=15.0),
    Variant.INT8: Tolerance(accuracy=2.0, agreement=15.0),
}


def evaluation(context: BuildContext) -> Evaluation:
    """200 square crops as PNG, so that a phone decodes the very same pixels."""
    return Evaluation("seeded crops of photographs", _encoded(context, EVALUATION))


def calibration(context: BuildContext, image: ImageSpec, count: int) -> npt.NDArray[np.uint8]:
    """`count` preprocessed crops, not those of `evaluation`: uint8 (count, height, width, channels)."""
    return np.stack([pixels(crop, image) for crop in _crops(context, count, context.choices.seed + 1)])


def _encoded(context: BuildContext, count: int) -> Iterator[Entry]:
    for index, crop in enumerate(_crops(context, count, context.choices.seed)):
        file = io.BytesIO()
        crop.save(file, "PNG", compress_level=1, compress_type=zlib.Z_RLE)  # smaller and decoded faster
        yield Entry(f"{index:03d}.png", file.getvalue(), None)


def _crops(context: BuildContext, count: int, seed: int) -> Iterator[Image.Image]:
    photographs = [decode(file.path) for file in context.files[SOURCE.name]]
    random = np.random.default_rng(seed)
    for index in range(count):
        photograph = photographs[index % len(photographs)]
        side = int(random.integers(min(photograph.size) // 2, min(photograph.size) + 1))
        left, top = (int(random.integers(0, size - side + 1)) for size in photograph.size)
        yield photograph.crop((left, top, left + side, top + side))
