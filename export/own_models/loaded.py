"""A user's model as it was loaded: what is converted, and what its own framework answers.

The answers are taken from the file as it is, before anything is rewritten, cloned, folded or appended. Everything that
the export does afterwards is held against them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from export.convert import convert
from export.convert.convert import Frozen
from export.convert.single_precision import computes_in_half, fake_quantisation_step, in_single_precision
from export.errors import OwnModelError
from export.networks.saved_model import GraphModel, graph_model
from metadata.card import ImageSpec

EQUAL = 1e-3  # how far a probability may be from that of the model's own framework
EQUAL_TO_HALF = 2e-3  # where that framework computed in half precision
LARGEST_STEP = 0.05  # no quantisation excuses more than this
KERAS_BATCH = 32
COLOUR = re.compile(r"\x1b\[\d+m")
CALLED = re.compile(r"Exception encountered when calling .*?\.\s*\n\s*(.+?)\s*\n", re.DOTALL)

Answers = Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]
"""The scores, (N, outputs), of normalised pictures, (N, height, width, channels)."""


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """`model` is what is converted, of any batch size; `answers` are those of the file in `framework`."""

    model: Any
    answers: Answers
    framework: str


@dataclass(frozen=True, slots=True)
class FloatModel:
    """A model that computes in float32, its frozen graph, and how far its probabilities may be from the original's."""

    model: Any
    frozen: Frozen
    limit: float


def predict(model: Any, batch: int | None) -> Answers:
    """What a Keras model answers, of Keras 3 or tf-keras; `batch` is the size that it is built for, if there is one."""
    import keras

    size = batch or KERAS_BATCH
    structure = getattr(model, "input", None)  # a list or dict where the model was made with one

    def answers(pictures: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        padded = pictures[np.resize(np.arange(len(pictures)), -(-len(pictures) // size) * size)] if batch else pictures
        fed = keras.tree.pack_sequence_as(structure, [padded]) if isinstance(structure, dict | list) else padded
        (scores,) = keras.tree.flatten(model.predict(fed, batch_size=size, verbose=0))
        return np.asarray(scores, np.float32)[: len(pictures)]

    return answers


def as_graph(model: Any) -> GraphModel:
    """A Keras model that must not, or cannot, be loaded again from a file of the export."""
    return GraphModel(partial(model, training=False), model.count_params())


def in_float(name: str, model: Any, image: ImageSpec) -> FloatModel:
    """The model with float32 in place of half precision; OwnModelError where its graph cannot be made."""
    try:
        frozen = convert.freeze(model, image)
        step = fake_quantisation_step(frozen.graph_def)
        limit = EQUAL if step is None else min(max(step, EQUAL), LARGEST_STEP)
        if not computes_in_half(frozen.graph_def):
            return FloatModel(model, frozen, limit)
        single = in_single_precision(frozen.graph_def)
        converted = graph_model(single, "image:0", "probabilities:0", model.count_params())
        return FloatModel(converted, convert.freeze(converted, image), max(limit, EQUAL_TO_HALF))
    except OwnModelError:
        raise
    except Exception as error:  # whatever a model's own code raises while it is traced
        raise OwnModelError(
            f"{name} cannot be made a graph of float32 for one picture: {reason(error)}; save it in float32, with "
            "keras.mixed_precision.set_global_policy('float32') before it is built, and with an open batch size"
        ) from error


def reason(error: BaseException, *, deepest: bool = False) -> str:
    """The first sentence of a framework's message that gives the reason; `deepest` is of the error that came first."""
    while deepest and (earlier := error.__cause__ or error.__context__) is not None:
        error = earlier
    text = COLOUR.sub("", str(error)).rpartition("Exception encountered: ")[2]
    called = CALLED.search(text)
    words = (called[1] if called else text).split()
    return " ".join(words).split(". ")[0][:160] or type(error).__name__
