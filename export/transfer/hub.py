"""SavedModel folders as backbones: the feature vectors that TF Hub and Kaggle Models publish.

Such a folder holds a graph and its weights; no Python is run. Pixels are scaled to 0..1, the convention of TF Hub's
image models, unless the user states another scale. Keras cannot load such a model, so its reference is a frozen graph.
"""

from pathlib import Path
from typing import Any

from export.errors import OwnModelError, SourceError
from export.networks import saved_model
from export.networks.saved_model import GraphModel
from metadata.card import CenterSquare, ImageSpec

MEAN, STD = 0.0, 255.0
SIDE = 224


def image(path: Path, size: int | None, mean: float | None, std: float | None, crop: CenterSquare) -> ImageSpec:
    """The preprocessing: the size is the signature's, or where that leaves it open, the user's or 224."""
    shape = _read(path).shape
    if len(shape) != 4 or shape[-1] not in (3, None):
        raise SourceError(f"--backbone {path} takes {shape}, not RGB pictures (N, height, width, 3); give one that is")
    height, width = (side or size or SIDE for side in shape[1:3])
    if size not in (None, height) or size not in (None, width):
        raise SourceError(f"--size {size}: {path.name} takes {height}×{width}; leave the option out")
    mean, std = MEAN if mean is None else mean, STD if std is None else std
    return ImageSpec(height, width, 3, (mean,) * 3, (std,) * 3, crop)


def load(path: Path, spec: ImageSpec) -> GraphModel:
    """Pictures to features, (1, n), pooled where the graph answers with a map; SourceError when that fails."""
    import tensorflow as tf

    loaded = _read(path).load()

    def features(pictures: Any) -> Any:
        answer = loaded(pictures)
        return tf.reduce_mean(answer, axis=(1, 2)) if len(answer.shape) == 4 else answer

    try:
        shape = features(tf.zeros((1, spec.height, spec.width, 3))).shape
    except (ValueError, TypeError, tf.errors.OpError) as error:
        why = " ".join(str(error).split())[:160]
        size = f"{spec.height}×{spec.width}×3"
        raise SourceError(
            f"--backbone {path} refuses a picture of {size} ({why}); give its size with --size"
        ) from error
    if len(shape) != 2:
        raise SourceError(f"--backbone {path} answers with shape {tuple(shape)}; give one that answers (N, features)")
    return GraphModel(features, loaded.count_params())


def _read(path: Path) -> saved_model.SavedModel:
    try:
        return saved_model.read(path)
    except OwnModelError as error:
        raise SourceError(f"--backbone {error}") from error
