"""A classifier that is a graph, not a Keras model that loads again: what pipeline and converter need of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class GraphModel:
    """`classify` takes float32 pictures (1, height, width, channels) to scores (1, outputs)."""

    classify: Callable[[Any], Any]
    parameters: int

    def __call__(self, pictures: Any, training: bool = False) -> Any:  # noqa: ARG002 - as a Keras model is called
        """The scores; a graph that was saved for serving knows no training."""
        return self.classify(pictures)

    def predict_on_batch(self, pictures: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """The scores of several pictures, (N, outputs): one after the other, for a graph may be of one picture."""
        return np.concatenate([self.classify(pictures[index : index + 1]).numpy() for index in range(len(pictures))])

    def count_params(self) -> int:
        """Numbers in the weights that the graph uses."""
        return self.parameters
