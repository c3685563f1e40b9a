"""Weights files as Keras distributes them, of seeded random weights: the real loader, and no download."""

from pathlib import Path
from typing import Any

import numpy as np


def randomise(model: Any, seed: int = 7) -> None:
    """Seeded weights in place, drawn after He et al. (2015), so that a deep network still tells pictures apart."""
    random = np.random.default_rng(seed)
    for layer in model.layers:
        match type(layer).__name__:
            case "Conv2D" | "Dense" | "DepthwiseConv2D":
                kernel, *rest = layer.weights
                shape = kernel.shape
                inputs = np.prod(shape[:2]) if type(layer).__name__ == "DepthwiseConv2D" else np.prod(shape[:-1])
                kernel.assign(random.standard_normal(shape, np.float32) * np.float32(np.sqrt(2 / inputs)))
                for bias in rest:
                    bias.assign(random.standard_normal(bias.shape, np.float32) * np.float32(0.1))
            case "BatchNormalization":
                ranges = {
                    "gamma": (0.8, 1.2),
                    "beta": (0, 0.5),
                    "moving_mean": (-0.1, 0.1),
                    "moving_variance": (0.5, 2),
                }
                for weight in layer.weights:
                    low, high = ranges[weight.name]
                    weight.assign(random.uniform(low, high, weight.shape).astype(np.float32))


def save(model: Any, path: Path) -> Path:
    """The weights in the layout of Keras's own downloads: HDF5, a group a layer, in the model's order."""
    import h5py
    from keras.src.legacy.saving import legacy_h5_format

    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)
    return path
