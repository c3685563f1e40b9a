"""SavedModel folders: a graph, its weights and its signatures. Looked at as a protocol buffer before it is loaded.

A graph is no Python, and loading one runs none. But some operators call back into Python, or read and write files;
a model with any of those is refused.
"""

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export.errors import OwnModelError
from export.own_models.graph_model import GraphModel
from export.own_models.keras_config import BatchShape
from metadata.hashes import sha256_of

GRAPH = "saved_model.pb"
SERVING, NOTHING = "serving_default", "__saved_model_init_op"
LARGEST_GRAPH_BYTES = 2 << 30  # what a protocol buffer can be
PYTHON = frozenset({"EagerPyFunc", "PyFunc", "PyFuncStateless"})
FILES = frozenset({"MatchingFiles", "PrintV2", "ReadFile", "WriteFile", "WholeFileReaderV2", "LoadDataset"})
SAVE_AGAIN = "save it with model.export('folder'), or tf.saved_model.save(module, 'folder', signatures=…)"


@dataclass(frozen=True, slots=True)
class SavedModel:
    """A folder whose graph has been looked at, and the names by which it is called."""

    path: Path
    shape: BatchShape
    signature: str
    input: str
    output: str

    def load(self) -> GraphModel:
        """The signature as a model; OwnModelError when the folder does not hold what its graph needs."""
        import tensorflow as tf

        try:
            loaded = tf.saved_model.load(str(self.path))
            function = loaded.signatures[self.signature]
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, tf.errors.OpError) as error:
            raise OwnModelError(
                f"{self.path} cannot be loaded: {' '.join(str(error).split())[:160]}; copy the whole folder again"
            ) from error
        parameters = sum(math.prod(variable.shape) for variable in function.variables)

        def classify(pictures: Any) -> Any:
            # `loaded` is named so that it lives: a signature does not keep its variables.
            return loaded and function(**{self.input: pictures})[self.output]

        return GraphModel(classify, parameters)


def is_saved_model(path: Path) -> bool:
    """Whether `path` is a folder that holds one."""
    return (path / GRAPH).is_file()


def hash_of(folder: Path) -> str:
    """Hex sha256 over names and contents of all files."""
    files = {path.relative_to(folder).as_posix(): sha256_of(path) for path in folder.rglob("*") if path.is_file()}
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()


def read(path: Path) -> SavedModel:
    """What the folder says; OwnModelError when it is damaged, reaches out of its graph, or serves no classifier."""
    graph = _parsed(path / GRAPH)
    _refuse_reaching_out(path, graph)
    name, signature = _served(path, graph)
    (input_name, fed), (output_name, _) = (
        _only(path, what, ends) for what, ends in (("inputs", signature.inputs), ("outputs", signature.outputs))
    )
    if fed.dtype != 1:  # DT_FLOAT
        from tensorflow.dtypes import as_dtype

        kind = as_dtype(fed.dtype).name
        raise OwnModelError(f"{path} is fed {kind}, not float32 pixels; {SAVE_AGAIN} with a float32 input (h, w, c)")
    if fed.tensor_shape.unknown_rank:
        raise OwnModelError(f"{path} does not say what shape it is fed; {SAVE_AGAIN} with an input (h, w, c)")
    shape = tuple(None if one.size < 0 else int(one.size) for one in fed.tensor_shape.dim)
    if shape and shape[0] not in (None, 1):
        raise OwnModelError(
            f"{path} is built for batches of {shape[0]}, and a graph cannot be rebuilt; {SAVE_AGAIN} "
            "with an open batch size, or give the .keras file"
        )
    return SavedModel(path, shape, name, input_name, output_name)


def _parsed(path: Path) -> Any:
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel as Message

    if path.stat().st_size > LARGEST_GRAPH_BYTES:
        raise OwnModelError(f"{path} is larger than 2 GB, which no graph can be; {SAVE_AGAIN}")
    message = Message()
    try:
        message.ParseFromString(path.read_bytes())
    except DecodeError as error:
        raise OwnModelError(f"{path} is damaged ({error}); copy the whole folder again") from error
    for graph in message.meta_graphs:
        if "serve" in graph.meta_info_def.tags:
            return graph
    raise OwnModelError(f"{path} has no graph for serving; {SAVE_AGAIN}")


def _nodes(graph: Any) -> Iterator[Any]:
    yield from graph.graph_def.node
    for function in graph.graph_def.library.function:
        yield from function.node_def


def _refuse_reaching_out(path: Path, graph: Any) -> None:
    used = {node.op for node in _nodes(graph)}
    if python := sorted(used & PYTHON):
        raise OwnModelError(
            f"{path} calls back into Python ({', '.join(python)}), which no phone has; replace tf.py_function and "
            "tf.numpy_function by TensorFlow's own operations"
        )
    if files := sorted(used & FILES):
        raise OwnModelError(f"{path} touches files or the terminal ({', '.join(files)}); {SAVE_AGAIN} without that")


def _served(path: Path, graph: Any) -> tuple[str, Any]:
    there = {name: one for name, one in graph.signature_def.items() if name != NOTHING and one.outputs}
    if SERVING in there:
        return SERVING, there[SERVING]
    if len(there) == 1:
        return next(iter(there.items()))
    if not there:
        raise OwnModelError(f"{path} has no signature, so nothing says how to call it; {SAVE_AGAIN}")
    names = ", ".join(sorted(there))
    raise OwnModelError(f"{path} has the signatures {names}, and none is {SERVING}; {SAVE_AGAIN} with only one")


def _only(path: Path, what: str, ends: Any) -> tuple[str, Any]:
    if len(ends) != 1:
        names = ", ".join(sorted(ends)) or "none"
        raise OwnModelError(f"{path} has {len(ends)} {what}: {names[:200]}; a classifier has one. {SAVE_AGAIN}")
    ((name, tensor),) = ends.items()
    return name, tensor
