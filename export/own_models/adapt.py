"""A user's model made into one that the kit can carry: pictures as RGB in, the probability of each label out.

What is put before and after the model are Keras's own layers, so that a Keras model stays one that loads by itself;
they are called on a graph's tensors just as well.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from export.errors import OwnModelError
from export.own_models.ends import FinalActivation
from export.own_models.feeding import Feeding
from export.own_models.graph_model import GraphModel
from metadata.card import ImageSpec
from metadata.labels import explain_count

Step = Callable[[Any], Any]
SUM_ERROR = 1e-3


@dataclass(frozen=True, slots=True)
class Back:
    """What follows the model, and a sentence for the user where there is something to say."""

    steps: tuple[Step, ...]
    said: str | None


def front(feeding: Feeding) -> tuple[Step, ...]:
    """What precedes the model, because the phone's table cannot do it: normalising by channel, and the order BGR."""
    import keras

    steps: list[Step] = []
    if not feeding.is_plain:
        scale = [1 / std for std in feeding.std]
        offset = [-mean / std for mean, std in zip(feeding.mean, feeding.std, strict=True)]
        steps.append(keras.layers.Rescaling(scale, offset, name="normalise"))
    if feeding.bgr:
        steps.append(lambda pictures: pictures[..., ::-1])
    return tuple(steps)


def back(name: str, ending: FinalActivation, scores: npt.NDArray[np.float32], labels: int) -> Back:
    """What makes probabilities of `scores`, float32 (N, outputs), that the model gave to real pictures.

    OwnModelError when the outputs do not fit the labels, or say nothing.
    """
    import keras

    if scores.ndim != 2:
        raise OwnModelError(
            f"{name} answers with {scores.shape[1:]} numbers a picture; a classifier gives one a label, (labels,)"
        )
    if not np.isfinite(scores).all():
        raise OwnModelError(
            f"{name} answers with NaN or infinity to ordinary pictures; check --mean, --std and weights"
        )
    width = scores.shape[1]
    misfit = explain_count(labels, max(width, 2))
    if misfit is not None:
        single = "; its one output is the probability of the second of 2 labels" if width == 1 else ""
        raise OwnModelError(f"{name}: --labels: {misfit}{single}")
    if width == 1:
        return _pair(name, ending)
    if ending is FinalActivation.SOFTMAX_TWICE:
        bound = np.e / (np.e + width - 1)
        return Back((), f"softmax is applied twice, so no probability exceeds {bound:.2g}; remove the last one")
    if ending is FinalActivation.SIGMOID:
        return Back((), "a sigmoid for each label: the probabilities need not add up to 1")
    if ending is FinalActivation.SOFTMAX:
        return Back((), None)
    if scores.min() >= 0 and np.abs(scores.sum(axis=1) - 1).max() < SUM_ERROR:
        return Back((), "no softmax at its end, but its answers are probabilities: left as they are")
    return Back((keras.layers.Softmax(name="softmax"),), "it ends in logits: a softmax is appended")


def _pair(name: str, ending: FinalActivation) -> Back:
    import keras

    if ending not in (FinalActivation.SIGMOID, FinalActivation.OTHER):
        raise OwnModelError(f"{name} has a softmax over a single output, which is always 1; train it with a sigmoid")
    complement = keras.layers.Rescaling(-1.0, 1.0, name="first_label")
    both = keras.layers.Concatenate(name="both_labels")
    pair: Step = lambda second: both([complement(second), second])  # noqa: E731 - one of the steps
    said = "one output becomes two probabilities, of the first label and of the second"
    if ending is FinalActivation.SIGMOID:
        return Back((pair,), said)
    return Back((keras.layers.Activation("sigmoid", name="second_label"), pair), f"one logit: a sigmoid and {said}")


def assembled(model: Any, before: Sequence[Step], after: Sequence[Step], image: ImageSpec, name: str) -> Any:
    """One model of all three: a Keras model where `model` is one, else a GraphModel."""
    import keras

    def through(pictures: Any) -> Any:
        for step in (*before, lambda fed: only(model(fed)), *after):
            pictures = step(pictures)
        return pictures

    if not isinstance(model, keras.Model):
        return GraphModel(through, model.count_params())
    pictures = keras.Input((image.height, image.width, image.channels), name="image")
    return keras.Model(pictures, through(pictures), name=name)


def only(output: Any) -> Any:
    """The tensor in a model's answer, which may wrap it into a list or a dict of one."""
    import keras

    tensors = keras.tree.flatten(output)
    if len(tensors) != 1:
        raise OwnModelError(f"the model gives {len(tensors)} outputs; a classifier gives one, so save a model of that")
    return tensors[0]
