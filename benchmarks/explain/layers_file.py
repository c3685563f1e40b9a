"""`handset.layers/1`: a model's layers as a runtime gave them, against this computer, as `layers.json` holds it."""

from math import isfinite
from typing import Annotated

from benchmarks.explain.difference import Difference
from benchmarks.explain.faulty_layer import LayerFault
from benchmarks.explain.layer_comparison import ComparedLayer, LayerComparison
from benchmarks.formats.declared import Count, Declared, Line, Number, Sha256, Share, about

FORMAT = "handset.layers/1"
FILE = "layers.json"


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

    @classmethod
    def of(cls, difference: Difference) -> "LayerFigures":
        """What the sums say."""
        relative = difference.relative
        return cls(
            largest=difference.largest,
            rms=difference.rms,
            largest_steps=difference.largest_steps,
            rms_steps=difference.rms_steps,
            relative=relative if isfinite(relative) else None,
            snr_db=difference.snr_db,
            cosine=difference.cosine,
            differing=difference.share(difference.differing),
            not_finite=difference.share(difference.not_finite),
            saturated=difference.share(difference.saturated),
        )


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

    @classmethod
    def of(cls, layer: ComparedLayer) -> "LayerRecord":
        """The record of a compared layer."""
        return cls(
            tensor=layer.index,
            name=layer.name,
            operator=layer.operator,
            fault=layer.fault,
            own=LayerFigures.of(layer.own),
            adding_up=LayerFigures.of(layer.adding_up),
            from_float=None if layer.from_float is None else LayerFigures.of(layer.from_float),
        )


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

    @classmethod
    def of(cls, comparison: LayerComparison, model: str, sha256: str, seen: str, inputs: tuple[str, ...]) -> "Layers":
        """What a comparison found; the other arguments are fields."""
        layers = tuple(LayerRecord.of(layer) for layer in comparison.layers())
        tensors = comparison.graph.tensors
        return cls(
            model=model,
            sha256=sha256,
            seen=seen,
            inputs=inputs,
            first=next((layer.tensor for layer in layers if layer.fault is not None), None),
            layers=layers,
            missing=tuple(
                MissingTensor(index, tensors[index].name, reason) for index, reason in comparison.missing.items()
            ),
        )

    @property
    def first_faulty(self) -> LayerRecord | None:
        """The first layer that is wrong by itself."""
        return next((layer for layer in self.layers if layer.fault is not None), None)

    def __post_init__(self) -> None:
        faulty = self.first_faulty
        if self.first != (None if faulty is None else faulty.tensor):
            raise ValueError(f"first is {self.first}, which is not the first of the layers that have a fault")
