"""What Keras 2 wrote and Keras 3 no longer reads, said in Keras 3's words. Config in, config out.

Only what has an exact counterpart is rewritten; anything else stays, and Keras refuses it. Real files need each of
these: MobileNet's depthwise convolutions, `preprocess_input` inside a model, and every `.keras` file of TensorFlow 2.13
to 2.15.
"""

import copy
import re
from collections.abc import Callable
from typing import Any

from export.own_models.keras_config import Config, objects

ENGINE = re.compile(r"(tf_)?keras\.src\.engine\b")  # where Keras 2 kept its models
# What each function of x and a constant is, as (scale, offset).
ARITHMETIC: dict[str, Callable[[float], tuple[float, float]]] = {
    "math.add": lambda y: (1.0, y),
    "math.subtract": lambda y: (1.0, -y),
    "math.multiply": lambda y: (y, 0.0),
    "math.truediv": lambda y: (1 / y, 0.0),
    "nn.bias_add": lambda y: (1.0, y),
}


def modernised(config: Config) -> Config:
    """`config` as Keras 3 reads it; equal to it where there is nothing to rewrite."""
    new = copy.deepcopy(config)
    for one in objects(new):
        if isinstance(one.get("module"), str):
            one["module"] = ENGINE.sub("keras.src.models", one["module"]).replace("tf_keras", "keras")
        if isinstance(one.get("config"), dict):
            _rewrite(one, one["config"])
    return new


def _rewrite(one: Config, inner: Config) -> None:
    match one["class_name"], inner:
        case "DepthwiseConv2D", {"groups": 1}:  # it never was another
            del inner["groups"]
        case "BatchNormalization", {"axis": [axis]}:
            inner["axis"] = axis
        case "TFOpLambda", _ if (rescaling := _rescaling(one)) is not None:
            one["class_name"], one["registered_name"] = "Rescaling", None
            one["module"] = "keras.layers"
            one["config"] = {key: value for key, value in inner.items() if key != "function"} | rescaling
            one["inbound_nodes"] = [[[*one["inbound_nodes"][0][:3], {}]]]


def _rescaling(one: Config) -> Config | None:
    """The options of a Rescaling layer that does the same; None where none does."""
    nodes = one.get("inbound_nodes") or []
    if len(nodes) != 1 or len(nodes[0]) != 4 or not isinstance(nodes[0][3], dict):
        return None
    function = one["config"].get("function")
    value: Any = nodes[0][3].get("bias" if function == "nn.bias_add" else "y")
    values = value if isinstance(value, list) else [value]
    if function not in ARITHMETIC or not all(isinstance(each, int | float) for each in values):
        return None
    if function == "math.truediv" and 0 in values:
        return None
    scales, offsets = zip(*(ARITHMETIC[function](each) for each in values), strict=True)
    if isinstance(value, list):
        return {"scale": list(scales), "offset": list(offsets)}
    return {"scale": scales[0], "offset": offsets[0]}
