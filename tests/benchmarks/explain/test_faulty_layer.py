"""Real faults in one layer of a file, and the layer that is named. Healthy runs on other kernels, and none."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest

from benchmarks.evaluation.all_tensors import IsolatedOperators, ProbedModel
from benchmarks.explain.layer_comparison import ComparedLayer
from benchmarks.explain.two_runs import OtherRun, compare
from benchmarks.formats.classifier import Classifier
from benchmarks.formats.errors import ModelError
from benchmarks.formats.manifest import Manifest
from metadata.card import ImageSpec
from metadata.graph import read_graph
from metadata.preprocess import normalised
from metadata.probes import isolated
from tests.benchmarks.explain.faulty_models import SEEDED as FAULTS
from tests.benchmarks.explain.faulty_models import faulty, kinds_of, weighted_operator
from tests.benchmarks.faulty import unwarned
from tests.benchmarks.models import MODELS, is_exported

pytestmark = pytest.mark.skipif(not is_exported(), reason="build/models holds no models: run make export first")


@dataclass(frozen=True)
class Case:
    """A variant's file with some evaluation inputs."""

    model: bytes
    fp32: bytes
    image: ImageSpec
    levels: npt.NDArray[np.uint8]

    def compared(self, other: bytes, xnnpack: bool = True, threads: int = 1) -> tuple[ComparedLayer, ...]:
        run = OtherRun("other.tflite", other, threads, xnnpack)
        return compare(self.model, run, self.fp32, self.levels, self.image).layers()


Cases = Callable[[str, str], Case]


@pytest.fixture(scope="module")
def case() -> Iterator[Cases]:
    recipes = Manifest.read(MODELS).recipes

    def make(name: str, variant: str) -> Case:
        recipe = recipes[name]
        levels = next(recipe.evaluation_set(2).batches(recipe.image, 2))
        files = [recipe.variants[one].file.path.read_bytes() for one in (variant, "fp32")]
        return Case(files[0], files[1], recipe.image, levels)

    with unwarned():
        yield make


def first_faulty(layers: tuple[ComparedLayer, ...]) -> ComparedLayer | None:
    return next((layer for layer in layers if layer.fault is not None), None)


SEEDED = [
    pytest.param(recipe, variant, fault, place, marks=() if recipe == "digits_cnn" else pytest.mark.thorough)
    for recipe, places in (("digits_cnn", (1, 2)), ("efficientnet_lite0", (20,)))
    for variant, fault in FAULTS
    for place in places
    if recipe == "digits_cnn" or fault in ("stale_weights", "swapped_channels")
]


@pytest.mark.parametrize("xnnpack", [True, False])
@pytest.mark.parametrize(("recipe", "variant", "fault", "place"), SEEDED)
def test_a_fault_is_named_with_its_layer_and_operator(
    case: Cases, recipe: str, variant: str, fault: str, place: int, xnnpack: bool
) -> None:
    """`place` counts the operators with weights; the others lie before and after."""
    one = case(recipe, variant)
    index, operator = weighted_operator(read_graph(one.model), place)
    layers = one.compared(faulty(one.model, fault, index), xnnpack)
    first = first_faulty(layers)
    assert first is not None
    assert (first.operator, first.index) == (operator.name, operator.outputs[0])
    assert first.fault in kinds_of(variant, fault)
    if fault != "half_precision":  # which is in every layer that follows
        assert [layer.index for layer in layers if layer.fault is not None] == [first.index]


@pytest.mark.thorough
@pytest.mark.parametrize(("xnnpack", "threads"), [(False, 1), (True, 4)])
@pytest.mark.parametrize("variant", ["fp32", "int8", "dynamic", "fp16"])
def test_other_kernels_are_no_fault_though_their_differences_add_up(
    case: Cases, variant: str, xnnpack: bool, threads: int
) -> None:
    layers = case("efficientnet_lite0", variant).compared(case("efficientnet_lite0", variant).model, xnnpack, threads)
    assert first_faulty(layers) is None
    if not xnnpack:
        assert sum(not layer.adding_up.is_same for layer in layers) > 50


@pytest.mark.parametrize(("recipe", "variant"), [("digits_cnn", "int8"), ("efficientnet_lite0", "dynamic")])
def test_an_operator_alone_computes_what_it_computes_among_the_others(case: Cases, recipe: str, variant: str) -> None:
    one = case(recipe, variant)
    inputs = normalised(one.levels, one.image, Classifier.of(one.model).quantization)
    for xnnpack in (True, False):
        values = ProbedModel(one.model, xnnpack=xnnpack).run(inputs[:1])
        alone = IsolatedOperators(isolated(one.model), xnnpack=xnnpack).run(values)
        assert all(np.array_equal(alone[index], values[index]) for index in alone)


def test_layers_are_held_against_float_by_their_names(case: Cases) -> None:
    one = case("digits_cnn", "int8")
    layers = one.compared(one.model)
    quantised = [layer for layer in layers if layer.from_float is not None]
    assert len(quantised) >= 8
    assert all(20 < (layer.from_float.snr_db or 0) < 60 for layer in quantised if layer.from_float)
    assert {layer.operator for layer in layers if layer.from_float is None} <= {"QUANTIZE", "DEQUANTIZE", "SOFTMAX"}


def test_a_file_of_another_graph_is_refused_in_one_line(case: Cases) -> None:
    with pytest.raises(ModelError, match=r"other\.tflite is no other file of this model"):
        case("digits_cnn", "int8").compared(case("digits_cnn", "fp32").model)


def test_a_tensor_that_a_runtime_does_not_give_is_named_and_the_rest_compared(case: Cases) -> None:
    from benchmarks.explain.layer_comparison import LayerComparison

    one = case("digits_cnn", "fp32")
    comparison, probe = LayerComparison(one.model), ProbedModel(one.model)
    seen = dict(probe.run(normalised(one.levels[:1], one.image)))
    fused, turned = list(seen)[2:4]
    del seen[fused]
    seen[turned] = seen[turned].reshape(-1)
    comparison.add(seen)
    assert comparison.missing.keys() == {fused, turned}
    assert comparison.missing[fused] == "the runtime did not give it"
    assert "instead of float32" in comparison.missing[turned]
    assert len(comparison.layers()) == len(probe.graph.computing) - 2
    assert first_faulty(comparison.layers()) is None
