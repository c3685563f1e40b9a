"""The usual suspects: what apps do wrong between a picture and a tensor, each as a way that commits it. Values only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import product
from typing import Any, Self

from benchmarks.explain.preprocess_variant import Geometry, Orientation, PreprocessVariant, Sampling
from metadata.card import CenterSquare, ImageSpec, Resize
from metadata.normalizations import MNIST, TORCHVISION

MEAN_STEP = 1.0
"""Levels; 127 for 127.5 changes no answer that anybody sees."""
STD_STEP = 0.02

STAGES = ("orientation", "colour", "crop", "resize", "normalisation")
"""In the order in which a picture meets them."""
STAGE_OF = {
    "EXIF-IGNORED": "orientation",
    "EXIF-TWICE": "orientation",
    "WRONG-ROTATION": "orientation",
    "MIRRORED": "orientation",
    "CHANNEL-ORDER": "colour",
    "POLARITY": "colour",
    "NO-CROP": "crop",
    "WRONG-CROP": "crop",
    "RESIZE-NEAREST": "resize",
    "RESIZE-NO-ANTIALIAS": "resize",
    "RESIZE-FILTER": "resize",
    "WRONG-MEAN": "normalisation",
    "WRONG-STD": "normalisation",
    "WRONG-NORMALIZATION": "normalisation",
}

# Pairs of mean and deviation that are in use, on pixels 0..255, by channels.
NORMALIZATIONS = {
    1: (((0.0,), (1.0,)), ((0.0,), (255.0,)), ((127.5,), (127.5,)), MNIST),
    3: (
        ((0.0,) * 3, (1.0,) * 3),
        ((0.0,) * 3, (255.0,) * 3),
        ((127.5,) * 3, (127.5,) * 3),
        TORCHVISION,
        ((103.939, 116.779, 123.68), (1.0,) * 3),
    ),
}


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A way that may be the phone's. `id` is a cause's, `detail` says which of its forms."""

    id: str
    detail: str
    way: PreprocessVariant

    @property
    def stage(self) -> str:
        """The first stage that it changes."""
        return min((STAGE_OF[one] for one in self.id.split("+")), key=STAGES.index)

    def with_(self, other: Self, right: PreprocessVariant) -> "Hypothesis | None":
        """Both faults at once; None where they are about the same stage."""
        mine, theirs = _changes(self.way, right), _changes(other.way, right)
        if mine.keys() & theirs.keys() or self.stage == other.stage:
            return None
        both = {**mine, **theirs}
        geometry = replace(right.geometry, **{name: both[name] for name in both if name in GEOMETRY})
        rest = {name: both[name] for name in both if name not in GEOMETRY}
        way = replace(right, geometry=geometry, **rest)
        return Hypothesis(f"{self.id}+{other.id}", f"{self.detail}; {other.detail}", way)


GEOMETRY = {one.name for one in fields(Geometry)}


def _changes(way: PreprocessVariant, right: PreprocessVariant) -> dict[str, Any]:
    """The fields in which `way` is not right, those of the geometry beside the others."""
    pairs = (
        (way.geometry, right.geometry, GEOMETRY),
        (way, right, {one.name for one in fields(PreprocessVariant)} - {"geometry"}),
    )
    return {
        name: getattr(ours, name)
        for ours, wanted, names in pairs
        for name in names
        if getattr(ours, name) != getattr(wanted, name)
    }


def usual(spec: ImageSpec) -> tuple[Hypothesis, ...]:
    """Every suspect that differs from what `spec` asks for."""
    right = PreprocessVariant.right(spec)
    found = (
        *_placed(right),
        *_coloured(spec, right),
        *_sampled(right),
        *normalised(spec, NORMALIZATIONS[spec.channels]),
    )
    return tuple(one for one in found if one.way != right)


def _placed(right: PreprocessVariant) -> Iterator[Hypothesis]:
    def moved(id_: str, detail: str, **changes: Any) -> Hypothesis:
        return Hypothesis(id_, detail, replace(right, geometry=replace(right.geometry, **changes)))

    yield moved("EXIF-IGNORED", "the orientation is not applied", orientation=Orientation.IGNORED)
    yield moved("EXIF-TWICE", "the orientation is applied twice", orientation=Orientation.TWICE)
    for turns in (1, 2, 3):
        yield moved("WRONG-ROTATION", f"turned by {90 * turns}° clockwise", quarter_turns=turns)
    yield moved("MIRRORED", "left is right", mirrored=True)
    if right.geometry.crop is not None:
        yield moved("NO-CROP", "the whole picture", crop=None)
    for part in (CenterSquare(1, 1), CenterSquare(7, 8)):
        yield moved("WRONG-CROP", f"the central square of {part.num}/{part.den}", crop=part)


def _coloured(spec: ImageSpec, right: PreprocessVariant) -> Iterator[Hypothesis]:
    if spec.channels == 3:
        yield Hypothesis("CHANNEL-ORDER", "BGR", replace(right, swapped=True))
    yield Hypothesis("POLARITY", "255 − level", replace(right, inverted=True))


def _sampled(right: PreprocessVariant) -> Iterator[Hypothesis]:
    ids: dict[Resize | Sampling, str] = {
        Resize.PILLOW_NEAREST: "RESIZE-NEAREST",
        Sampling.NEAREST: "RESIZE-NEAREST",
        Sampling.BILINEAR: "RESIZE-NO-ANTIALIAS",
        Resize.PILLOW_BILINEAR: "RESIZE-FILTER",
        Resize.PILLOW_BICUBIC: "RESIZE-FILTER",
    }
    for sampling, id_ in ids.items():
        yield Hypothesis(id_, str(sampling), replace(right, geometry=replace(right.geometry, sampling=sampling)))


Numbers = tuple[float, ...]


def normalised(spec: ImageSpec, known: Sequence[tuple[Numbers, Numbers]]) -> Iterator[Hypothesis]:
    """Other means, other deviations, and both, of those that are in use."""
    means = (spec.mean, *(mean for mean, _ in known))
    stds = (spec.std, *(std for _, std in known))
    for mean, std in dict.fromkeys(product(means, stds)):
        usual_pair = (mean, std) in known or mean == spec.mean or std == spec.std
        one = normalisation(spec, PreprocessVariant.right(spec), mean, std) if usual_pair else None
        if one is not None:
            yield one


def normalisation(spec: ImageSpec, base: PreprocessVariant, mean: Numbers, std: Numbers) -> Hypothesis | None:
    """`base` with this mean and deviation; None where they are the model's own, or as good as."""
    wrong_mean = any(abs(got - want) > MEAN_STEP for got, want in zip(mean, spec.mean, strict=True))
    wrong_std = any(abs(got / want - 1) > STD_STEP for got, want in zip(std, spec.std, strict=True))
    if not (wrong_mean or wrong_std):
        return None
    ids = {(True, False): "WRONG-MEAN", (False, True): "WRONG-STD", (True, True): "WRONG-NORMALIZATION"}
    fed = [f"mean {_said(mean)}"] * wrong_mean + [f"std {_said(std)}"] * wrong_std
    wanted = [f"mean {_said(spec.mean)}"] * wrong_mean + [f"std {_said(spec.std)}"] * wrong_std
    detail = f"{', '.join(fed)}; the model wants {', '.join(wanted)}"
    return Hypothesis(ids[wrong_mean, wrong_std], detail, replace(base, mean=mean, std=std))


def _said(numbers: Numbers) -> str:
    return ", ".join(f"{one:.4g}" for one in dict.fromkeys(round(one, 2) for one in numbers))
