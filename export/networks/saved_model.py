"""SavedModel folders: a graph, its weights and its signatures, checked as a protocol buffer before it is loaded.

A graph holds no Python, and loading one runs none. But some operators call Python functions, or read and write files;
a model with any of those is refused.
"""

import hashlib
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from export.errors import OwnModelError
from metadata.hashes import sha256_of

GRAPH, KERAS2 = "saved_model.pb", "keras_metadata.pb"
SERVING, INITIALISER = "serving_default", "__saved_model_init_op"
LARGEST_GRAPH_BYTES = 2 << 30  # what a protocol buffer can be
PYTHON = frozenset({"EagerPyFunc", "PyFunc", "PyFuncStateless"})
FILES = frozenset({"MatchingFiles", "PrintV2", "ReadFile", "WriteFile", "WholeFileReaderV2", "LoadDataset"})
SAVE_AGAIN = "save it with model.export('folder'), or tf.saved_model.save(module, 'folder', signatures=…)"


@dataclass(frozen=True, slots=True)
class GraphModel:
    """A classifier that is a graph and no Keras model, with the methods of one that the export needs.

    `classify` takes float32 pictures (1, height, width, channels) to scores (1, outputs).
    """

    classify: Callable[[Any], Any]
    parameters: int

    def __call__(self, pictures: Any, training: bool = False) -> Any:  # noqa: ARG002 - as a Keras model is called
        """The scores; a graph that was saved for serving has no training mode."""
        return self.classify(pictures)

    def predict_on_batch(self, pictures: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """The scores of several pictures, (N, outputs): one after the other, as a graph may accept only one."""
        return np.concatenate([self.classify(pictures[index : index + 1]).numpy() for index in range(len(pictures))])

    def count_params(self) -> int:
        """How many numbers the graph's weights hold."""
        return self.parameters


@dataclass(frozen=True, slots=True)
class SavedModel:
    """A folder whose graph has been checked, and the names of the signature, its input and its output.

    `outputs` is how many numbers it answers with, None where the signature does not say.
    """

    path: Path
    shape: tuple[int | None, ...]
    signature: str
    input: str
    output: str
    outputs: int | None

    def load(self) -> GraphModel:
        """The signature as a model; OwnModelError when the folder does not hold what its graph needs."""
        import tensorflow as tf

        try:
            loaded = tf.saved_model.load(str(self.path))
            function = loaded.signatures[self.signature]
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, tf.errors.OpError) as error:
            # The state of some optimizers cannot be restored as objects, but the graph needs none of it.
            return self._load_graph_alone(error)
        parameters = sum(math.prod(variable.shape) for variable in function.variables)

        def classify(pictures: Any) -> Any:
            # `loaded` is used here so that it is kept: a signature does not keep its own variables alive.
            return loaded and function(**{self.input: pictures})[self.output]

        return GraphModel(classify, parameters)

    def _load_graph_alone(self, cause: Exception) -> GraphModel:
        """The signature's graph with its weights as constants, loaded as TensorFlow 1 did, without Python's objects."""
        import tensorflow as tf

        try:
            with tf.Graph().as_default() as graph, tf.compat.v1.Session(graph=graph) as session:
                found = tf.compat.v1.saved_model.load(session, ["serve"], str(self.path))
                signature = found.signature_def[self.signature]
                inputs, outputs = signature.inputs[self.input].name, signature.outputs[self.output].name
                frozen = tf.compat.v1.graph_util.convert_variables_to_constants(
                    session, graph.as_graph_def(), [outputs.partition(":")[0]]
                )
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, tf.errors.OpError):
            raise OwnModelError(
                f"{self.path} cannot be loaded: {' '.join(str(cause).split())[:160]}; copy the whole folder again"
            ) from cause
        weights = (node.attr["value"].tensor for node in frozen.node if node.op == "Const")
        parameters = sum(
            math.prod(size.size for size in tensor.tensor_shape.dim) for tensor in weights if tensor.dtype == 1
        )
        return graph_model(frozen, inputs, outputs, parameters)


