"""Files of Keras 2 answer as in tf-keras, their own framework."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.export.own_models.conftest import Desk
from tests.export.own_models.small_models import ending, exported, pictures

pytestmark = pytest.mark.usefixtures("tensorflow")


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


def test_a_saved_model_of_keras_2_for_a_batch_is_told_what_helps_and_that_helps(desk: Desk, tmp_path: Path) -> None:
    import tf_keras

    tf_keras.utils.set_random_seed(5)
    model = keras2_batch()
    model.save(tmp_path / "folder", save_format="tf")
    line = desk.refused(tmp_path / "folder")
    assert line == (
        f"{tmp_path}/folder is built for batches of 4, and a graph cannot be rebuilt; load it with "
        "tf.keras.models.load_model, save it with model.save('model.h5'), and give that, which can be"
    )
    tf_keras.models.load_model(tmp_path / "folder").save(tmp_path / "model.h5")
    fed = pictures(desk)
    expected = np.concatenate([model(fed[[index] * 4], training=False).numpy()[:1] for index in range(len(fed))])
    assert np.allclose(exported(desk, tmp_path / "model.h5"), expected, atol=1e-5)
