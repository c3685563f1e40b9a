"""Keras's own ImageNet models with seeded random weights, in files as Keras distributes them: no download, all real."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.evaluation.desktop import TfliteRunner
from export.convert import convert
from export.data import photographs
from export.data.sources import obtain
from export.errors import SourceError
from export.pipeline import export
from export.recipe import STANDARD, BuildContext, Choices, Recipe, Tolerance, Variant
from export.recipes import mobilenet_v2, vgg16
from metadata.door import Door
from metadata.preprocess import Pixels, QuantizedType, normalised, table
from metadata.runtimes import load_runtime
from tests.export.conftest import Quiet, cached, noise, unwarned
from tests.export.keras_weights import randomise, save
from tests.export.records import parity_of

pytestmark = [pytest.mark.thorough, pytest.mark.usefixtures("tensorflow")]


@pytest.fixture(scope="module")
def mobilenet_file(_imported: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with unwarned():
        model = mobilenet_v2.network()
        randomise(model)
        return save(model, tmp_path_factory.mktemp("weights") / mobilenet_v2.FILE)


def levels_of(recipe: Recipe, count: int) -> Pixels:
    """Real photographs as the model sees them."""
    cached(photographs.SOURCE)
    files = {photographs.SOURCE.name: obtain(photographs.SOURCE, None, lambda _: None)}
    return photographs.calibration(BuildContext(files, Choices(), Quiet()), recipe.card.image, count)


def keras_input(application: Any, levels: Pixels) -> Any:
    return application.preprocess_input(levels.astype(np.float32))


def test_mobilenet_v2_is_fed_what_keras_feeds_it() -> None:
    """To the last bit of float32: Keras divides and subtracts, the spec subtracts and divides."""
    import keras

    level = np.repeat(np.arange(256, dtype=np.uint8)[:, np.newaxis], 3, axis=1)
    ours = normalised(level, mobilenet_v2.RECIPE.card.image)
    assert np.abs(ours - keras_input(keras.applications.mobilenet_v2, level)).max() <= np.finfo(np.float32).eps


def test_mobilenet_v2_answers_as_kerass_own_with_the_same_file(mobilenet_file: Path) -> None:
    import keras

    theirs = keras.applications.MobileNetV2(weights=mobilenet_file)
    ours = mobilenet_v2.pretrained(mobilenet_file)
    assert ours.count_params() == mobilenet_v2.RECIPE.parameters == 3_538_984
    levels = levels_of(mobilenet_v2.RECIPE, 8)
    expected = theirs.predict(keras_input(keras.applications.mobilenet_v2, levels), verbose=0)
    answered = ours.predict(normalised(levels, mobilenet_v2.RECIPE.card.image), verbose=0)
    assert len({int(one) for one in expected.argmax(axis=1)}) > 1, "the weights tell pictures apart"
    assert np.abs(answered - expected).max() < 1e-5


def test_mobilenet_v2_goes_all_the_way_from_a_given_file(mobilenet_file: Path, tmp_path: Path) -> None:
    """Random weights leave top-1 to chance, so agreement is not asked of the quantised ones."""
    cached(photographs.SOURCE)
    loose = dict.fromkeys(Variant, Tolerance(accuracy=100, agreement=100))
    recipe = replace(mobilenet_v2.RECIPE, tolerances=loose)
    choices = Choices(local_files={"--weights": mobilenet_file})
    record = export(recipe, choices, load_runtime(), tmp_path, Quiet())
    assert (record.parameters, list(record.variants)) == (3_538_984, list(STANDARD))
    weights = next(source for source in record.sources if source.source == "mobilenet_v2")
    assert (weights.file, weights.origin) == (mobilenet_v2.FILE, "given by the user")
    for exact in ("fp32", "fp16"):
        assert parity_of(record.variants[exact]).agreement >= 0.98
    assert parity_of(record.variants["fp32"]).max_probability_difference < 1e-4
    int8 = record.variants["int8"].input
    assert int8.scale == pytest.approx(2 / 255)
    assert int8.zero_point == 127, "raw pixels pass"
    assert record.door == Door(dog=(151, 268), cat=(281, 285))


@pytest.mark.parametrize("kind", ["text", "cut off", "another model", "another name"])
def test_a_file_that_does_not_fit_is_one_line(mobilenet_file: Path, tmp_path: Path, kind: str) -> None:
    import keras

    path = tmp_path / ("weights.npz" if kind == "another name" else "weights.h5")
    match kind:
        case "text":
            path.write_text("not a weights file")
        case "cut off":
            path.write_bytes(mobilenet_file.read_bytes()[:1_000_000])
        case "another model":
            save(keras.Sequential([keras.Input((4,)), keras.layers.Dense(10)]), path)
        case "another name":
            path.write_bytes(mobilenet_file.read_bytes())
    with pytest.raises(SourceError) as refusal:
        mobilenet_v2.pretrained(path)
    message = str(refusal.value)
    assert message.startswith(f"{path} does not hold MobileNetV2's weights (")
    assert message.endswith("); see --weights")
    assert "\n" not in message


def test_a_whole_keras_model_serves_as_its_weights(mobilenet_file: Path, tmp_path: Path) -> None:
    """What people have on their disks is a .h5 or .keras file of the whole model as often as its weights alone."""
    model = mobilenet_v2.pretrained(mobilenet_file)
    for name in ("whole.h5", "whole.keras", "alone.weights.h5"):
        model.save_weights(tmp_path / name) if ".weights." in name else model.save(tmp_path / name)
        again = mobilenet_v2.pretrained(tmp_path / name)
        assert all(np.array_equal(*pair) for pair in zip(again.get_weights(), model.get_weights(), strict=True))


class Vgg16:
    """Keras's own VGG16 and what it answers after its own preprocessing, then ours from the same file."""

    def __init__(self, folder: Path) -> None:
        import keras

        self.levels = levels_of(vgg16.RECIPE, 4)
        theirs = keras.applications.VGG16(weights=None)
        randomise(theirs)
        self.kernel = theirs.get_layer("block1_conv1").get_weights()[0]
        self.expected = theirs.predict(keras_input(keras.applications.vgg16, self.levels), verbose=0)
        path = save(theirs, folder / vgg16.FILE)
        del theirs
        self.model = vgg16.pretrained(path)
        path.unlink()  # half a gigabyte


