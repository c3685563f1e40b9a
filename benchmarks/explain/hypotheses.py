"""What apps usually do wrong between a picture and a tensor, each as a preprocessing variant. Values only."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from itertools import product
from typing import Any, Self

from benchmarks.explain.preprocess_variant import Orientation, PreprocessVariant, Sampling
from metadata.card import CenterSquare, ImageSpec, Resize
from metadata.normalizations import MNIST, TORCHVISION

Numbers = tuple[float, ...]

MEAN_STEP = 1.0
"""In levels; a smaller difference, 127 for 127.5 for example, changes no answer visibly."""
STD_STEP = 0.02
"""As a fraction; a smaller difference does not either."""

STAGES = {
    "orientation": {"orientation", "quarter_turns", "mirrored"},
    "colour": {"swapped", "inverted"},
    "crop": {"crop"},
    "resize": {"sampling"},
    "normalisation": {"mean", "std"},
}
"""The fields of a PreprocessVariant that each stage uses, in the order in which the stages change a picture."""

# Pairs of mean and standard deviation that are in use, on pixels 0..255, by the number of channels.
NORMALIZATIONS: dict[int, tuple[tuple[Numbers, Numbers], ...]] = {
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
    """What the phone may do instead. `id` is that of a cause, `detail` says which form of it."""

    id: str
    detail: str
    variant: PreprocessVariant

    def stages(self, right: PreprocessVariant) -> list[str]:
        """The stages in which it differs from `right`, in their order."""
        changed = _changes(self.variant, right).keys()
        return [stage for stage, names in STAGES.items() if changed & names]

    def combined_with(self, other: Self, right: PreprocessVariant) -> "Hypothesis | None":
        """Both faults at once; None where they change the same stage."""
        if set(self.stages(right)) & set(other.stages(right)):
            return None
        variant = replace(right, **_changes(self.variant, right), **_changes(other.variant, right))
        return Hypothesis(f"{self.id}+{other.id}", f"{self.detail}; {other.detail}", variant)


def _changes(variant: PreprocessVariant, right: PreprocessVariant) -> dict[str, Any]:
    """The fields in which `variant` differs from `right`."""
    names = [field.name for field in fields(variant)]
    return {name: getattr(variant, name) for name in names if getattr(variant, name) != getattr(right, name)}


def usual_hypotheses(spec: ImageSpec) -> tuple[Hypothesis, ...]:
    """Every usual fault that differs from what `spec` asks for."""
    right = PreprocessVariant.right(spec)
    found = (*_geometry(right), *_colour(spec, right), *_resizing(right), *_normalizations(spec))
    return tuple(hypothesis for hypothesis in found if hypothesis.variant != right)


def _geometry(right: PreprocessVariant) -> Iterator[Hypothesis]:
    ignored, twice = (replace(right, orientation=one) for one in (Orientation.IGNORED, Orientation.TWICE))
    yield Hypothesis("EXIF-IGNORED", "the orientation is not applied", ignored)
    yield Hypothesis("EXIF-TWICE", "the orientation is applied twice", twice)
    for turns in (1, 2, 3):
        yield Hypothesis("WRONG-ROTATION", f"turned by {90 * turns}° clockwise", replace(right, quarter_turns=turns))
    yield Hypothesis("MIRRORED", "left is right", replace(right, mirrored=True))
    if right.crop is not None:
        yield Hypothesis("NO-CROP", "the whole picture", replace(right, crop=None))
    for crop in (CenterSquare(1, 1), CenterSquare(7, 8)):
        yield Hypothesis("WRONG-CROP", f"the central square of {crop.num}/{crop.den}", replace(right, crop=crop))


def _colour(spec: ImageSpec, right: PreprocessVariant) -> Iterator[Hypothesis]:
    if spec.channels == 3:
        yield Hypothesis("CHANNEL-ORDER", "BGR", replace(right, swapped=True))
    yield Hypothesis("POLARITY", "255 − level", replace(right, inverted=True))


def _resizing(right: PreprocessVariant) -> Iterator[Hypothesis]:
    ids: dict[Resize | Sampling, str] = {
        Resize.PILLOW_NEAREST: "RESIZE-NEAREST",
        Sampling.NEAREST: "RESIZE-NEAREST",
        Sampling.BILINEAR: "RESIZE-NO-ANTIALIAS",
        Resize.PILLOW_BILINEAR: "RESIZE-FILTER",
        Resize.PILLOW_BICUBIC: "RESIZE-FILTER",
    }
    for sampling, id_ in ids.items():
        yield Hypothesis(id_, str(sampling), replace(right, sampling=sampling))


def _normalizations(spec: ImageSpec) -> Iterator[Hypothesis]:
    """Another mean, another deviation, or a pair of both, of those that are in use."""
    known = NORMALIZATIONS[spec.channels]
    means = (spec.mean, *(mean for mean, _ in known))
    stds = (spec.std, *(std for _, std in known))
    for mean, std in dict.fromkeys(product(means, stds)):
        if (mean, std) in known or mean == spec.mean or std == spec.std:
            hypothesis = other_normalization(spec, mean, std)
            if hypothesis is not None:
                yield hypothesis


def other_normalization(spec: ImageSpec, mean: Numbers, std: Numbers) -> Hypothesis | None:
    """Everything right but this mean and deviation; None where they are the model's own, or nearly."""
    wrong_mean = any(abs(got - want) > MEAN_STEP for got, want in zip(mean, spec.mean, strict=True))
    wrong_std = any(abs(got / want - 1) > STD_STEP for got, want in zip(std, spec.std, strict=True))
    if not (wrong_mean or wrong_std):
        return None
    ids = {(True, False): "WRONG-MEAN", (False, True): "WRONG-STD", (True, True): "WRONG-NORMALIZATION"}
    used = [f"mean {_short(mean)}"] * wrong_mean + [f"std {_short(std)}"] * wrong_std
    wanted = [f"mean {_short(spec.mean)}"] * wrong_mean + [f"std {_short(spec.std)}"] * wrong_std
    detail = f"{', '.join(used)}; the model wants {', '.join(wanted)}"
    return Hypothesis(ids[wrong_mean, wrong_std], detail, replace(PreprocessVariant.right(spec), mean=mean, std=std))


def _short(numbers: Numbers) -> str:
    return ", ".join(f"{number:.4g}" for number in dict.fromkeys(round(number, 2) for number in numbers))