def graph_model(graph_def: Any, input_name: str, output_name: str, parameters: int) -> GraphModel:
    """The model that a frozen GraphDef is, between two of its tensors."""
    import tensorflow as tf

    wrapped = tf.compat.v1.wrap_function(lambda: tf.import_graph_def(graph_def, name=""), [])
    function = wrapped.prune(input_name, output_name)
    return GraphModel(lambda pictures: function(tf.convert_to_tensor(pictures)), parameters)


def is_saved_model(path: Path) -> bool:
    """Whether `path` is the folder of a SavedModel."""
    return (path / GRAPH).is_file()


def hash_of(folder: Path) -> str:
    """Hex sha256 over names and contents of all files."""
    files = {path.relative_to(folder).as_posix(): sha256_of(path) for path in folder.rglob("*") if path.is_file()}
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()


def read(path: Path) -> SavedModel:
    """The SavedModel in a folder; OwnModelError when it is damaged, has unsafe operators, or is no classifier."""
    graph = _parsed(path / GRAPH)
    _refuse_unsafe(path, graph)
    name, signature = _signature(path, graph)
    (input_name, tensor), (output_name, answer) = (
        _only(path, what, tensors) for what, tensors in (("inputs", signature.inputs), ("outputs", signature.outputs))
    )
    if tensor.dtype != 1:  # DT_FLOAT
        from tensorflow.dtypes import as_dtype

        kind = as_dtype(tensor.dtype).name
        raise OwnModelError(f"{path} takes {kind}, not float32 pixels; {SAVE_AGAIN} with a float32 input (h, w, c)")
    if tensor.tensor_shape.unknown_rank:
        raise OwnModelError(f"{path} does not say what shape its input has; {SAVE_AGAIN} with an input (h, w, c)")
    shape = tuple(None if dimension.size < 0 else int(dimension.size) for dimension in tensor.tensor_shape.dim)
    if shape and shape[0] not in (None, 1):
        raise OwnModelError(
            f"{path} is built for batches of {shape[0]}, and a graph cannot be rebuilt; {_open_batch(path)}"
        )
    sizes = [dimension.size for dimension in answer.tensor_shape.dim]
    outputs = int(sizes[1]) if len(sizes) == 2 and sizes[1] > 0 else None
    return SavedModel(path, shape, name, input_name, output_name, outputs)


def _open_batch(path: Path) -> str:
    """How a SavedModel of a fixed batch becomes a model for one picture."""
    if (path / KERAS2).is_file():
        return (
            "load it with tf.keras.models.load_model, save it with model.save('model.h5'), and give that, which can be"
        )
    return f"{SAVE_AGAIN} with an open batch size, or give the .keras file, which can be rebuilt"


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


def _refuse_unsafe(path: Path, graph: Any) -> None:
    used = {node.op for node in _nodes(graph)}
    if python := sorted(used & PYTHON):
        raise OwnModelError(
            f"{path} calls back into Python ({', '.join(python)}), which no phone has; replace tf.py_function and "
            "tf.numpy_function by TensorFlow's own operations"
        )
    if files := sorted(used & FILES):
        raise OwnModelError(f"{path} touches files or the terminal ({', '.join(files)}); {SAVE_AGAIN} without that")


def _signature(path: Path, graph: Any) -> tuple[str, Any]:
    usable = {name: value for name, value in graph.signature_def.items() if name != INITIALISER and value.outputs}
    if SERVING in usable:
        return SERVING, usable[SERVING]
    if len(usable) == 1:
        return next(iter(usable.items()))
    if not usable:
        raise OwnModelError(f"{path} has no signature, so nothing says how to call it; {SAVE_AGAIN}")
    names = ", ".join(sorted(usable))
    raise OwnModelError(f"{path} has the signatures {names}, and none is {SERVING}; {SAVE_AGAIN} with only one")


def _only(path: Path, what: str, tensors: Any) -> tuple[str, Any]:
    if len(tensors) != 1:
        names = ", ".join(sorted(tensors)) or "none"
        raise OwnModelError(f"{path} has {len(tensors)} {what}: {names[:200]}; a classifier has one. {SAVE_AGAIN}")
    ((name, tensor),) = tensors.items()
    return name, tensor
