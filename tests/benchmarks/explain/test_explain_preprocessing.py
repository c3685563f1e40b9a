"""Every fault between the picture and the tensor is really made, and named as the first cause."""

from collections.abc import Iterator
from itertools import islice

import pytest

from benchmarks.compare.accuracy import ArrowName
from benchmarks.explain.explanation import Explanation, explain
from benchmarks.formats.manifest import Manifest
from tests.benchmarks.faulty import Bench, on, unwarned
from tests.benchmarks.models import MODELS, digits, is_exported, photographs

PHOTOGRAPHS = slice(15, 24)
"""Of these nine, two get another label by a resize without antialias; three are JPEGs, each on another side."""
LEAST = 0.9

pytestmark = pytest.mark.skipif(not is_exported(), reason="build/models holds no models: run make export first")

FAULTS = {
    "BGR": "CHANNEL-ORDER",
    "mean": "WRONG-MEAN",
    "std": "WRONG-STD",
    "torchvision": "WRONG-NORMALIZATION",
    "nearest": "RESIZE-NEAREST",
    "no antialias": "RESIZE-NO-ANTIALIAS",
    "no EXIF": "EXIF-IGNORED",
    "EXIF twice": "EXIF-TWICE",
    "rotated": "WRONG-ROTATION",
    "mirrored": "MIRRORED",
    "no crop": "NO-CROP",
    "full square": "WRONG-CROP",
    "inverted": "POLARITY",
}
BY_ANSWERS = (
    *("BGR", "no antialias", "no EXIF"),
    *(pytest.param(fault, marks=pytest.mark.thorough) for fault in ("nearest", "no crop")),
)
"""Each costs some seconds of inference; the other faults are tried with fed tensors only."""


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    recipe = Manifest.read(MODELS).recipes["efficientnet_lite0"]
    home = tmp_path_factory.mktemp("photographs")
    with unwarned():
        yield Bench(
            on(recipe, islice(photographs(recipe, PHOTOGRAPHS.stop), PHOTOGRAPHS.start, None), home / "inputs"),
            ["fp32", "int8"],
            home,
        )


@pytest.fixture(scope="module")
def digit_bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    home = tmp_path_factory.mktemp("digits")
    with unwarned():
        yield Bench(digits(home / "inputs", 100), ["fp32", "int8"], home)


def explained(bench: Bench, fault: str, tensors: bool, variant: int = 0) -> Explanation:
    run = bench.run(fault, bench.variants[variant], tensors)
    return explain(bench.row(run), bench.manifest)


@pytest.mark.parametrize("fault", FAULTS)
def test_fed_tensors_show_a_fault(bench: Bench, fault: str) -> None:
    found = explained(bench, fault, tensors=True)
    assert (found.arrow, found.causes[0].id) == (ArrowName.PREPROCESSING, FAULTS[fault])
    assert found.causes[0].score >= LEAST
    assert "fed tensors differ" in found.causes[0].evidence


@pytest.mark.parametrize("fault", BY_ANSWERS)
def test_without_them_the_answers_show_it(bench: Bench, fault: str) -> None:
    found = explained(bench, fault, tensors=False)
    assert (found.arrow, found.causes[0].id) == (ArrowName.PREPROCESSING, FAULTS[fault])
    assert found.causes[0].score >= LEAST
    assert "flipped answers" in found.causes[0].evidence


def test_two_faults_at_once_are_both_named(bench: Bench) -> None:
    found = explained(bench, "BGR and torchvision", tensors=True).causes[0]
    assert set(found.id.split("+")) == {"CHANNEL-ORDER", "WRONG-NORMALIZATION"}
    assert found.score >= LEAST


@pytest.mark.parametrize(("fault", "cause"), [("BGR", "CHANNEL-ORDER"), ("no antialias", "RESIZE-NO-ANTIALIAS")])
def test_a_fault_comes_before_the_rounding_of_a_quantised_model(bench: Bench, fault: str, cause: str) -> None:
    """Also where it is the smaller part of the differences: a fault can be repaired."""
    found = explained(bench, fault, tensors=True, variant=1)
    assert [one.id for one in found.causes] == [cause, "ROUNDING"]
    assert sum(one.score for one in found.causes) > LEAST


@pytest.mark.parametrize("tensors", [True, False])
@pytest.mark.parametrize("variant", [0, 1])
@pytest.mark.parametrize(
    ("fault", "cause"),
    [("inverted", "POLARITY"), ("mean", "WRONG-MEAN"), ("std", "WRONG-STD"), ("rotated", "WRONG-ROTATION")],
)
def test_digits_have_their_own_faults(digit_bench: Bench, fault: str, cause: str, variant: int, tensors: bool) -> None:
    found = explained(digit_bench, fault, tensors, variant)
    assert (found.arrow, found.causes[0].id) == (ArrowName.PREPROCESSING, cause)


def test_the_right_mean_is_named_beside_the_wrong_one(bench: Bench) -> None:
    assert "mean 67; the model wants mean 127" in explained(bench, "mean", tensors=True).causes[0].evidence


@pytest.mark.parametrize("tensors", [True, False])
def test_a_healthy_phone_has_no_cause(bench: Bench, digit_bench: Bench, tensors: bool) -> None:
    for one in (bench, digit_bench):
        found = explained(one, "none", tensors)
        assert (found.arrow, found.causes, found.layers) == (None, (), ())


def test_a_healthy_quantised_model_is_merely_rounded(bench: Bench) -> None:
    found = explained(bench, "none", tensors=False, variant=1)
    assert [one.id for one in found.causes] == ["ROUNDING"]
    assert found.layers[0].operator == "INPUT"
    assert all(layer.relative_error < 0.5 for layer in found.layers)
