from collections import Counter
from typing import Any

import numpy as np
import pytest

from export import recipes
from export.errors import SourceError
from export.networks import efficientnet_lite0
from export.recipes import digits_cnn, digits_mlp

Layers = list[tuple[str, tuple[int, ...]]]


def layers_of(model: Any) -> Layers:
    return [(type(layer).__name__, tuple(layer.output.shape[1:])) for layer in model.layers]


def test_digits_mlp_is_one_hidden_layer_of_128(tensorflow: Any) -> None:  # noqa: ARG001
    model = digits_mlp.network()
    assert layers_of(model) == [("Flatten", (784,)), ("Dense", (128,)), ("Dense", (10,))]
    assert [layer.activation.__name__ for layer in model.layers[1:]] == ["relu", "softmax"]
    assert model.count_params() == recipes.find("digits_mlp").parameters == 101_770


def test_digits_cnn_is_three_convolutions_and_a_hidden_layer(tensorflow: Any) -> None:  # noqa: ARG001
    model = digits_cnn.network()
    assert layers_of(model) == [
        ("Conv2D", (26, 26, 32)),
        ("MaxPooling2D", (13, 13, 32)),
        ("Conv2D", (11, 11, 64)),
        ("MaxPooling2D", (5, 5, 64)),
        ("Conv2D", (3, 3, 64)),
        ("Flatten", (576,)),
        ("Dense", (64,)),
        ("Dense", (10,)),
    ]
    assert model.count_params() == recipes.find("digits_cnn").parameters == 93_322


@pytest.fixture(scope="module")
def lite0(_imported: None) -> Any:
    return efficientnet_lite0.network()


def test_efficientnet_lite0_is_sixteen_blocks_between_stem_and_head(lite0: Any) -> None:
    kinds = Counter(kind for kind, _ in layers_of(lite0))
    assert lite0.count_params() == recipes.find("efficientnet_lite0").parameters == 4_694_024
    assert (kinds["DepthwiseConv2D"], kinds["Conv2D"], kinds["Add"], kinds["Dense"]) == (16, 33, 9, 1)
    assert lite0.get_layer("conv_stem").output.shape[1:] == (112, 112, 32)
    assert lite0.get_layer("blocks_15_bn2").output.shape[1:] == (7, 7, 320)
    assert lite0.get_layer("conv_head").output.shape[1:] == (7, 7, 1280)
    assert lite0.output.shape[1:] == (1000,)
    assert {layer.max_value for layer in lite0.layers if type(layer).__name__ == "ReLU"} == {6.0}
    assert {layer.epsilon for layer in lite0.layers if type(layer).__name__ == "BatchNormalization"} == {1e-3}


def torch_tensors(model: Any) -> dict[str, Any]:
    """Seeded tensors with the names and axes of the checkpoint."""
    random, tensors = np.random.default_rng(7), {}
    for layer in model.layers:
        block, _, rest = layer.name.removeprefix("blocks_").partition("_")
        key = f"_blocks.{block}._{rest}" if layer.name.startswith("blocks_") else f"_{layer.name}"
        shapes = [tuple(weight.shape) for weight in layer.weights]
        match type(layer).__name__:
            case "BatchNormalization":
                for part in ("weight", "bias", "running_mean", "running_var"):
                    tensors[f"{key}.{part}"] = random.random(shapes[0], np.float32)
            case "Conv2D":
                height, width, into, out = shapes[0]
                tensors[f"{key}.weight"] = random.random((out, into, height, width), np.float32)
            case "DepthwiseConv2D":
                height, width, channels, _ = shapes[0]
                tensors[f"{key}.weight"] = random.random((channels, 1, height, width), np.float32)
            case "Dense":
                tensors[f"{key}.weight"] = random.random(shapes[0][::-1], np.float32)
                tensors[f"{key}.bias"] = random.random(shapes[1], np.float32)
    return tensors


def test_torch_axes_become_keras_axes(lite0: Any) -> None:
    tensors = torch_tensors(lite0)
    efficientnet_lite0.load_weights(lite0, tensors)
    stem = lite0.get_layer("conv_stem").get_weights()[0]
    assert stem[2, 1, 0, 5] == tensors["_conv_stem.weight"][5, 0, 2, 1]
    depthwise = lite0.get_layer("blocks_3_depthwise_conv").get_weights()[0]
    assert depthwise[4, 2, 7, 0] == tensors["_blocks.3._depthwise_conv.weight"][7, 0, 4, 2]
    dense, bias = lite0.get_layer("fc").get_weights()
    assert dense[3, 999] == tensors["_fc.weight"][999, 3]
    assert np.array_equal(bias, tensors["_fc.bias"])
    gamma, beta, mean, variance = lite0.get_layer("blocks_0_bn1").get_weights()
    parts = [tensors[f"_blocks.0._bn1.{part}"] for part in ("weight", "bias", "running_mean", "running_var")]
    assert all(np.array_equal(ours, theirs) for ours, theirs in zip((gamma, beta, mean, variance), parts, strict=True))


@pytest.mark.parametrize("misfit", ["missing", "shape", "axes"])
def test_weights_that_do_not_fit_are_refused_with_the_option(lite0: Any, misfit: str) -> None:
    tensors = torch_tensors(lite0)
    match misfit:
        case "missing":
            del tensors["_conv_head.weight"]
        case "shape":
            tensors["_fc.weight"] = tensors["_fc.weight"][:999]
        case "axes":
            tensors["_conv_head.weight"] = tensors["_conv_head.weight"].reshape(-1)
    with pytest.raises(SourceError, match=r"^these are not EfficientNet-Lite0's weights \(.*\); see --weights$"):
        efficientnet_lite0.load_weights(lite0, tensors)
