"""Configs of Keras files: which framework wrote them, and what is changed before they are loaded. No Keras here."""

import copy
import re
from typing import Any

from export.errors import OwnModelError
from export.own_models.keras_config import SAVED_MODEL, Config, objects

# A TFOpLambda layer of Keras 2 names a function of TensorFlow. These compute and do nothing else.
PURE_FUNCTION = re.compile(
    r"(math|nn|linalg)\.\w+|__operators__\.\w+|keras\.(activations|ops)\.\w+|"
    r"image\.(adjust_\w+|central_crop|convert_image_dtype|crop_\w+|flip_\w+|grayscale_to_rgb|pad_to_bounding_box|"
    r"per_image_standardization|random_\w+|resize\w*|rgb_to_\w+|rot90|transpose|hsv_to_rgb)|"
    r"(abs|add|add_n|argmax|argmin|argsort|boolean_mask|broadcast_to|cast|clip_by_norm|clip_by_value|concat|constant|"
    r"convert_to_tensor|cos|cumsum|depth_to_space|divide|einsum|equal|exp|expand_dims|fill|floor|gather|gather_nd|"
    r"greater|greater_equal|identity|less|less_equal|linspace|logical_and|logical_not|logical_or|matmul|maximum|"
    r"minimum|multiply|negative|norm|not_equal|one_hot|ones|ones_like|pad|pow|range|rank|realdiv|reduce_\w+|repeat|"
    r"reshape|reverse|roll|round|saturate_cast|shape|sigmoid|sign|sin|slice|sort|space_to_depth|split|sqrt|square|"
    r"squeeze|stack|stop_gradient|strided_slice|subtract|tan|tanh|tensordot|tile|transpose|truediv|unstack|where|"
    r"zeros|zeros_like)"
)
FUNCTION_LAYERS = frozenset({"TFOpLambda", "SlicingOpLambda"})
# These name classes, methods or operators of TensorFlow, and few models have one.
UNCHECKED_LAYERS = frozenset({"ClassMethod", "InstanceMethod", "InstanceProperty", "TensorFlowOpLayer"})
QUANTISED_POLICY = re.compile(r"(u?int\d+|float8)(_from_\w+)?")
BATCH_SHAPES = ("batch_shape", "batch_input_shape", "build_input_shape", "input_shape")


def is_keras2(version: str | None, config: Config) -> bool:
    """Whether Keras 2, or the one before it, wrote the file; `version` is what the file states."""
    if version is not None:
        return version.startswith(("1.", "2."))
    return not any("module" in layer and "registered_name" in layer for layer in objects(config))


def refuse_functions(name: str, config: Config) -> None:
    """Raise OwnModelError for a layer that names a function of TensorFlow which may do more than compute."""
    for layer in objects(config):
        inner = layer.get("config")
        function = inner.get("function") if isinstance(inner, dict) else None
        kind = layer["class_name"]
        if kind in UNCHECKED_LAYERS:
            raise OwnModelError(f"{name} has a layer of the class {kind}, which can name anything; {SAVED_MODEL}")
        if kind in FUNCTION_LAYERS and not (isinstance(function, str) and PURE_FUNCTION.fullmatch(function)):
            raise OwnModelError(
                f"{name} calls TensorFlow's {str(function)[:80]}, which may do more than compute; {SAVED_MODEL}"
            )


def refuse_quantised(name: str, config: Config) -> None:
    """Raise OwnModelError for a model that Keras itself has quantised."""
    for layer in objects(config):
        inner = layer.get("config")
        policies = (inner.get("name"), inner.get("mode")) if isinstance(inner, dict) else ()
        if "DTypePolicy" not in str(layer["class_name"]) and not str(layer["class_name"]).startswith("Quantized"):
            continue
        found = next((str(policy) for policy in policies if QUANTISED_POLICY.fullmatch(str(policy))), None)
        if found is not None:
            raise OwnModelError(
                f"{name} was quantised by Keras ({found}), which TensorFlow Lite's converter does not read; give the "
                "model as it was before model.quantize, and the export makes its own int8"
            )


def without_training(config: Config) -> Config:
    """The config without what the models inside it need for training only; loading does not heed the outermost's."""
    outermost = {key: config[key] for key in ("compile_config",) if key in config}
    stripped: Config = _without(config)
    return stripped | outermost


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without(inner) for key, inner in value.items() if key != "compile_config"}
    return [_without(inner) for inner in value] if isinstance(value, list) else value


def of_any_batch(config: Config, batch: int) -> Config:
    """The config with an open batch size in place of `batch`."""
    new = copy.deepcopy(config)
    waiting: list[Any] = [new]
    while waiting:
        current = waiting.pop()
        if isinstance(current, list):
            waiting += current
        elif isinstance(current, dict):
            if isinstance(shapes := current.get("shapes_dict"), dict):
                _open_batch(shapes, tuple(shapes), batch)
            _open_batch(current, BATCH_SHAPES, batch)
            if current.get("class_name") == "__keras_tensor__" and isinstance(current.get("config"), dict):
                _open_batch(current["config"], ("shape",), batch)
            waiting += current.values()
    return new


def _open_batch(values: dict[str, Any], keys: tuple[str, ...], batch: int) -> None:
    for key in keys:
        shape = values.get(key)
        if isinstance(shape, list) and len(shape) > 1 and shape[0] == batch:
            values[key] = [None, *shape[1:]]


def as_written_today(config: Config) -> Config:
    """A config of an older Keras 3 as today's reads it, for two changes that alter no answer.

    A model inside a Sequential wrote its only input and output as a list of one, and layers that are random only in
    training took `value_range`.
    """
    new = copy.deepcopy(config)
    for item in objects(new):
        inner = item.get("config")
        if not isinstance(inner, dict):
            continue
        if str(item["class_name"]).startswith("Random"):
            inner.pop("value_range", None)
        for key in ("input_layers", "output_layers"):
            ends = inner.get(key)
            if item["class_name"] in ("Functional", "Model") and isinstance(ends, list) and len(ends) == 1:
                inner[key] = ends[0] if isinstance(ends[0], list) else ends
    return new
