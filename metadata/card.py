"""What a model says about itself. Pure values and their JSON: no files, no NumPy, no TensorFlow here.

An `ImageSpec` is preprocessing as data: training, calibration, the desktop reference and the phone all obey the
same one. It travels inside every packed model as `preprocess.json`; docs/formats.md has it field by field.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

from metadata.errors import CardError

PREPROCESS_FORMAT = "handset.preprocess/1"


class Resize(StrEnum):
    """Pillow's filters, and the bilinear one of Google's Task Library: two neighbours, without antialiasing.

    Always the horizontal pass first and the vertical pass second.
    """

    PILLOW_BILINEAR = "pillow_bilinear"
    PILLOW_BICUBIC = "pillow_bicubic"
    PILLOW_NEAREST = "pillow_nearest"
    BILINEAR_HALF_PIXEL = "bilinear_half_pixel"


class Polarity(StrEnum):
    """Which side of a digit's picture is bright."""

    LIGHT_ON_DARK = "light_on_dark"
    DARK_ON_LIGHT = "dark_on_light"


def per_channel(values: tuple[float, ...], channels: int) -> tuple[float, ...]:
    """One number a channel, where one was given for all."""
    return values * channels if len(values) == 1 else values


@dataclass(frozen=True, slots=True)
class CenterSquare:
    """The central square whose side is `num/den` of the picture's shorter side."""

    num: int
    den: int

    def __post_init__(self) -> None:
        if not 0 < self.num <= self.den:
            raise CardError(f"crop fraction {self.num}/{self.den} is not in (0, 1]; give 0 < num <= den")

    def box(self, width: int, height: int) -> tuple[int, int, int]:
        """(left, top, side) in pixels of a `width` × `height` picture."""
        side = max(1, min(width, height) * self.num // self.den)
        return (width - side) // 2, (height - side) // 2, side


@dataclass(frozen=True, slots=True)
class DigitLayout:
    """How MNIST lays out a drawn digit: scaled into `box` pixels, centred by its centre of mass."""

    polarity: Polarity = Polarity.LIGHT_ON_DARK
    box: int = 20
    center: str = "mass"

    def __post_init__(self) -> None:
        if not 1 <= self.box <= 28:
            raise CardError(f"digit box {self.box} does not fit MNIST's 28 pixels; give 1 to 28")
        if self.center != "mass":
            raise CardError(f"digit centring {self.center!r:.80} is unknown; only 'mass' exists")


@dataclass(frozen=True, slots=True)
class ImageSpec:
    """From a decoded picture to the tensor a model is fed; pixels are 0..255, value = (pixel − mean) / std."""

    height: int
    width: int
    channels: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    crop: CenterSquare | None = None
    resize: Resize = Resize.PILLOW_BILINEAR
    digit: DigitLayout | None = None

    def __post_init__(self) -> None:
        if self.height < 1 or self.width < 1:
            raise CardError(f"input size {self.height}x{self.width} is empty; give at least 1x1")
        if self.channels not in (1, 3):
            raise CardError(f"{self.channels} channels are not an image here; 1 (luma) or 3 (RGB) are")
        for name, values in (("mean", self.mean), ("std", self.std)):
            if len(values) != self.channels:
                raise CardError(f"{name} has {len(values)} values for {self.channels} channels; give one a channel")
            if not all(math.isfinite(value) for value in values):
                raise CardError(f"{name} {values} is not finite; give plain numbers on pixels 0..255")
        if not all(value > 0 for value in self.std):
            raise CardError(f"std {self.std} is not positive; give it on pixels 0..255, 127.5 for [-1, 1]")

    def to_json(self) -> dict[str, Any]:
        """The `preprocess.json` object."""
        crop = {"kind": "none"} if self.crop is None else {"kind": "center_square", **asdict(self.crop)}
        record: dict[str, Any] = {
            "format": PREPROCESS_FORMAT,
            "height": self.height,
            "width": self.width,
            "channels": self.channels,
            "crop": crop,
            "resize": str(self.resize),
            "mean": list(self.mean),
            "std": list(self.std),
        }
        if self.digit is not None:
            record["digit"] = asdict(self.digit)
        return record

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The spec that `to_json` wrote; CardError when the record is of another format or cannot be right."""
        if not isinstance(record, Mapping) or record.get("format") != PREPROCESS_FORMAT:
            got = record.get("format") if isinstance(record, Mapping) else type(record).__name__
            raise CardError(f"preprocess.json has format {got!r:.80}; this kit reads {PREPROCESS_FORMAT!r}")
        try:
            crop, digit = record["crop"], record.get("digit")
            if crop["kind"] not in ("none", "center_square"):
                raise CardError(f"crop {crop['kind']!r:.80} is unknown; 'none' and 'center_square' exist")
            return cls(
                height=int(record["height"]),
                width=int(record["width"]),
                channels=int(record["channels"]),
                mean=tuple(float(value) for value in record["mean"]),
                std=tuple(float(value) for value in record["std"]),
                crop=None if crop["kind"] == "none" else CenterSquare(int(crop["num"]), int(crop["den"])),
                resize=Resize(record["resize"]),
                digit=None
                if digit is None
                else DigitLayout(Polarity(digit["polarity"]), int(digit["box"]), str(digit["center"])),
            )
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise CardError(f"preprocess.json cannot be read: {type(error).__name__}: {error!s:.200}") from error


@dataclass(frozen=True, slots=True)
class ModelCard:
    """Everything a packed model tells its reader. `labels[i]` names output `i`."""

    name: str
    description: str
    version: str
    author: str
    license: str
    image: ImageSpec
    labels: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The card as the manifest holds it."""
        return {
            "name": self.name,
            "description": self.description,
            "version": self.version,
            "author": self.author,
            "license": self.license,
            "image": self.image.to_json(),
            "labels": list(self.labels),
        }
