"""How pixels become what a model was trained on: mean, deviation and the order of the channels, as one value."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from metadata.card import ImageSpec
from metadata.preprocess import Pixels, normalised


@dataclass(frozen=True, slots=True)
class Feeding:
    """value = (pixel − mean) / std on pixels 0..255, numbers in the order R, G, B; then B, G, R where `bgr`."""

    mean: tuple[float, ...]
    std: tuple[float, ...]
    bgr: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether one mean and one deviation serve all channels: then the phone's table does it, else the graph."""
        return len(set(self.mean)) == 1 and len(set(self.std)) == 1

    @property
    def is_nothing(self) -> bool:
        """Whether the model sees the pixels as they are."""
        return set(self.mean) == {0.0} and set(self.std) == {1.0}

    @property
    def options(self) -> str:
        """As one types it."""
        mean, std = (",".join(f"{value:g}" for value in _short(values)) for values in (self.mean, self.std))
        return f"--mean {mean} --std {std}{' --order bgr' if self.bgr else ''}"

    def fed(self, levels: Pixels, image: ImageSpec) -> npt.NDArray[np.float32]:
        """What the model sees for levels, uint8 (N, height, width, channels): float32 of that shape."""
        values: Any = normalised(levels, replace(image, mean=self.mean, std=self.std))
        return np.ascontiguousarray(values[..., ::-1]) if self.bgr else values


def _short(values: tuple[float, ...]) -> tuple[float, ...]:
    return values[:1] if len(set(values)) == 1 else values


def usual(channels: int) -> tuple[Feeding, ...]:
    """What models are usually trained on: raw, [0, 1], [-1, 1], EfficientNet-Lite's, torch's, caffe's; and in BGR."""
    means_and_deviations = (((0.0,), (1.0,)), ((0.0,), (255.0,)), ((127.5,), (127.5,)), ((127.0,), (128.0,)))
    plain = [Feeding(mean * channels, std * channels) for mean, std in means_and_deviations]
    if channels == 1:
        return (*plain, Feeding((33.3285,), (78.5655,)))  # MNIST's own mean and deviation
    torch = Feeding((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
    caffe = Feeding((123.68, 116.779, 103.939), (1.0, 1.0, 1.0), bgr=True)
    return (*plain, torch, caffe, *(replace(one, bgr=True) for one in (*plain[:3], torch)))
