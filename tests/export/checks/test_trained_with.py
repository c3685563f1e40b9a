"""Keras asked with the preprocessing of its training, and with the ImageSpec: one arrow, measured on real files."""

import io
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benchmarks.evaluation.desktop import KerasRunner, answer
from benchmarks.formats import inputs
from benchmarks.formats.inputs import Inputs
from export.__main__ import choose, parse
from export.checks.trained_with import BATCH, measure, pictures
from export.commands.table import footnotes
from export.errors import SourceError
from export.pipeline import export
from export.recipe import Choices, Entry, Evaluation, Recipe, TrainedWith, Variant
from metadata.card import CenterSquare, ImageSpec
from metadata.runtimes import load_runtime
from tests.export.conftest import Quiet
from tests.export.fragile import IMAGE, model, recipe
from tests.export.records import parity_of
from tests.golden.preprocess import paint

pytestmark = pytest.mark.usefixtures("tensorflow")
ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("HANDSET_TEST_DATA") or ROOT.parent / "shared" / "data")
LEVELS = ImageSpec(20, 28, 3, mean=(0.0,) * 3, std=(1.0,) * 3, crop=CenterSquare(7, 8))
GREY = ImageSpec(20, 28, 1, mean=(0.0,), std=(1.0,))


def written(folder: Path, *entries: tuple[str, bytes]) -> Inputs:
    return inputs.write(folder, [(name, data, 0) for name, data in entries])


def encoded(picture: Image.Image, suffix: str = "png", **options: Any) -> bytes:
    return paint.encoded(picture, suffix, **options)


def fed(trained_with: TrainedWith, evaluated: Inputs, image: ImageSpec = LEVELS) -> Any:
    return np.concatenate([batch.numpy() for batch in pictures(trained_with, evaluated, image)])


@pytest.mark.parametrize("method", ["bilinear", "bicubic"])
def test_tensorflows_resize_is_fed_as_it_is_between_and_beyond_the_levels(
    tmp_path: Path, tensorflow: Any, method: str
) -> None:
    picture = paint.stark("trained", 61, 47)
    tensor = fed(TrainedWith(f"tf_{method}"), written(tmp_path, ("a.png", encoded(picture))))
    exact = tensorflow.image.resize(np.asarray(picture), (20, 28), method, antialias=False)
    assert tensor.dtype == np.float32
    assert np.array_equal(tensor[0], exact)
    if method == "bicubic":
        assert tensor.min() < 0
        assert tensor.max() > 255


def test_load_img_is_fed_as_keras_does(tmp_path: Path) -> None:
    import keras

    data = encoded(paint.noise("trained", 61, 47))
    loaded = keras.utils.load_img(io.BytesIO(data), target_size=(20, 28))
    assert np.array_equal(fed(TrainedWith.KERAS_NEAREST, written(tmp_path, ("a.png", data)))[0], np.asarray(loaded))


@pytest.mark.parametrize("trained_with", TrainedWith)
def test_the_command_line_means_a_preprocessing_and_not_its_name(trained_with: TrainedWith) -> None:
    """A name is equal to its preprocessing, but is not it: `keras_nearest` would go to tf.image.resize."""
    _, choices = choose(parse(["digits_cnn", "--trained-with", str(trained_with)]))
    assert choices.trained_with is trained_with


@pytest.mark.parametrize("trained_with", TrainedWith)
def test_the_whole_picture_is_stretched_as_it_is_stored(tmp_path: Path, trained_with: TrainedWith) -> None:
    """The ImageSpec crops and turns; the training did neither. Halves of one colour survive any filter."""
    picture = Image.new("RGB", (80, 40), (200, 0, 0))
    picture.paste((0, 0, 200), (40, 0, 80, 40))
    data = encoded(picture, orientation=6)
    (tensor,) = fed(trained_with, written(tmp_path, ("a.png", data)))
    assert np.allclose(tensor[:, :12], (200, 0, 0))
    assert np.allclose(tensor[:, 16:], (0, 0, 200))


@pytest.mark.parametrize("trained_with", TrainedWith)
def test_mean_and_deviation_are_the_models_own(tmp_path: Path, trained_with: TrainedWith) -> None:
    evaluated = written(tmp_path, ("a.png", encoded(paint.noise("mean", 61, 47))))
    image = replace(LEVELS, mean=(100.0, 120.0, 140.0), std=(50.0, 60.0, 70.0))
    plain = fed(trained_with, evaluated)
    assert np.allclose(fed(trained_with, evaluated, image), (plain - image.mean) / image.std, atol=1e-5)


