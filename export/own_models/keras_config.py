"""Checks of a Keras model's config before Keras makes objects of it. JSON in, values out; no Keras here.

A config is a program for Keras to carry out: it names classes, functions and modules, and a Lambda layer carries
Python bytecode. Only Keras's own layers are accepted.
"""

import re
from collections.abc import Iterator
from typing import Any

from export.errors import OwnModelError

Config = dict[str, Any]
BatchShape = tuple[int | None, ...]

H5 = (".h5", ".hdf5")
CONFIG = "config.json"
"""The endings of Keras's older files, and the config's name in the newer ones."""

MODELS = ("Functional", "Model", "Sequential")
# Modules in which Keras 2 and 3 define layers and their parts. keras.utils, which can download, is left out.
PARTS = "activations|constraints|dtype_policies|engine|initializers|layers|mixed_precision|models|ops|quantizers"
KERAS_OWN = re.compile(rf"(tf_)?keras(\.src)?(\.({PARTS}|regularizers)(\.\w+)*)?")
# The layers that keras.applications defines for its own networks, by the module of each.
APPLICATION_LAYERS = {
    "LayerScale": "convnext",
    "StochasticDepth": "convnext",
    "CustomScaleLayer": "inception_resnet_v2",
}
APPLICATIONS = re.compile(r"(tf_)?keras(\.src)?\.applications\.(\w+)")
KEEP_COUNT = ("Activation", "Dropout", "Softmax")  # layers that answer with as many numbers as they are given
NAME = re.compile(r"\w+")  # with a dot in it, a name would lead out of its module
SAVED_MODEL = (
    "open it where it was made and save it as a SavedModel, with model.export('folder') in Keras 3 and "
    "model.save('folder') in Keras 2; then give that folder"
)


def objects(value: Any) -> Iterator[Config]:
    """Every serialised object in a config, nested ones too, but for those of `compile_config`, which are never made."""
    waiting = [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, list):
            waiting += current
        elif isinstance(current, dict):
            if "class_name" in current:
                yield current
            waiting += [inner for key, inner in current.items() if key != "compile_config"]


def lambdas(config: Config) -> tuple[str, ...]:
    """Names of the layers that carry Python code; "a function" where it lies elsewhere."""
    found = [layer for layer in objects(config) if layer["class_name"] in ("Lambda", "__lambda__")]
    inner = [layer["config"] for layer in found if isinstance(layer.get("config"), dict)]
    names = sorted({str(config["name"]) for config in inner if "name" in config})
    return tuple(names) or (("a function",) if found else ())


def refuse_foreign(name: str, config: Config) -> None:
    """Raise OwnModelError, with the names, for classes and functions that are not Keras's own."""
    foreign = sorted({_reported_name(item) for item in objects(config) if _is_foreign(item)})
    if config.get("class_name") not in MODELS:
        foreign = [str(config.get("class_name"))]
    if foreign:
        raise OwnModelError(f"{name} needs code that is not in the file: {', '.join(foreign)[:200]}; {SAVED_MODEL}")


def _reported_name(item: Config) -> str:
    inner = item.get("config")
    return str(inner) if item["class_name"] == "function" and isinstance(inner, str) else str(item["class_name"])


def _is_foreign(item: Config) -> bool:
    module, registered = item.get("module"), item.get("registered_name")
    named = item.get("config") if item["class_name"] == "function" else item["class_name"]
    if named == "TFSMLayer" or (registered and ">" in str(registered)) or not NAME.fullmatch(str(named)):
        return True
    application = APPLICATIONS.fullmatch(str(module))
    if application is not None:
        return APPLICATION_LAYERS.get(str(item["class_name"])) != application[3]
    return module is not None and not KERAS_OWN.fullmatch(str(module))


def application_layers(config: Config) -> dict[str, str]:
    """The layers of keras.applications that the config names, and the module of each below `applications`."""
    used = {str(item["class_name"]) for item in objects(config)}
    return {name: module for name, module in APPLICATION_LAYERS.items() if name in used}


def input_shape(name: str, config: Config) -> BatchShape:
    """The only input's batch shape; OwnModelError for several inputs or outputs, or where the config has no shape."""
    for key, what in (("input_layers", "inputs"), ("output_layers", "outputs")):
        ends = list(_ends(config["config"].get(key, []))) if isinstance(config["config"], dict) else []
        if len(ends) > 1:
            raise OwnModelError(
                f"{name} has {len(ends)} {what}: {', '.join(ends)[:200]}; a classifier has one. "
                f"Do: keras.Model(model.inputs[0], model.outputs[0]) where that leaves a classifier, and save that"
            )
    shape = _shape(config)
    if shape is None:
        raise OwnModelError(
            f"{name} does not say what shape its input has; build it with keras.Input((h, w, c)) and save again"
        )
    return shape


def _ends(value: Any) -> Iterator[str]:
    """The layers' names in `["name", 0, 0]`, or in lists and dicts of these."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list) and len(value) == 3 and isinstance(value[0], str):
        yield value[0]
    elif isinstance(value, list):
        for inner in value:
            yield from _ends(inner)


def _shape(layer: Any) -> BatchShape | None:
    """The input shape that a layer, or the first layer inside it, states."""
    inner = layer.get("config") if isinstance(layer, dict) else None
    if isinstance(inner, list):  # Sequential, as it was written before 2019
        inner = {"layers": inner}
    if not isinstance(inner, dict):
        return None
    for key in ("batch_shape", "batch_input_shape"):
        if isinstance(inner.get(key), list):
            return tuple(inner[key])
    for first in inner.get("layers", [])[:1]:
        if (shape := _shape(first)) is not None:
            return shape
    built = inner.get("build_input_shape") or (layer.get("build_config") or {}).get("input_shape")
    return tuple(built) if isinstance(built, list) else None


def output_count(config: Config) -> int | None:
    """How many numbers the model answers with, where its last layers state it; None where they do not."""
    inner = config.get("config")
    layers = inner.get("layers") if isinstance(inner, dict) else inner
    layers = [layer for layer in layers if isinstance(layer, dict)] if isinstance(layers, list) else []
    if isinstance(inner, dict) and config.get("class_name") != "Sequential":
        ends = set(_ends(inner.get("output_layers")))
        layers = [layer for layer in layers if layer.get("name") in ends]
    for layer in reversed(layers):
        kind, stated = layer.get("class_name"), layer.get("config")
        if kind in MODELS:
            return output_count(layer)
        if kind == "Dense" and isinstance(stated, dict) and isinstance(stated.get("units"), int):
            return int(stated["units"])
        if kind not in KEEP_COUNT:
            return None
    return None
