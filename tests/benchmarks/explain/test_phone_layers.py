"""A virtual phone with a real fault in one layer, behind a real adb server, and the layer that is named."""

from pathlib import Path

import pytest

from benchmarks.compare.comparison_json import decode
from benchmarks.runners.desktop.runner import desktop_runner
from tests.benchmarks.conftest import Reach, Start
from tests.benchmarks.explain.faulty_models import SEEDED
from tests.benchmarks.explain.faulty_phone import faulty_phone
from tests.benchmarks.explain.seeded import STRICT, Kit, assert_named, exported, weighted
from tests.benchmarks.models import is_exported
from tests.benchmarks.rig import left_on, start_with_app

pytestmark = pytest.mark.skipif(not is_exported(), reason="build/models holds no models: run make export first")
QUICK = (("fp32", "not_a_number"), ("int8", "other_rounding"))
FEW_QUICK = [pytest.param(*one, marks=() if one in QUICK else pytest.mark.thorough) for one in SEEDED]


@pytest.fixture
def kit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Kit:
    return Kit(tmp_path / "build", capsys)


@pytest.mark.parametrize(("variant", "fault"), FEW_QUICK)
def test_a_fault_on_a_phone_is_named_with_its_layer_and_operator(
    kit: Kit, start: Start, reach: Reach, variant: str, fault: str
) -> None:
    assert_named(kit, start, reach, desktop_runner, exported("digits_cnn", variant), fault, place=1)


@pytest.mark.thorough
@pytest.mark.parametrize(("variant", "fault"), [("fp32", "half_precision"), ("int8", "stale_weights")])
def test_a_fault_in_the_middle_of_a_large_network_is_named(
    kit: Kit, start: Start, reach: Reach, variant: str, fault: str
) -> None:
    assert_named(kit, start, reach, desktop_runner, exported("efficientnet_lite0", variant), fault, place=20)


@pytest.mark.parametrize("variant", ["fp32", "int8"])
def test_a_right_phone_has_no_faulty_layer(kit: Kit, start: Start, reach: Reach, variant: str) -> None:
    one, virtual = exported("digits_cnn", variant), start_with_app(start)
    kit.phone = reach(virtual)
    assert kit(*kit.run_of(one)).code == 0
    said = kit.explain_layers(one)
    assert (said.code, kit.layers(one).first, kit.layers(one).missing) == (0, None, ())
    assert "no layer is wrong by itself, all are the same bit for bit" in said.out
    assert left_on(virtual) == []


def test_half_precision_of_integers_scales_is_less_than_another_kernel_s_rounding(
    kit: Kit, start: Start, reach: Reach
) -> None:
    """It moves one element in some hundreds by one step: what is measured is shown, and no layer is accused."""
    one = exported("digits_cnn", "int8")
    at, operator = weighted(one, 1)
    kit.phone = reach(start_with_app(start, runner=faulty_phone(desktop_runner, "half_precision", at)))
    assert kit(*kit.run_of(one)).code == 0
    said = kit.explain_layers(one)
    layers = kit.layers(one)
    assert (said.code, layers.first) == (0, None)
    part = f"from {layers.parting[0].title} on, {len(layers.parting)} of 11 layers are not bit for bit the same"
    assert part in said.out
    assert layers.parting[0].tensor == operator.outputs[0]
    own = [layer.own for layer in layers.layers if layer.own.differing > 0]
    assert own
    assert all(one.largest_steps == 1 and one.differing < 0.01 for one in own)


def test_a_run_looks_into_the_layers_by_itself_where_a_gate_fails(kit: Kit, start: Start, reach: Reach) -> None:
    one = exported("digits_cnn", "int8")
    at, operator = weighted(one, 2)
    virtual = start_with_app(start, runner=faulty_phone(desktop_runner, "stale_weights", at))
    kit.phone = reach(virtual)
    said = kit(*kit.run_of(one, STRICT, count=40))
    assert said.code == 1
    (row,) = decode(said.out.encode()).rows
    assert row.probed == kit.layers(one)
    first = row.probed.first_faulty
    assert first is not None
    assert (first.tensor, first.operator) == (operator.outputs[0], operator.name)
    assert len(row.probed.inputs) == 10
    assert row.causes[0].id == "STALE-WEIGHTS"
    assert first.title in row.causes[0].evidence
    assert first.short_name in (kit.phone_folder.parent / "report.html").read_text(encoding="utf-8")
    assert left_on(virtual) == []
    assert not (kit.phone_folder / "probes").exists()


def test_a_run_that_passes_fetches_no_tensors(kit: Kit, start: Start, reach: Reach) -> None:
    kit.phone = reach(start_with_app(start))
    assert kit(*kit.run_of(exported("digits_cnn", "int8"), STRICT, count=40)).code == 0
    assert not (kit.phone_folder / "layers").exists()
