"""A cable pulled out at any byte loses no finished result, and no broken one is ever accepted."""

import random
from pathlib import Path

import pytest

from benchmarks.virtual_phone.faults import Fault
from tests.benchmarks.conftest import Attach, Start
from tests.benchmarks.rig import Rig, left_on, start_with_app

POINTS = 10
"""In each group, on each of the two transports."""
GROUPS = [0, 1, *(pytest.param(group, marks=pytest.mark.thorough) for group in range(2, 10))]
RUN_BYTES = 95_000
"""What the plan moves over the cable, both ways."""


@pytest.mark.parametrize("group", GROUPS)
def test_a_run_survives_its_cable_being_pulled_anywhere(
    start: Start, attach: Attach, export: Path, tmp_path: Path, group: int
) -> None:
    points = random.Random(f"unplug {group}")  # noqa: S311 - points of a test, not secrets
    for number in range(POINTS):
        at_bytes = points.randrange(100, RUN_BYTES)
        virtual = start_with_app(start, f"unplug={at_bytes}", serial=f"virtual-{number}")
        rig = Rig(export, tmp_path / f"{number}")
        rig.home.mkdir()
        steps = [step for step in rig.steps if step.variant.name == "fp32"]
        outcome = rig.work(attach(virtual), steps=steps)
        assert (outcome.ended, outcome.failures, outcome.left_behind) == (None, [], None), at_bytes
        assert [one.result.error for one in rig.results()] == [None] * len(steps), at_bytes
        assert left_on(virtual) == [], at_bytes
        assert virtual.state.faults.number(Fault.UNPLUG) is None, "it was pulled"
