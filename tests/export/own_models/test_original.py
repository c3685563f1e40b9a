"""The packed fp32 file answers as the user's file does in its own framework, for models as people have them."""

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from export.convert import convert
from export.convert.convert import Frozen
from export.errors import ParityError
from tests.export.own_models.conftest import Desk, answers, classifier, levels_of
from tests.export.own_models.small_models import PLAIN, ending, exported, pictures, rescaled

pytestmark = pytest.mark.usefixtures("tensorflow")
HALF = "lambda pictures: tf.image.resize(pictures, (8, 8)) * np.float32(0.5)"


@pytest.mark.parametrize("batch", [1, 4])
def test_a_fixed_batch_keeps_the_state_that_is_no_weight(desk: Desk, tmp_path: Path, batch: int) -> None:
    import keras

    normalization = keras.layers.Normalization()
    normalization.adapt(pictures(desk))
    picture = keras.Input(batch_shape=(batch, 16, 16, 3))
    model = keras.Model(picture, ending(normalization(picture), activation="softmax"))
    model.save(tmp_path / "model.keras")
    expected = np.concatenate([model(pictures(desk)[[index] * batch]).numpy()[:1] for index in range(9)])
    assert np.allclose(exported(desk, tmp_path / "model.keras"), expected, atol=1e-4)


@pytest.mark.parametrize("joined", ["average", "maximum", "multiply", "concatenate", "hard_sigmoid", "clip"])
def test_sigmoids_however_they_are_joined_are_no_logits(desk: Desk, tmp_path: Path, joined: str) -> None:
    import keras

    picture, pixels = rescaled()
    match joined:
        case "concatenate":
            output = keras.layers.Concatenate()([ending(pixels, 1) for _ in range(3)])
        case "hard_sigmoid":
            output = ending(pixels, activation="hard_sigmoid")
        case "clip":
            output = keras.ops.clip(ending(pixels, activation=None), 0.1, 0.9)
        case _:
            output = getattr(keras.layers, joined.title())()([ending(pixels) for _ in range(2)])
    model = keras.Model(picture, output)
    model.save(tmp_path / "model.keras")
    assert np.allclose(exported(desk, tmp_path / "model.keras"), model.predict(pictures(desk), verbose=0), atol=1e-5)
    assert "independent probabilities, which need not add up to 1" in desk.said


def test_an_average_of_single_sigmoids_becomes_two_probabilities(desk: Desk, tmp_path: Path) -> None:
    import keras

    picture, pixels = rescaled()
    model = keras.Model(picture, keras.layers.Average()([ending(pixels, 1) for _ in range(2)]))
    model.save(tmp_path / "model.keras")
    (tmp_path / "two.txt").write_text("no\nyes\n")
    (tmp_path / "pictures").mkdir()
    second = model.predict(pictures(desk), verbose=0)
    (desk.photos / "red").rename(desk.photos / "yes")
    (desk.photos / "blue").rename(desk.photos / "no")
    (desk.photos / "green").rename(tmp_path / "green")
    record = desk.export(tmp_path / "model.keras", "--labels", tmp_path / "two.txt", *PLAIN, "--variants", "fp32",
                         usual=False)  # fmt: skip
    second = model.predict(pictures(desk), verbose=0)
    got = answers(desk, record, levels_of(desk.photos))
    assert np.allclose(got, np.concatenate([1 - second, second], axis=1), atol=1e-5)


def test_a_linear_end_whose_answers_look_like_probabilities_is_refused(desk: Desk, tmp_path: Path) -> None:
    model = classifier(activation=None)
    model.layers[-1].set_weights([np.zeros((4, 3)), np.array([0.2, 0.3, 0.4])])
    model.save(tmp_path / "model.keras")
    assert "model.keras ends in a layer without an activation, yet its answers" in desk.refused(
        tmp_path / "model.keras"
    )


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_is_computed_in_float32(desk: Desk, tmp_path: Path, policy: str) -> None:
    import keras

    picture, pixels = rescaled()
    conv = keras.layers.Conv2D(4, 3, activation="relu", dtype=policy)(pixels)
    pooled = keras.layers.GlobalAveragePooling2D(dtype=policy)(conv)
    model = keras.Model(picture, keras.layers.Dense(3, "softmax", dtype="float32")(pooled))
    model.save(tmp_path / "model.keras")
    model.export(tmp_path / "folder", verbose=False)
    expected = model.predict(pictures(desk), verbose=0)
    tolerance = 2e-3 if policy == "mixed_float16" else 1e-2
    for path in (tmp_path / "model.keras", tmp_path / "folder"):
        assert np.allclose(exported(desk, path), expected, atol=tolerance)


def test_a_model_that_keras_has_quantised_is_named(desk: Desk, tmp_path: Path) -> None:
    model = classifier()
    model.quantize("int8")
    model.save(tmp_path / "model.keras")
    assert "model.keras was quantised by Keras (int8" in desk.refused(tmp_path / "model.keras")


