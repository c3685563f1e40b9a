"""Input archives are written once, and one ahead of the phones."""

import threading
import time
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from benchmarks.formats.archive import write_images
from benchmarks.formats.inputs import write
from benchmarks.formats.manifest import Manifest
from benchmarks.runs.input_archives import InputArchives
from tests.benchmarks.rig import Rig


def test_the_next_archive_is_written_while_phones_work_on_one(export: Path, tmp_path: Path) -> None:
    recipes, steps = Manifest.read(export).recipes, Rig(export, tmp_path).steps
    with InputArchives(tmp_path, recipes, None, steps) as archives:
        first = archives.get(steps[0])
        give_up = time.monotonic() + 60
        while len(written(tmp_path)) < 2 and time.monotonic() < give_up:
            time.sleep(0.01)
    ahead = written(tmp_path)
    assert first.path.name in ahead
    assert len(ahead) == 2
    with InputArchives(tmp_path, recipes, None, steps) as archives:
        every = [archives.get(step) for step in steps]
    assert every[0] == first
    assert {archive.path.name for archive in every} == written(tmp_path) > ahead


def written(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("*.zip") if not path.name.startswith(".")}


def test_a_run_that_ends_stops_the_archive_that_is_being_written(tmp_path: Path) -> None:
    inputs = write(tmp_path, [("0.raw", b"x", None)])
    stop = threading.Event()
    stop.set()
    with pytest.raises(CancelledError):
        write_images(inputs, tmp_path / "job.zip", stop)
    assert not (tmp_path / "job.zip").exists()
