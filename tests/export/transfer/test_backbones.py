import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from export.errors import SourceError
from export.transfer import applications, backbones
from export.transfer.applications import APPLICATIONS, PreprocessMode
from export.transfer.backbones import BackboneOptions
from metadata.preprocess import normalised
from tests.export.transfer.conftest import build_context

pytestmark = pytest.mark.thorough


def refusal(name: str, wish: BackboneOptions = backbones.NO_OPTIONS) -> str:
    with pytest.raises(SourceError) as refused:
        backbones.find(name, wish)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_every_model_of_keras_applications_has_its_pixels_and_size_on_file(tensorflow: Any) -> None:  # noqa: ARG001
    import keras

    there = {name for name in dir(keras.applications) if callable(getattr(keras.applications, name))}
    assert set(APPLICATIONS) == there


@pytest.mark.parametrize("name", ["MobileNetV2", "DenseNet121", "ResNet50", "VGG16", "EfficientNetB0"])
def test_what_reaches_the_network_is_what_keras_says_it_wants(name: str, tensorflow: Any) -> None:  # noqa: ARG001
    """Keras's own preprocess_input on one side; ImageSpec, `normalise` layer and turned kernel on the other."""
    import keras

    module = {
        "MobileNetV2": keras.applications.mobilenet_v2,
        "DenseNet121": keras.applications.densenet,
        "ResNet50": keras.applications.resnet,
        "VGG16": keras.applications.vgg16,
        "EfficientNetB0": keras.applications.efficientnet,
    }[name]
    levels = np.random.default_rng(0).integers(0, 256, (1, 64, 64, 3), np.uint8)
    spec = applications.image(APPLICATIONS[name], 64, None)
    ours = applications.load(name, 64, "random", build_context(seed=3))
    theirs = getattr(keras.applications, name)(include_top=False, weights=None, input_shape=(64, 64, 3), pooling="avg")
    _copy_back(ours, theirs, turned=APPLICATIONS[name].pixels is PreprocessMode.CAFFE)
    wanted = theirs.predict(module.preprocess_input(levels.astype(np.float32)), verbose=0)
    got = ours.predict(normalised(levels, spec), verbose=0)
    assert np.abs(wanted).max() > 0
    assert np.allclose(got, wanted, rtol=1e-3, atol=1e-4 * float(np.abs(wanted).max()))


def _copy_back(ours: Any, theirs: Any, turned: bool) -> None:
    """Our weights as Keras's own network would have them, the first kernel turned back to BGR."""
    import keras

    applications._copy_weights(ours, theirs)
    if turned:
        first = next(layer for layer in theirs.layers if isinstance(layer, keras.layers.Conv2D))
        kernel, *rest = first.get_weights()
        first.set_weights([kernel[:, :, ::-1, :], *rest])


def test_weights_from_a_file_are_those_of_the_file(tmp_path: Path, tensorflow: Any) -> None:  # noqa: ARG001
    first = applications.load("MobileNetV2", 96, "random", build_context(seed=1))
    first.save_weights(tmp_path / "mine.weights.h5")
    again = applications.load("MobileNetV2", 96, tmp_path / "mine.weights.h5", build_context(seed=2))
    assert np.array_equal(first.get_weights()[0], again.get_weights()[0])
    with pytest.raises(SourceError, match="does not hold MobileNet without its top's weights"):
        applications.load("MobileNet", 96, tmp_path / "mine.weights.h5", build_context())


def test_weights_that_cannot_be_downloaded_are_one_line(
    tensorflow: Any,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import keras

    def unreachable(*_: Any, **__: Any) -> str:
        raise Exception("URL fetch failure on weights.h5: None -- no route")  # as Keras does

    module = importlib.import_module("keras.src.applications.mobilenet_v2")
    monkeypatch.setattr(module.file_utils, "get_file", unreachable)
    with pytest.raises(SourceError) as refused:
        applications.load("MobileNetV2", 96, None, build_context())
    line = str(refused.value)
    assert line.startswith(
        "--backbone MobileNetV2: Keras's ImageNet weights could not be obtained (URL fetch failure on"
    )
    assert "give the file with --weights" in line
    assert keras is not None


@pytest.mark.parametrize(
    ("name", "wish", "line"),
    [
        ("MobilNetV2", BackboneOptions(), "unknown backbone 'MobilNetV2'; did you mean MobileNetV2?"),
        ("MobileNetV2", BackboneOptions(size=0), "--size 0: MobileNetV2 takes 32 to 1024; give one of these"),
        ("MobileNetV2", BackboneOptions(size=16), "--size 16: MobileNetV2 takes 32 to 1024; give one of these"),
        (
            "MobileNetV2",
            BackboneOptions(mean=0),
            "--mean 0 does not go with this backbone: keras.applications says how",
        ),
        (
            "MobileNetV2",
            BackboneOptions(weights="absent.h5"),
            "--weights absent.h5: no such file; give one, or leave it out",
        ),
        (
            "efficientnet_lite0",
            BackboneOptions(size=96),
            "--size 96 does not go with this backbone: it has its own size",
        ),
        ("efficientnet_lite0", BackboneOptions(weights="none"), "--weights none: efficientnet_lite0 has its own"),
    ],
)
def test_a_backbone_or_wish_that_cannot_be_is_one_line(name: str, wish: BackboneOptions, line: str) -> None:
    assert refusal(name, wish).startswith(line)


def test_a_folder_without_a_saved_model_is_refused(tmp_path: Path) -> None:
    assert "no SavedModel there (saved_model.pb); give the folder that holds it" in refusal(str(tmp_path))


def test_equal_means_are_the_phones_and_unequal_ones_stay_in_the_graph() -> None:
    assert backbones.find("MobileNetV2").image.mean == (127.5,) * 3
    for name in ("DenseNet121", "ResNet50", "EfficientNetB0"):
        spec = backbones.find(name).image
        assert (spec.mean, spec.std) == ((0.0,) * 3, (1.0,) * 3)
