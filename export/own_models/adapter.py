"""A user's model between layers that adapt it: RGB pictures in, the probability of each label out.

The layers before and after the model are Keras's own, so that a Keras model still loads without the kit; they work on a
graph's tensors as well.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from export.errors import OwnModelError
from export.networks.saved_model import GraphModel
from export.own_models.graph_ends import FinalActivation
from export.own_models.normalisation import InputNormalisation
from metadata.card import ImageSpec
from metadata.labels import explain_count

Layer = Callable[[Any], Any]
Scores = npt.NDArray[np.float32]
SUM_ERROR = 1e-3  # how far the sum of a picture's probabilities may be from 1


@dataclass(frozen=True, slots=True)
class OutputLayers:
    """The layers that follow the model, and a sentence for the user where there is something to say.

    `declared` is what those layers have to make of scores, (N, outputs), computed here without them: (N, labels).
    """

    layers: tuple[Layer, ...]
    message: str | None
    declared: Callable[[Scores], Scores] = lambda scores: scores


def input_layers(normalisation: InputNormalisation) -> tuple[Layer, ...]:
    """The layers before the model, for what the app cannot do: normalising each channel differently, and BGR."""
    import keras

    layers: list[Layer] = []
    if not normalisation.is_uniform:
        scale = [1 / std for std in normalisation.std]
        offset = [-mean / std for mean, std in zip(normalisation.mean, normalisation.std, strict=True)]
        layers.append(keras.layers.Rescaling(scale, offset, name="normalise"))
    if normalisation.bgr:
        layers.append(lambda pictures: pictures[..., ::-1])
    return tuple(layers)


def output_layers(name: str, activation: FinalActivation, scores: Scores, labels: int) -> OutputLayers:
    """The layers that turn the model's scores into probabilities; `scores` of real pictures are float32 (N, outputs).

    OwnModelError when the outputs do not fit the labels, or are not numbers.
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
    require_label_count(name, labels, width)
    if activation is FinalActivation.LINEAR and _are_probabilities(scores):
        raise OwnModelError(
            f"{name} ends in a layer without an activation, yet its answers to {len(scores)} pictures all lie "
            "between 0 and 1, so they may be logits or probabilities; save it with a softmax or one sigmoid at its end"
        )
    if width == 1:
        return _two_outputs(name, activation, scores)
    if activation is FinalActivation.SOFTMAX:
        return OutputLayers((), None)
    sentence = _probabilities(activation, scores)
    if sentence is not None:
        return OutputLayers((), sentence)
    softmax = keras.layers.Softmax(name="softmax")
    return OutputLayers((softmax,), "it ends in logits: a softmax is appended", _softmax)


def require_label_count(name: str, labels: int, outputs: int) -> None:
    """OwnModelError where the labels are not one an output, or two for a single one."""
    mismatch = explain_count(labels, max(outputs, 2))
    if mismatch is not None:
        single = "; its one output is the probability of the second of 2 labels" if outputs == 1 else ""
        raise OwnModelError(f"{name}: --labels: {mismatch}{single}")


def _probabilities(activation: FinalActivation, scores: Scores) -> str | None:
    """What the user is told of scores that are probabilities without a softmax after them; None for logits."""
    width = scores.shape[1]
    if activation is FinalActivation.SOFTMAX_TWICE:
        bound = np.e / (np.e + width - 1)
        return f"softmax is applied twice, so no probability exceeds {bound:.2g}; remove the last one"
    if activation is FinalActivation.SIGMOID:
        return "a sigmoid for each label: the probabilities need not add up to 1"
    if scores.min() >= 0 and np.abs(scores.sum(axis=1) - 1).max() < SUM_ERROR:
        return "no softmax at its end, but its answers are probabilities: left as they are"
    if activation is FinalActivation.BOUNDED or _are_probabilities(scores):
        return "each answer lies between 0 and 1 by itself: independent probabilities, which need not add up to 1"
    return None


def _are_probabilities(scores: Scores) -> bool:
    """Whether all scores lie in 0..1; those of real pictures do not where they are logits."""
    return bool(scores.min() >= 0 and scores.max() <= 1)


def _softmax(scores: Scores) -> Scores:
    exponents = np.exp(scores - scores.max(axis=1, keepdims=True))
    softmax: Scores = exponents / exponents.sum(axis=1, keepdims=True)
    return softmax


def _two_outputs(name: str, activation: FinalActivation, scores: Scores) -> OutputLayers:
    """For a model with one output, the probability or logit of the second label: both labels' probabilities."""
    import keras

    if activation in (FinalActivation.SOFTMAX, FinalActivation.SOFTMAX_TWICE):
        raise OwnModelError(f"{name} has a softmax over a single output, which is always 1; train it with a sigmoid")
    complement = keras.layers.Rescaling(-1.0, 1.0, name="first_label")
    both = keras.layers.Concatenate(name="both_labels")

    def pair(second: Any) -> Any:
        return both([complement(second), second])

    def declared(second: Scores) -> Scores:
        return np.concatenate([1 - second, second], axis=1)

    message = "one output becomes two probabilities, of the first label and of the second"
    if activation in (FinalActivation.SIGMOID, FinalActivation.BOUNDED) or _are_probabilities(scores):
        return OutputLayers((pair,), message, declared)
    return OutputLayers(
        (keras.layers.Activation("sigmoid", name="second_label"), pair),
        f"one logit: a sigmoid and {message}",
        lambda logits: declared(1 / (1 + np.exp(-logits))),
    )


def assemble(model: Any, before: Sequence[Layer], after: Sequence[Layer], image: ImageSpec, name: str) -> Any:
    """One model of the layers before, `model`, and the layers after: a Keras model where `model` is, else a graph's."""
    import keras

    def call(pictures: Any) -> Any:
        for layer in (*before, lambda model_input: only_output(model(model_input)), *after):
            pictures = layer(pictures)
        return pictures

    if not isinstance(model, keras.Model):
        return GraphModel(call, model.count_params())
    pictures = keras.Input((image.height, image.width, image.channels), name="image")
    return keras.Model(pictures, call(pictures), name=name)


def only_output(output: Any) -> Any:
    """The tensor in a model's answer, which may be a list or a dict of one."""
    import keras

    tensors = keras.tree.flatten(output)
    if len(tensors) != 1:
        raise OwnModelError(f"the model gives {len(tensors)} outputs; a classifier gives one, so save a model of that")
    return tensors[0]
