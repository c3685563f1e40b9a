"""What a Keras model's config says, before any of it becomes an object. JSON in, values out; no Keras here.

A config is a program for Keras to carry out: it names classes, functions and modules, and a Lambda layer carries
Python bytecode. Only Keras's own layers pass.
"""

import re
from collections.abc import Iterator
from typing import Any

from export.errors import OwnModelError

Config = dict[str, Any]
BatchShape = tuple[int | None, ...]

MODELS = ("Functional", "Model", "Sequential")
# Where Keras 2 and 3 keep layers and what layers are made of. keras.utils, which can download and unpack, is not there.
PARTS = "activations constraints dtype_policies engine initializers layers models ops quantizers regularizers"
KERAS_OWN = re.compile(rf"(tf_)?keras(\.src)?(\.({'|'.join(PARTS.split())})(\.\w+)*)?")
SAVED_MODEL = (
    "open it where it was made and save it as a SavedModel, with model.export('folder') in Keras 3 and "
    "model.save('folder') in Keras 2; then give that folder"
)


def objects(value: Any) -> Iterator[Config]:
    """Every serialised object in a config, nested ones too. What is there for training only is never made: left out."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            if "class_name" in one:
                yield one
            waiting += [inner for key, inner in one.items() if key != "compile_config"]


def lambdas(config: Config) -> tuple[str, ...]:
    """Names of the layers that carry Python code; "a function" where it lies elsewhere."""
    carriers = [one for one in objects(config) if one["class_name"] in ("Lambda", "__lambda__")]
    inside = [one["config"] for one in carriers if isinstance(one.get("config"), dict)]
    names = sorted({str(config["name"]) for config in inside if "name" in config})
    return tuple(names) or (("a function",) if carriers else ())


def refuse_foreign(name: str, config: Config) -> None:
    """Raise OwnModelError for classes and functions that are not Keras's own, each named."""
    foreign = sorted({_called(one) for one in objects(config) if _is_foreign(one)})
    if config.get("class_name") not in MODELS:
        foreign = [str(config.get("class_name"))]
    if foreign:
        raise OwnModelError(f"{name} needs code that is not in the file: {', '.join(foreign)[:200]}; {SAVED_MODEL}")


def _called(one: Config) -> str:
    inner = one.get("config")
    return str(inner) if one["class_name"] == "function" and isinstance(inner, str) else str(one["class_name"])


def _is_foreign(one: Config) -> bool:
    module, registered = one.get("module"), one.get("registered_name")
    if one["class_name"] == "TFSMLayer" or (registered and ">" in str(registered)):
        return True
    return module is not None and not KERAS_OWN.fullmatch(str(module))


def input_shape(name: str, config: Config) -> BatchShape:
    """The only input's batch shape; OwnModelError for several inputs or outputs, or none that is written down."""
    for key, what in (("input_layers", "inputs"), ("output_layers", "outputs")):
        ends = list(_ends(config["config"].get(key, []))) if isinstance(config["config"], dict) else []
        if len(ends) > 1:
            raise OwnModelError(
                f"{name} has {len(ends)} {what}: {', '.join(ends)[:200]}; a classifier has one. "
                f"Do: keras.Model(model.inputs[0], model.outputs[0]) where that leaves a classifier, and save that"
            )
    shape = _shape(config)
    if shape is None:
        raise OwnModelError(f"{name} does not say what it is fed; build it with keras.Input((h, w, c)) and save again")
    return shape


def _ends(value: Any) -> Iterator[str]:
    """Names of layers in ["name", 0, 0], lists and dicts of them."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list) and len(value) == 3 and isinstance(value[0], str):
        yield value[0]
    elif isinstance(value, list):
        for one in value:
            yield from _ends(one)


def _shape(layer: Any) -> BatchShape | None:
    """What a layer, or the first layer inside of it, says it is fed."""
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
