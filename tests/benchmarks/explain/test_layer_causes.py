"""What layers say of a runtime: each real fault gets the cause that it is, and healthy kernels get none."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest
from msgspec.structs import replace

from benchmarks.compare.accuracy import ArrowName
from benchmarks.compare.comparison import Cause
from benchmarks.evaluation.all_tensors import IsolatedOperators, ProbedModel
from benchmarks.explain.layer_causes import layer_causes
from benchmarks.explain.layer_comparison import LayerComparison
from benchmarks.explain.layer_records import layers_of
from benchmarks.explain.other_weights import OtherWeights, differing_layers
from benchmarks.explain.two_runs import OtherRun, compare
from benchmarks.formats.layers_file import LayerFault, Layers
from benchmarks.formats.manifest import Manifest
from metadata.card import ImageSpec
from metadata.finding import warning
from metadata.graph import read_graph
from metadata.preprocess import normalised
from metadata.probes import isolated
from tests.benchmarks import sample_layers
from tests.benchmarks.explain.faulty_models import FUSED, SEEDED, faulty
from tests.benchmarks.faulty import unwarned
from tests.benchmarks.models import MODELS, is_exported

exported = pytest.mark.skipif(not is_exported(), reason="build/models holds no models: run make export first")
CAUSES = {
    "half_precision": "HALF-PRECISION",
    "not_a_number": "ONE-KERNEL",
    "other_rounding": "OTHER-ROUNDING",
}
"""Of the other faults, which are of what a file holds for one layer: STALE-WEIGHTS."""


@dataclass(frozen=True)
class Model:
    """A variant's file, with some evaluation inputs."""

    data: bytes
    image: ImageSpec
    levels: npt.NDArray[np.uint8]

    def layers(self, other: bytes, xnnpack: bool = True) -> Layers:
        compared = compare(self.data, OtherRun("phone.tflite", other, 1, xnnpack), None, self.levels, self.image)
        return layers_of(compared, model="digits_cnn", sha256="0" * 64, seen="a phone", inputs=["0", "1", "2", "3"])

    def weighted(self) -> list[int]:
        """The places of the operators with weights."""
        return [at for at, operator in enumerate(read_graph(self.data).operators) if operator.name in FUSED]


@pytest.fixture(scope="module")
def model() -> Iterator[Callable[[str], Model]]:
    recipe = Manifest.read(MODELS).recipes["digits_cnn"]
    levels = next(recipe.evaluation_set(4).batches(recipe.image, 4))
    with unwarned():
        yield lambda variant: Model(recipe.variants[variant].file.path.read_bytes(), recipe.image, levels)


def only(layers: Layers, *arguments: object) -> Cause:
    (found,) = layer_causes(layers, *arguments)  # type: ignore[arg-type]
    assert found.arrow is ArrowName.RUNTIME
    return found


@exported
@pytest.mark.parametrize("place", [1, 2])
@pytest.mark.parametrize(("variant", "fault"), SEEDED)
def test_every_fault_gets_the_cause_that_it_is(
    model: Callable[[str], Model], variant: str, fault: str, place: int
) -> None:
    one = model(variant)
    layers = one.layers(faulty(one.data, fault, one.weighted()[place]))
    found = only(layers)
    integers_hold_it = (variant, fault) == ("int8", "not_a_number")  # as a scale of weights, and so in the file
    expected = "STALE-WEIGHTS" if integers_hold_it else CAUSES.get(fault, "STALE-WEIGHTS")
    assert (found.id, found.score > 0.99) == (expected, True), found
    first = layers.first_faulty
    assert first is not None
    assert first.title in found.evidence


@exported
@pytest.mark.parametrize("scale", [1, 1e6])
def test_tensors_that_a_phone_keeps_in_half_precision_are_recognised_even_where_they_overflow(
    model: Callable[[str], Model], scale: float
) -> None:
    one = model("fp32")
    comparison, here, alone = LayerComparison(one.data), ProbedModel(one.data), IsolatedOperators(isolated(one.data))
    for model_input in normalised(one.levels[:2], one.image) * np.float32(scale):
        values = dict(here.run(model_input[None]))
        for operator in comparison.graph.computing:
            (index,) = operator.outputs
            with np.errstate(over="ignore"):
                values[index] = alone.run(values)[index].astype(np.float16).astype(np.float32)
        comparison.add(values)
    layers = layers_of(comparison, model="digits_cnn", sha256="0" * 64, seen="a phone", inputs=["0", "1"])
    found = only(layers)
    assert (found.id, found.score > 0.99) == ("HALF-PRECISION", True), found
    assert ("gives" in found.evidence and "NaN or infinite" in found.evidence) is (scale > 1)


@exported
@pytest.mark.parametrize("variant", ["fp32", "fp16", "dynamic", "int8"])
@pytest.mark.parametrize("xnnpack", [True, False])
def test_healthy_kernels_have_no_fault(model: Callable[[str], Model], variant: str, xnnpack: bool) -> None:
    one = model(variant)
    layers = one.layers(one.data, xnnpack)
    causes = list(layer_causes(layers))
    assert [found.id for found in causes] == (["KERNEL-ROUNDING"] if layers.parting else [])
    assert bool(layers.parting) is not xnnpack
    for found in causes:
        parting, every = layers.parting, len(layers.layers)
        assert found.evidence.startswith(f"from {parting[0].title} on, {len(parting)} of {every} layers are not bit")
        assert list(layer_causes(replace(layers, remarks=("probing changed the answers",)))) == []


