"""What a classifier's raw output says, as probabilities.

One number for each label is the probability of each. **One number alone is the probability of the second of two
labels**: training numbers the labels from 0, and a sigmoid learns the probability of 1. Keras's
`image_dataset_from_directory(label_mode="binary")` and `flow_from_directory(class_mode="binary")` number folders in
the order of their names. Files keep what the model gives; probabilities have two columns.

The app computes the same in core/RankedLabel.kt; `tests/golden/answers` holds both to it.
"""

from typing import Any

import numpy as np
import numpy.typing as npt


def probabilities(outputs: npt.NDArray[Any], scale: float | None, zero_point: int | None) -> npt.NDArray[np.float32]:
    """Raw outputs, (N, outputs), as float32 (N, labels): (q − zero_point) · scale where they are integers.

    Of one output p the columns are 1 − p and p.
    """
    real = outputs.astype(np.float32)
    if scale is not None and zero_point is not None:
        real = (real - zero_point) * np.float32(scale)
    return np.concatenate([1 - real, real], axis=1) if real.shape[1] == 1 else real
