"""SavedModels as TF Hub publishes them, made here: a feature vector behind `serving_default`."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from export.errors import SourceError
from export.transfer import backbones, hub
from export.transfer.backbones import BackboneOptions
from tests.export.transfer.conftest import build_context

FEATURES = 16

pytestmark = pytest.mark.usefixtures("tensorflow")


def saved(folder: Path, answer: Any, size: int | None = 32, outputs: int = 1, channels: int = 3) -> Path:
    """A SavedModel with one convolution; `answer` makes of its map, (N, h, w, FEATURES), what is answered."""
    import tensorflow as tf

    class FeatureVector(tf.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.kernel = tf.Variable(
                np.random.default_rng(0).normal(size=(3, 3, channels, FEATURES)).astype(np.float32)
            )

        @tf.function(  # type: ignore[untyped-decorator]  # TensorFlow has no type stubs
            input_signature=[tf.TensorSpec((None, size, size, channels), tf.float32, "inputs")]
        )
        def __call__(self, inputs: Any) -> Any:
            made = answer(tf.nn.relu(tf.nn.conv2d(inputs, self.kernel, 2, "SAME")))
            return {f"feature_{index}": made for index in range(outputs)}

    module = FeatureVector()
    tf.saved_model.save(module, str(folder), signatures={"serving_default": module.__call__})
    return folder


def pooled(made: Any) -> Any:
    import tensorflow as tf

    return tf.reduce_mean(made, (1, 2))


def test_a_feature_vector_takes_pictures_from_0_to_1_at_its_own_size(tmp_path: Path) -> None:
    backbone = backbones.find(str(saved(tmp_path / "vector", pooled)))
    image = backbone.image
    assert (image.height, image.width, image.mean, image.std) == (32, 32, (0.0,) * 3, (255.0,) * 3)
    network = backbone.load(build_context())
    assert network(np.zeros((1, 32, 32, 3), np.float32)).shape == (1, FEATURES)
    assert network.count_params() == 3 * 3 * 3 * FEATURES
    assert not backbone.tunable


def test_an_open_size_is_224_or_what_the_user_says(tmp_path: Path) -> None:
    folder = str(saved(tmp_path / "vector", pooled, size=None))
    assert backbones.find(folder).image.height == 224
    image = backbones.find(folder, BackboneOptions(size=64, mean=127.5, std=127.5)).image
    assert (image.height, image.width, image.mean) == (64, 64, (127.5,) * 3)


def test_a_map_is_pooled(tmp_path: Path) -> None:
    backbone = backbones.find(str(saved(tmp_path / "map", lambda made: made)))
    assert backbone.load(build_context())(np.zeros((1, 32, 32, 3), np.float32)).shape == (1, FEATURES)


def test_another_size_than_the_signatures_is_refused(tmp_path: Path) -> None:
    folder = saved(tmp_path / "vector", pooled)
    with pytest.raises(SourceError, match=r"--size 64: vector takes 32×32; leave the option out"):
        backbones.find(str(folder), BackboneOptions(size=64))


def test_what_is_no_vector_is_refused(tmp_path: Path) -> None:
    import tensorflow as tf

    folder = saved(tmp_path / "scalars", lambda made: tf.reduce_mean(made, (1, 2, 3)))
    with pytest.raises(SourceError, match=r"answers with shape \(1,\); give one that answers \(N, features\)"):
        backbones.find(str(folder)).load(build_context())


def test_several_outputs_and_grey_pictures_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"^--backbone .*2 outputs: feature_0, feature_1"):
        backbones.find(str(saved(tmp_path / "two", pooled, outputs=2)))
    with pytest.raises(SourceError, match="not RGB pictures"):
        backbones.find(str(saved(tmp_path / "grey", pooled, channels=1)))


def test_a_saved_model_without_signature_is_refused(tmp_path: Path) -> None:
    import tensorflow as tf

    tf.saved_model.save(tf.Module(), str(tmp_path / "bare"))
    with pytest.raises(SourceError, match="has no signature"):
        backbones.find(str(tmp_path / "bare"))


def test_weights_do_not_go_with_a_saved_model(tmp_path: Path) -> None:
    folder = saved(tmp_path / "vector", pooled)
    with pytest.raises(SourceError, match="does not go with this backbone: a SavedModel carries them"):
        backbones.find(str(folder), BackboneOptions(weights="other.h5"))
    assert hub.image(folder, None, None, None, backbones.WHOLE).channels == 3
