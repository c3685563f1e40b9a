"""A worker and its phone: results come home whole, nothing stays behind, and a rerun finishes what was begun."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.formats.job import Mode, is_id
from benchmarks.formats.manifest import Manifest
from benchmarks.runs.instrument import follow
from benchmarks.runs.plan import plan
from benchmarks.virtual_phone.state import BatteryState
from tests.benchmarks.conftest import Attach, Start
from tests.benchmarks.rig import QUICK, Rig, Told, left_on, start_with_app


def test_every_job_of_the_plan_comes_home(start: Start, attach: Attach, export: Path, tmp_path: Path) -> None:
    virtual, rig, told = start_with_app(start), Rig(export, tmp_path), Told()
    outcome = rig.work(attach(virtual), told=told)
    assert (outcome.ended, outcome.failures, outcome.left_behind) == (None, [], None)
    assert len(outcome.finished) == len(rig.steps) == len(rig.results()) == 6
    assert told.beats >= 6
    assert left_on(virtual) == []


def test_a_rerun_of_a_finished_plan_runs_nothing(start: Start, attach: Attach, export: Path, tmp_path: Path) -> None:
    rig, told = Rig(export, tmp_path), Told()
    rig.work(attach(start_with_app(start)))
    before = {path: path.stat().st_mtime_ns for path in rig.folder.iterdir()}
    outcome = rig.work(attach(start_with_app(start, serial="virtual-2")), told=told)
    assert (outcome.is_complete, told.jobs) == (True, [])
    assert {path: path.stat().st_mtime_ns for path in rig.folder.iterdir()} == before


def test_a_result_that_was_damaged_here_is_run_again(
    start: Start, attach: Attach, export: Path, tmp_path: Path
) -> None:
    rig, told = Rig(export, tmp_path), Told()
    rig.work(attach(start_with_app(start)))
    blob = next(rig.folder.glob("*.outputs.bin"))
    blob.write_bytes(blob.read_bytes()[:-1])
    outcome = rig.work(attach(start_with_app(start, serial="virtual-2")), told=told)
    assert (outcome.is_complete, len(told.jobs), len(rig.results())) == (True, 1, 6)


def test_a_warm_phone_is_waited_for_but_not_for_ever(
    start: Start, attach: Attach, export: Path, tmp_path: Path
) -> None:
    virtual, rig = start_with_app(start), Rig(export, tmp_path, rounds=2)

    class Warm(Told):
        def job(self, title: str, number: int, total: int) -> None:
            super().job(title, number, total)
            virtual.state.battery = BatteryState(temperature_deci_c=290 + 30 * (number == 6))

    settings = replace(QUICK, cooldown_s=0.1, cooldown_poll_s=0.02)
    told = Warm()
    outcome = rig.work(attach(virtual), settings, told=told)
    assert [(one.round, one.before_c) for one in outcome.cooldowns] == [(1, 29.0), (2, 32.0)]
    assert outcome.cooldowns[1].waited_s >= 0.1
    assert any("is still at 32.0 °C, after 29.0 °C at the start; going on" in line for line in told.lines)
    assert outcome.is_complete


def test_rounds_hold_every_variant_once_in_an_order_that_a_seed_repeats(export: Path) -> None:
    variants = Manifest.read(export).select()
    steps = plan(variants, 20, seed=3)
    assert steps == plan(variants, 20, seed=3)
    orders = [[s.variant.name for s in steps if s.round == number] for number in range(1, 21)]
    assert all(sorted(order) == ["fp32", "int8"] for order in orders)
    assert {tuple(order) for order in orders} == {("fp32", "int8"), ("int8", "fp32")}
    assert [s.kind for s in steps if s.mode is Mode.EVALUATE] == ["tensors", "tensors", "images", "images"]
    ids = {step.job_id("a run") for step in steps}
    assert len(ids) == len(steps)
    assert ids.isdisjoint(step.job_id("another run") for step in steps)
    assert all(len(one) <= 64 for one in ids)


def test_a_recipe_with_a_long_name_still_has_job_ids(export: Path) -> None:
    variant = replace(Manifest.read(export).select()[0], recipe="an extremely/long name" * 5)
    ids = {step.job_id("a run") for step in plan([variant, replace(variant, name="other")], 3, seed=0)}
    assert len(ids) == 10
    assert all(is_id(one) for one in ids)


SAID = """INSTRUMENTATION_STATUS: done=3
INSTRUMENTATION_STATUS: total=10
INSTRUMENTATION_STATUS_CODE: 0
INSTRUMENTATION_STATUS: note=no numbers
INSTRUMENTATION_STATUS_CODE: 0
INSTRUMENTATION_RESULT: handset_job=j
INSTRUMENTATION_RESULT: longMsg=two
lines = here
INSTRUMENTATION_CODE: -1"""


def test_instrumentation_is_read_with_values_over_several_lines() -> None:
    beats: list[tuple[int, int]] = []
    ending = follow(SAID.splitlines(), lambda done, total: beats.append((done, total)))
    assert beats == [(3, 10)]
    assert ending.values == {"handset_job": "j", "longMsg": "two\nlines = here"}
    assert ending.is_ok


@pytest.mark.parametrize(
    "text", ["", "INSTRUMENTATION_CODE: 0", "INSTRUMENTATION_CODE: x", "INSTRUMENTATION_RESULT: a=b"]
)
def test_an_instrumentation_without_its_own_end_is_not_ok(text: str) -> None:
    assert not follow(text.splitlines(), lambda _done, _total: None).is_ok
