"""A worker and its phone: results come home whole, nothing stays behind, and a rerun finishes what was begun."""

from pathlib import Path

from tests.benchmarks.conftest import Attach, Start
from tests.benchmarks.rig import Rig, Told, left_on, start_with_app


def test_every_job_of_the_plan_comes_home(start: Start, attach: Attach, export: Path, tmp_path: Path) -> None:
    virtual, rig, told = start_with_app(start), Rig(export, tmp_path), Told()
    outcome = rig.work(attach(virtual), told=told)
    assert (outcome.ended, outcome.failures, outcome.left_behind) == (None, [], None)
    assert len(outcome.finished) == len(rig.steps) == len(rig.results()) == 6
    assert told.beats >= 6
    assert left_on(virtual) == []
