"""`handset.layers/1`: a model's layers as a runtime gave them, against this computer, as `layers.json` holds it."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from benchmarks.formats.declared import Count, Declared, Line, Number, Sha256, Share, about
from metadata.tensors import short_name

FORMAT = "handset.layers/1"
FILE = "layers.json"


class LayerFault(StrEnum):
    """What the elements of a faulty layer look like."""

    NOT_FINITE = "not-finite"
    """NaN or infinite, where a number is expected."""
    ROUNDING = "rounding"
    """One quantisation step off, far more often than another kernel's."""
    HALF_PRECISION = "half-precision"
    """As far off as half precision is."""
    VALUES = "values"
    """Other values: other weights, another order, a wrong kernel."""


class LayerFigures(Declared, frozen=True, kw_only=True):
    """One tensor against another, over all inputs; steps are null for floats."""

    largest: Annotated[Number, about("largest difference, in real units")]
    rms: Annotated[Number, about("root of the mean square of the differences, in real units")]
    largest_steps: Annotated[Number | None, about("the largest difference in quantisation steps")]
    rms_steps: Annotated[Number | None, about("RMS in quantisation steps")]
    relative: Annotated[Number | None, about("RMS over RMS of what is expected; null where that is all zeros")]
    snr_db: Annotated[float | None, about("signal over noise in dB; null where there is no noise")]
    cosine: Annotated[float | None, about("cosine of both as vectors; null where one is all zeros")]
    differing: Annotated[Share, about("share of elements that are not the same")]
    not_finite: Annotated[Share, about("share of NaN or infinite elements where a number is expected")]
    saturated: Annotated[Share, about("share of elements at an end of the integers' range where another is expected")]

    @property
    def size(self) -> float:
        """The difference as one number: RMS in quantisation steps; of floats, relative to what is expected."""
        return self.rms_steps if self.rms_steps is not None else self.relative or 0.0

    @property
    def is_same(self) -> bool:
        """Whether every element is the same."""
        return self.differing == 0 and self.not_finite == 0


class LayerRecord(Declared, frozen=True, kw_only=True):
    """One tensor and its operator."""

    tensor: Annotated[Count, about("index in the model's file")]
    name: Annotated[str, about("in the model's file")]
    operator: Line
    fault: Annotated[LayerFault | None, about("what its operator does wrong by itself; null where nothing")]
    own: Annotated[LayerFigures, about("against its operator computed here from the tensors that it was given")]
    adding_up: Annotated[LayerFigures, about("against the same model on this computer")]
    from_float: Annotated[
        LayerFigures | None, about("against fp32 on this computer; null where that has no such tensor")
    ]

    @property
    def short_name(self) -> str:
        """Its name without the model's and the operation's; the tensor's index where the file gives it none."""
        return short_name(self.name) or f"tensor {self.tensor}"

    @property
    def title(self) -> str:
        """Its name and its operator: `conv2 (CONV_2D)`."""
        return f"{self.short_name} ({self.operator})"


class MissingTensor(Declared, frozen=True):
    """A tensor that was not compared."""

    tensor: Annotated[Count, about("index in the model's file")]
    name: Annotated[str, about("in the model's file")]
    reason: Line


class Layers(Declared, frozen=True, kw_only=True, tag_field="format", tag=FORMAT):
    """All layers of one model, in the order of computation."""

    model: Annotated[Line, about("`<recipe>_<variant>`, or the file")]
    sha256: Annotated[Sha256, about("of the model's file")]
    seen: Annotated[Line, about("what gave the tensors")]
    inputs: Annotated[tuple[Line, ...], about("names of the inputs")]
    first: Annotated[Count | None, about("the tensor of the first faulty layer; null where none is")]
    layers: Annotated[tuple[LayerRecord, ...], about("those that could be compared")]
    missing: Annotated[tuple[MissingTensor, ...], about("those that could not")]
    remarks: Annotated[tuple[Line, ...], about("what has to be known of these figures")] = ()

    @property
    def faulty(self) -> tuple[LayerRecord, ...]:
        """The layers that are wrong by themselves."""
        return tuple(layer for layer in self.layers if layer.fault is not None)

    @property
    def first_faulty(self) -> LayerRecord | None:
        """The first of them."""
        return next(iter(self.faulty), None)

    @property
    def parting(self) -> tuple[LayerRecord, ...]:
        """The layers that are not bit for bit the same as here, wrong or not."""
        return tuple(layer for layer in self.layers if not layer.adding_up.is_same)

    def __post_init__(self) -> None:
        first = self.first_faulty
        if self.first != (None if first is None else first.tensor):
            raise ValueError(f"first is {self.first}, which is not the first of the layers that have a fault")


def probed_file(phone_folder: Path, model: str) -> Path:
    """Where the layers of a model are that a phone was probed for; `model` is `<recipe>_<variant>`."""
    return phone_folder / "layers" / f"{model}.json"