@pytest.mark.parametrize("trained_with", TrainedWith)
@pytest.mark.parametrize("image", [LEVELS, GREY], ids=["colour", "grey"])
def test_every_format_of_an_evaluation_set_is_read(tmp_path: Path, trained_with: TrainedWith, image: ImageSpec) -> None:
    smooth = paint.smooth(61, 47)
    files = [(f"a.{suffix}", encoded(smooth, suffix)) for suffix in ("png", "jpg", "gif", "webp")]
    files += [("grey.png", encoded(smooth.convert("L"))), ("alpha.png", encoded(smooth.convert("RGBA")))]
    raw = paint.noise("raw", 28, 20, image.channels)
    tensor = fed(trained_with, written(tmp_path, *files, ("b.raw", raw.tobytes())), image)
    assert tensor.shape == (7, 20, 28, image.channels)
    assert np.abs(tensor[1:6] - tensor[0]).mean() < 60
    assert np.array_equal(tensor[6], np.asarray(raw).reshape(20, 28, image.channels))


def test_a_set_of_any_size_is_read_a_few_batches_at_a_time(tmp_path: Path) -> None:
    """Only the first pictures are there at all, and the first batch does not miss the others."""
    data = encoded(paint.noise("stream", 40, 30))
    there = written(tmp_path, *((f"{index}.png", data) for index in range(12 * BATCH)))
    endless = Inputs(there.archive, tuple(f"{index}.png" for index in range(10_000_000)), ())
    first = next(iter(pictures(TrainedWith.TF_BILINEAR, endless, LEVELS)))
    assert first.shape == (BATCH, 20, 28, 3)


def test_a_picture_that_tensorflow_does_not_read_is_refused_near_its_name(tmp_path: Path) -> None:
    data = encoded(paint.noise("torn", 40, 30))
    evaluated = written(tmp_path, ("fine.png", data), ("torn.png", data[:60]))
    run, nothing = KerasRunner(model(1), IMAGE).run_model_input, np.zeros((2, 8), np.float32)
    with pytest.raises(
        SourceError, match=rf"^--trained-with tf_bilinear: fine\.png or one of the {BATCH - 1} after it is not "
    ):
        measure(TrainedWith.TF_BILINEAR, run, evaluated, IMAGE, nothing, Quiet())


def test_bare_pixels_of_the_models_size_have_no_such_arrow(tmp_path: Path) -> None:
    progress = Quiet()
    choices = Choices(variants=(Variant.FP32,), trained_with=TrainedWith.TF_BICUBIC)
    record = export(recipe(1), choices, load_runtime(), tmp_path, progress)
    assert record.trained_with is None
    assert any("none is resized" in line for line in progress.said)


def test_the_arrow_is_in_the_record_and_in_words(tmp_path: Path) -> None:
    """Fine stripes: antialiasing makes them grey, and without it they are what the pixels happen to be."""
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[::4] = (255, 0, 0)

    def evaluation(_: object) -> Evaluation:
        return Evaluation("stripes", [Entry(f"{n}.png", encoded(Image.fromarray(stripes)), 4) for n in range(20)])

    striped: Recipe = replace(recipe(1), evaluation=evaluation)
    choices = Choices(variants=(Variant.FP32,), trained_with=TrainedWith.KERAS_NEAREST)
    record = export(striped, choices, load_runtime(), tmp_path, Quiet())
    moved = record.trained_with
    assert moved is not None
    assert moved.accuracy is not None
    assert moved.training_accuracy is not None
    assert (moved.preprocessing, moved.inputs) == ("keras_nearest", 20)
    assert moved.accuracy == parity_of(record.variants["fp32"]).keras_accuracy
    assert moved.delta_points == pytest.approx(100 * (moved.accuracy - moved.training_accuracy))
    (line,) = (line for line in footnotes({"striped": record}) if "as trained" in line)
    assert line.startswith("striped: from keras_nearest, as trained, to the ImageSpec: accuracy ")
    assert line.endswith(f"{moved.agreement:.1%} of 20 inputs are answered alike")


@pytest.mark.thorough
def test_real_photographs_lose_by_a_training_that_does_not_antialias(tmp_path: Path) -> None:
    """EfficientNet-Lite0 was not trained so; fed so, it names fewer photographs, and the arrow says how many fewer."""

    from export.output.store import Store

    folder, record = DATA / "imagenet_samples", Store(ROOT / "build" / "models").records.get("efficientnet_lite0")
    if record is None or not folder.is_dir():
        pytest.skip(f"efficientnet_lite0 is not exported, or {folder} is not there; HANDSET_TEST_DATA names another")
    path = ROOT / "build" / "models" / record.reference.model.path
    image = record.card.spec()
    evaluated = inputs.write(tmp_path, photographs(folder))
    runner = KerasRunner(path, image)
    expected = answer(evaluated, image, {"keras": runner}, lambda _: None)["keras"]
    moved = measure(TrainedWith.KERAS_NEAREST, runner.run_model_input, evaluated, image, expected, Quiet())
    assert moved is not None
    assert (moved.accuracy or 0) > (moved.training_accuracy or 0) > 0.75
    assert (moved.delta_points or 0) > 1


def photographs(folder: Path) -> Iterator[tuple[str, bytes, int]]:
    """They are named after their class: NNN_synset_name.jpg."""
    for path in sorted(folder.glob("*.jp*g")):
        yield path.name, path.read_bytes(), int(path.name.split("_")[0])
