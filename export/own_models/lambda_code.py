"""The Python code in trusted Lambda layers: the names that it may use, and whether this Python can run it.

A Lambda layer holds bytecode without the imports of the file that it was written in. Bytecode of another Python can end
this process without a word, so it is looked at before it is run.
"""

import base64
import binascii
import dis
import marshal
import sys
from importlib import import_module
from types import CodeType
from typing import Any

from export.errors import OwnModelError
from export.own_models.keras_config import Config, objects

# Where each framework makes functions of bytecode: the modules whose names the bytecode sees.
MAKERS = {
    "keras": ("keras.src.utils.python_utils",),
    "tf_keras": ("tf_keras.src.utils.generic_utils", "tf_keras.src.layers.core.lambda_layer"),
}


def give_usual_names(framework: str) -> None:
    """Make `tf`, `np`, `keras` and the like known to the bytecode of Lambda layers; `framework` is a module's name."""
    import numpy as np
    import tensorflow as tf

    keras = import_module(framework)
    names = {"tf": tf, "tensorflow": tf, "np": np, "numpy": np, "keras": keras, "K": keras.backend}
    names |= {"layers": keras.layers, "math": import_module("math")}
    if hasattr(keras, "ops"):
        names["ops"] = keras.ops
    for maker in MAKERS[framework]:
        for name, value in names.items():
            vars(import_module(maker)).setdefault(name, value)


def refuse_other_python(name: str, config: Config) -> None:
    """Raise OwnModelError where bytecode was written by another Python than this one."""
    for layer in objects(config):
        text = _bytecode(layer)
        if text is None:
            continue
        try:
            code = marshal.loads(base64.b64decode(text))  # noqa: S302 - the user trusts the file
        except (ValueError, EOFError, TypeError, binascii.Error, SystemError):
            code = None
        if not isinstance(code, CodeType) or not _is_of_this_python(code):
            raise OwnModelError(
                f"{name} carries Python code that another version of Python wrote, and this is Python "
                f"{sys.version_info.major}.{sys.version_info.minor}; replace its Lambda layers by Keras's own, or save "
                "it as a SavedModel where it was made"
            )


def _bytecode(layer: Config) -> str | None:
    """The bytecode of a Lambda layer of Keras 2, or of a function of Keras 3, in base 64."""
    inner = layer.get("config")
    if not isinstance(inner, dict):
        return None
    if layer["class_name"] == "__lambda__":
        value: Any = inner.get("value", inner)
        text = value.get("code") if isinstance(value, dict) else value[0] if isinstance(value, list) else None
    else:
        function = inner.get("function") if layer["class_name"] == "Lambda" else None
        text = function[0] if isinstance(function, list) and function else None
    return text if isinstance(text, str) else None


def _is_of_this_python(code: CodeType) -> bool:
    """Whether every instruction is known, and followed by as many empty cache entries as this Python wants."""
    words = code.co_code
    caches = 0
    for opcode in words[::2]:
        if (opcode == 0) != (caches > 0) or dis.opname[opcode].startswith("<"):
            return False
        caches = caches - 1 if caches else dis._inline_cache_entries[opcode]  # type: ignore[attr-defined]
    starts = words[:2] and any(dis.opname[opcode] == "RESUME" for opcode in words[: 2 * 8 : 2])
    return bool(starts) and all(_is_of_this_python(inner) for inner in code.co_consts if isinstance(inner, CodeType))