@pytest.fixture(scope="module")
def vgg(_imported: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vgg16]:
    with unwarned():
        yield Vgg16(tmp_path_factory.mktemp("vgg16"))


def test_vgg16_turned_to_rgb_answers_as_keras_does_on_bgr(vgg: Vgg16) -> None:
    assert vgg.model.count_params() == vgg16.RECIPE.parameters == 138_357_544
    answered = vgg.model.predict(normalised(vgg.levels, vgg16.RECIPE.card.image), verbose=0)
    assert vgg.expected.max() > 0.1, "the answers say something"
    assert np.abs(answered - vgg.expected).max() < 1e-4
    assert np.array_equal(answered.argmax(axis=1), vgg.expected.argmax(axis=1))


def test_vgg16s_kernel_is_turned_exactly_and_its_means_stand_in_the_graph(vgg: Vgg16) -> None:
    kernel = vgg.model.get_layer("block1_conv1").get_weights()[0]
    assert np.array_equal(kernel, vgg.kernel[:, :, [2, 1, 0]])
    import keras

    centred = keras.Model(vgg.model.inputs, vgg.model.get_layer("centred").output)
    ours = centred.predict(vgg.levels.astype(np.float32), verbose=0)
    assert np.abs(ours[..., ::-1] - keras_input(keras.applications.vgg16, vgg.levels)).max() < 1e-4


def test_vgg16s_entrance_takes_raw_pixels_when_it_is_quantised(vgg: Vgg16) -> None:
    """Its first two blocks alone, which convert in seconds: a quantised input is the picture's own bytes."""
    import keras

    pooled = keras.layers.GlobalAveragePooling2D()(vgg.model.get_layer("block2_pool").output)
    entrance, image = keras.Model(vgg.model.inputs, pooled), vgg16.RECIPE.card.image
    frozen, calibration = convert.freeze(entrance, image), convert.with_black_and_white(vgg.levels)
    float32, int8 = (
        TfliteRunner(convert.convert(frozen, variant, calibration, image), image)
        for variant in (Variant.FP32, Variant.INT8)
    )
    assert int8.quantization is not None
    assert (int8.quantization.dtype, int8.quantization.zero_point) == (QuantizedType.UINT8, 0)
    assert np.array_equal(table(image, int8.quantization), np.tile(np.arange(256), (3, 1)))
    expected = entrance.predict(normalised(vgg.levels, image), verbose=0)
    scale = np.abs(expected).max()
    assert np.abs(float32.run(vgg.levels) - expected).max() < 1e-5 * scale
    assert np.abs(int8.run(vgg.levels) - expected).max() < 0.05 * scale
    assert np.abs(float32.run(noise(7, 2, 224, 224, 3)) - float32.run(vgg.levels[:2])).max() > 0.05 * scale