@pytest.mark.parametrize("ending_of_name", [".keras", ".h5"])
def test_the_layers_of_keras_applications_are_keras_own(desk: Desk, tmp_path: Path, ending_of_name: str) -> None:
    import keras
    from keras.src.applications.convnext import LayerScale, StochasticDepth

    picture, pixels = rescaled()
    hidden = keras.layers.Conv2D(4, 3)(pixels)
    added = keras.layers.Add()([hidden, StochasticDepth(0.2)(LayerScale(0.5, 4)(hidden))])
    model = keras.Model(picture, ending(added, activation="softmax"))
    path = tmp_path / f"model{ending_of_name}"
    model.save(path)
    assert np.allclose(exported(desk, path), model.predict(pictures(desk), verbose=0), atol=1e-5)


def test_a_trusted_lambda_that_names_tf_works(desk: Desk, tmp_path: Path) -> None:
    import keras
    import tensorflow as tf

    # A function of its own module has its names; one that is loaded has only those that the kit gives it.
    half = eval(HALF, {"tf": tf, "np": np})  # noqa: S307 - our own text
    picture, pixels = rescaled()
    model = keras.Model(picture, ending(keras.layers.Lambda(half)(pixels), activation="softmax"))
    model.save(tmp_path / "model.keras")
    expected = model.predict(pictures(desk), verbose=0)
    assert np.allclose(exported(desk, tmp_path / "model.keras", "--trust"), expected, atol=1e-5)


def test_a_trusted_lambda_that_names_what_is_not_there_is_one_line(desk: Desk, tmp_path: Path) -> None:
    import keras

    helper = eval("lambda pixels: absent(pixels)", {"absent": lambda pixels: pixels})  # noqa: S307 - our own text
    picture, pixels = rescaled()
    keras.Model(picture, ending(keras.layers.Lambda(helper, name="mine")(pixels))).save(tmp_path / "model.keras")
    line = desk.refused(tmp_path / "model.keras", "--trust")
    assert "absent" in line
    assert "mine" in line


def test_code_of_another_python_is_said(desk: Desk, tmp_path: Path) -> None:
    import keras

    picture, pixels = rescaled()
    doubled = keras.layers.Lambda(lambda pictures: pictures * 2.0)(pixels)
    path = tmp_path / "model.keras"
    keras.Model(picture, ending(doubled)).save(path)
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    config = files["config.json"].decode()
    code = json.loads(config)["config"]["layers"][2]["config"]["function"]["config"]["code"]
    assert code in config or json.dumps(code) in config
    files["config.json"] = config.replace(json.dumps(code), json.dumps("4wAAAAA=\n")).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    assert "carries Python code that another version of Python wrote" in desk.refused(path, "--trust")


def test_a_quantisation_aware_model_keeps_its_float_variants(desk: Desk, tmp_path: Path) -> None:
    import tensorflow as tf

    kernel = tf.constant(np.random.default_rng(1).normal(size=(3, 3, 3, 4)), tf.float32)
    head = tf.constant(np.random.default_rng(2).normal(size=(4, 3)), tf.float32)

    def classify(pictures: Any) -> Any:
        fed = tf.quantization.fake_quant_with_min_max_args(pictures, -1, 1)
        weights = tf.quantization.fake_quant_with_min_max_args(kernel, -2, 2)
        hidden = tf.nn.relu(tf.nn.conv2d(fed, weights, 1, "VALID"))
        pooled = tf.reduce_mean(tf.quantization.fake_quant_with_min_max_args(hidden, 0, 6), (1, 2))
        return tf.nn.softmax(pooled @ head)

    module = tf.Module()
    module.call = tf.function(classify, input_signature=[tf.TensorSpec((None, 16, 16, 3), tf.float32)])
    tf.saved_model.save(module, str(tmp_path / "folder"), signatures=module.call)
    record = desk.export(tmp_path / "folder")
    assert {"fp32", "fp16", "dynamic"} <= set(record.variants)
    assert "int8" in record.variants or "int8 is left out: " in desk.said


def test_a_conversion_that_changes_the_answers_stops_the_export(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    classifier().save(tmp_path / "model.keras")
    freeze = convert.freeze

    def other(model: Any, image: Any) -> Frozen:
        import keras

        return freeze(keras.Sequential([keras.Input((16, 16, 3)), keras.layers.Rescaling(2.0), model]), image)

    monkeypatch.setattr(convert, "freeze", other)
    with pytest.raises(
        ParityError, match=r"must not ship: a probability differs by 0\.\d+ from model.keras in Keras 3"
    ):
        desk.export(tmp_path / "model.keras", "--variants", "fp32")
    with pytest.raises(ParityError, match="must not ship"):
        desk.export(tmp_path / "model.keras", "--variants", "dynamic")
