"""Extractor and head as one model from pictures to probabilities."""

from typing import Any

from export.own_models.saved_model import GraphModel
from export.transfer.head import probabilities_layer


def classifier(network: Any, logits: Any, classes: int) -> Any:
    """A Keras model; around a graph, a graph that is called like one."""
    import keras

    probabilities = probabilities_layer(logits, classes)
    if not isinstance(network, GraphModel):
        return keras.Model(network.inputs, probabilities(network.output), name="classifier")

    def classify(pictures: Any) -> Any:
        with keras.name_scope("head"):  # the name `probabilities` is the converter's
            return probabilities(network(pictures))

    return GraphModel(classify, network.count_params() + probabilities.count_params())
