"""The packed fp32 file answers as the user's file does in its own framework, for models as people have them."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from export.convert import convert
from export.convert.convert import Frozen
from export.errors import ParityError
from tests.export.own_models.conftest import Desk, answers, classifier, levels_of

pytestmark = pytest.mark.usefixtures("tensorflow")
HALF = "lambda pictures: tf.image.resize(pictures, (8, 8)) * np.float32(0.5)"
PLAIN = ("--mean", 0, "--std", 1)


def exported(desk: Desk, path: Path, *options: object) -> Any:
    """What the fp32 file answers to the pictures, which are given as they are."""
    record = desk.export(path, "--labels", desk.usual[1], *PLAIN, "--variants", "fp32", *options, usual=False)
    return answers(desk, record, levels_of(desk.photos))


def pictures(desk: Desk) -> Any:
    return levels_of(desk.photos).astype(np.float32)


def ending(picture: Any, outputs: int = 3, activation: str | None = "sigmoid", layers: Any = None) -> Any:
    import keras

    layers = layers or keras.layers
    pooled = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, activation="relu")(picture))
    return layers.Dense(outputs, activation=activation)(pooled)


def rescaled(size: tuple[int, ...] = (16, 16, 3)) -> tuple[Any, Any]:
    import keras

    keras.utils.set_random_seed(3)
    picture = keras.Input(size)
    return picture, keras.layers.Rescaling(1 / 127.5, -1)(picture)


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


def keras2_nested() -> Any:
    from tf_keras import Input, Model, Sequential, layers

    base_input = Input((16, 16, 3))
    hidden = layers.SeparableConv2D(6, 3, activation="relu")(layers.Conv2DTranspose(4, 3)(base_input))
    base = Model(base_input, layers.BatchNormalization()(hidden), name="base")
    augment = Sequential([layers.RandomFlip(), layers.RandomRotation(0.1), layers.RandomZoom(0.1)], name="augment")
    picture = Input((16, 16, 3))
    pixels = augment(picture) / 127.5 - 1.0
    return Model(picture, layers.Dense(3, "softmax")(layers.GlobalAveragePooling2D()(base(pixels))))


def keras2_input_shape() -> Any:
    from tf_keras import Sequential, layers

    return Sequential(
        [
            layers.Rescaling(1 / 255, input_shape=(16, 16, 3)),
            layers.RandomHeight(0.1),
            layers.RandomWidth(0.1),
            layers.Conv2D(4, 3, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, activation="softmax"),
        ]
    )


def keras2_batch() -> Any:
    import tf_keras

    picture = tf_keras.Input(batch_shape=(4, 16, 16, 3))
    pixels = tf_keras.layers.Rescaling(1 / 255)(picture)
    return tf_keras.Model(picture, ending(pixels, activation="softmax", layers=tf_keras.layers))


def keras2_mixed(policy: str = "mixed_float16") -> Any:
    import tf_keras

    old = tf_keras.mixed_precision.global_policy()
    tf_keras.mixed_precision.set_global_policy(policy)
    try:
        picture = tf_keras.Input((16, 16, 3))
        pixels = tf_keras.layers.Rescaling(1 / 255)(picture)
        scores = ending(pixels, activation=None, layers=tf_keras.layers)
        return tf_keras.Model(picture, tf_keras.layers.Activation("softmax", dtype="float32")(scores))
    finally:
        tf_keras.mixed_precision.set_global_policy(old)


@pytest.mark.parametrize("ending_of_name", [".keras", ".h5"])
@pytest.mark.parametrize("make", [keras2_nested, keras2_input_shape, keras2_batch, keras2_mixed])
def test_a_file_of_keras_2_answers_as_in_tf_keras(
    desk: Desk, tmp_path: Path, make: Callable[[], Any], ending_of_name: str
) -> None:
    import tf_keras

    tf_keras.utils.set_random_seed(5)
    model, path = make(), tmp_path / f"model{ending_of_name}"
    model.save(path)
    batch = model.inputs[0].shape[0] or 1
    fed = pictures(desk)
    expected = np.concatenate([model(fed[[index] * batch], training=False).numpy()[:1] for index in range(len(fed))])
    tolerance = 2e-3 if make is keras2_mixed else 1e-5
    assert np.allclose(exported(desk, path), expected, atol=tolerance)


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


def test_a_saved_model_with_slot_optimizers_loads_as_a_graph(desk: Desk, tmp_path: Path) -> None:
    import tf_keras

    model = keras2_input_shape()
    model.compile(tf_keras.optimizers.legacy.Adam(), "sparse_categorical_crossentropy")
    model.fit(pictures(desk), np.zeros(len(pictures(desk))), verbose=0)
    model.save(tmp_path / "folder", save_format="tf")
    expected = model.predict(pictures(desk), verbose=0)
    assert np.allclose(exported(desk, tmp_path / "folder"), expected, atol=1e-5)
    from export.networks import saved_model

    alone = saved_model.read(tmp_path / "folder")._load_graph_alone(ValueError())
    assert np.allclose(alone.predict_on_batch(pictures(desk)), expected, atol=1e-5)
    assert alone.count_params() >= model.count_params()


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