@exported
@pytest.mark.parametrize("variant", ["fp32", "fp16", "dynamic", "int8"])
def test_a_file_whose_weights_differ_in_just_the_wrong_layers_is_named(
    model: Callable[[str], Model], variant: str
) -> None:
    one = model(variant)
    operator = one.weighted()[1]
    stale = faulty(one.data, "stale_weights", operator) if variant != "fp16" else _scaled(one.data, operator)
    tensors = differing_layers(one.data, stale)
    assert tensors == set(read_graph(one.data).operators[operator].outputs)
    files = [
        OtherWeights("digits_cnn fp16", "1" * 64, frozenset({0})),
        OtherWeights("the app's asset", "2" * 64, tensors),
    ]
    evidence = only(one.layers(stale), (), files).evidence
    assert "the app's asset (222222222222) has other weights there, and nowhere else" in evidence


def _scaled(data: bytes, operator: int) -> bytes:
    """The fp16 file with another bias and other half weights in one layer: its operator reads float copies of them."""
    from tests.benchmarks.explain.faulty_models import EditedModel

    edited = EditedModel(data)
    copies = {copy: one.inputs[0] for one in edited.graph.operators if one.name == "DEQUANTIZE" for copy in one.outputs}
    weights = edited.constant(copies[edited.graph.operators[operator].inputs[1]])
    weights[...] = np.flip(weights)
    return bytes(edited.data)


@exported
def test_a_file_of_another_graph_has_no_other_weights(model: Callable[[str], Model]) -> None:
    assert differing_layers(model("fp32").data, model("int8").data) == frozenset()
    assert differing_layers(model("int8").data, model("int8").data) == frozenset()


def test_what_overflows_where_the_export_foresaw_it_is_half_precision() -> None:
    layers = sample_layers.layers(fault=LayerFault.NOT_FINITE)
    first = layers.first_faulty
    assert first is not None
    assert only(layers).id == "ONE-KERNEL"
    named = first.name.partition(";")[0]
    for summary, id_ in (
        (f"{named} and 2 more give up to 70,000 (net/x)", "HALF-PRECISION"),
        ("net/x gives", "ONE-KERNEL"),
    ):
        found = only(layers, [warning("FP16-OVERFLOW", summary, "run it on the processor")])
        assert found.id == id_
        assert ("noted FP16-OVERFLOW" in found.evidence) is (id_ == "HALF-PRECISION")
        assert "3.00% NaN or infinite elements" in found.evidence


def test_half_precision_is_told_with_where_it_begins_and_how_far_off_it_is() -> None:
    sample = sample_layers.layers(blocks=2, wrong=None)
    half = tuple(
        replace(one, own=sample_layers.figures(1e-4 * (at + 1)), fault=LayerFault.HALF_PRECISION) if at > 2 else one
        for at, one in enumerate(sample.layers)
    )
    found = only(sample_layers.of(half))
    assert found.id == "HALF-PRECISION"
    assert found.score == pytest.approx(1.0, abs=1e-3)
    assert found.evidence == (
        "from block0_add (ADD) on, 8 of 11 layers are off by themselves by 4.0e−04 to 0.001 of their RMS"
    )


def test_a_kernel_that_is_wrong_wherever_it_runs_is_not_taken_for_weights() -> None:
    """All layers of one operator, and none of another with weights."""
    sample = sample_layers.layers(wrong=None)
    every = tuple(
        replace(one, own=sample_layers.figures(0.2), fault=LayerFault.VALUES)
        if one.operator == "DEPTHWISE_CONV_2D"
        else one
        for one in sample.layers
    )
    found = only(sample_layers.of(every))
    assert found.id == "ONE-KERNEL"
    assert found.evidence.startswith("block0_depthwise_conv_2d (DEPTHWISE_CONV_2D) and 14 layers more are wrong")
    half = only(sample_layers.of((*every[:30], *sample.layers[30:])))
    assert half.id == "STALE-WEIGHTS"
    assert "other DEPTHWISE_CONV_2D are right" in half.evidence


def test_an_operator_without_weights_can_only_be_a_kernel() -> None:
    layers = sample_layers.layers(wrong=3)
    assert only(layers).evidence.startswith("block0_add (ADD) is wrong by itself; the other 62 layers compute")


def test_two_causes_share_what_is_wrong() -> None:
    sample = sample_layers.layers(wrong=20)
    records = list(sample.layers)
    records[3] = replace(records[3], own=sample_layers.figures(0.3), fault=LayerFault.VALUES)
    kernel, weights = layer_causes(sample_layers.of(tuple(records)))
    assert (kernel.id, weights.id) == ("ONE-KERNEL", "STALE-WEIGHTS")
    assert kernel.score == pytest.approx(0.36, abs=0.01)
    assert kernel.score + weights.score == pytest.approx(1.0, abs=1e-3)
