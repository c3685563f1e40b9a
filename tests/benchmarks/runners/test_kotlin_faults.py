"""The app's own job runner on a phone with a fault in one layer, behind a real adb server: it is named there, too."""

from pathlib import Path

import pytest

from benchmarks.runners.kotlin import build, kotlin_runner, missing
from tests.benchmarks.conftest import Reach, Start
from tests.benchmarks.explain.faulty_models import SEEDED
from tests.benchmarks.explain.seeded import Kit, assert_named, exported
from tests.benchmarks.models import is_exported
from tests.benchmarks.rig import start_with_app

LACK = missing()
pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(LACK is not None, reason=str(LACK)),
    pytest.mark.skipif(not is_exported(), reason="build/models holds no models: run make export first"),
]


@pytest.fixture(scope="session", autouse=True)
def jar() -> None:
    """Built once, before any phone waits for it."""
    if LACK is None:
        build()


@pytest.fixture
def kit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Kit:
    return Kit(tmp_path / "build", capsys)


@pytest.mark.parametrize(("variant", "fault"), SEEDED)
def test_a_fault_under_the_app_s_own_runner_is_named(
    kit: Kit, start: Start, reach: Reach, variant: str, fault: str
) -> None:
    assert_named(kit, start, reach, kotlin_runner, exported("digits_cnn", variant), fault, place=1)


@pytest.mark.parametrize("variant", ["fp32", "int8"])
def test_the_app_s_own_runner_has_no_faulty_layer(kit: Kit, start: Start, reach: Reach, variant: str) -> None:
    one = exported("digits_cnn", variant)
    kit.phone = reach(start_with_app(start, runner=kotlin_runner))
    assert kit(*kit.run_of(one)).code == 0
    assert kit.explain_layers(one).code == 0
    layers = kit.layers(one)
    assert (layers.first, layers.missing) == (None, ())
    assert len(layers.layers) >= 9
