"""Whoever kills an export at any moment leaves the manifest and the app's assets whole, and the next run heals."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("scenario", "least_kills"),
    [
        pytest.param("first", 30, id="the first export"),
        pytest.param("changed", 30, id="an export that replaces another"),
        pytest.param("forced", 30, id="an export of the same fingerprint that comes out otherwise"),
    ],
)
def test_a_killed_export_leaves_everything_whole(scenario: str, least_kills: int, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.export.kill", scenario, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["complaints"] == []
    assert answer["killed"] >= least_kills
