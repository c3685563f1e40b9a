"""Input archives are written once, and ahead of the phones."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from benchmarks.formats.archive import write_images
from benchmarks.formats.inputs import Inputs, write
from benchmarks.formats.job import InputKind, Mode
from benchmarks.formats.manifest import Manifest
from benchmarks.runs import input_archives
from benchmarks.runs.input_archives import AHEAD, InputArchives
from metadata.card import ImageSpec
from metadata.preprocess import Pixels
from tests.benchmarks.rig import Rig


def test_the_next_archives_are_written_while_phones_work_on_one(export: Path, tmp_path: Path) -> None:
    recipes, steps = Manifest.read(export).recipes, Rig(export, tmp_path).steps
    with InputArchives(tmp_path, recipes, None, steps) as archives:
        wait_for(tmp_path, 1)  # nobody has asked yet
        first = archives.get(steps[0])
        wait_for(tmp_path, 1 + AHEAD)
    ahead = written(tmp_path)
    assert first.path.name in ahead
    assert len(ahead) == 1 + AHEAD
    with InputArchives(tmp_path, recipes, None, steps) as archives:
        every = [archives.get(step) for step in steps]
    assert every[0] == first
    assert {archive.path.name for archive in every} == written(tmp_path) > ahead


@pytest.mark.parametrize("kept_bytes", [0, 64 << 20], ids=["many inputs", "few inputs"])
def test_inputs_whose_pixels_are_kept_make_the_same_archives(
    export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept_bytes: int
) -> None:
    monkeypatch.setattr(input_archives, "KEPT_BYTES", kept_bytes)
    recipes, steps = Manifest.read(export).recipes, Rig(export, tmp_path).steps
    tensors = [step for step in steps if step.kind is InputKind.TENSORS]
    (tmp_path / "alone").mkdir()
    with InputArchives(tmp_path, recipes, None, tensors) as archives:
        for step in tensors:
            alone = InputArchives(tmp_path / "alone", recipes, None).get(step)
            assert archives.get(step).sha256 == alone.sha256


def test_a_run_that_ends_decodes_no_further_inputs(
    export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(input_archives, "BATCH", 1)
    whole, decoded, left = Inputs.batches, threading.Semaphore(0), threading.Event()
    count = 0

    def slow(inputs: Inputs, image: ImageSpec, size: int) -> Iterator[Pixels]:
        nonlocal count
        for batch in whole(inputs, image, size):
            count += 1
            decoded.release()
            assert left.wait(60)
            yield batch

    monkeypatch.setattr(Inputs, "batches", slow)
    recipes, steps = Manifest.read(export).recipes, Rig(export, tmp_path).steps
    tensors = [step for step in steps if step.kind is InputKind.TENSORS and step.mode is Mode.EVALUATE]
    with InputArchives(tmp_path, recipes, None, tensors):
        assert decoded.acquire(timeout=60)
        threading.Timer(0.5, left.set).start()  # the block is left meanwhile
    assert count == 1
    assert written(tmp_path) == set()


def wait_for(folder: Path, count: int) -> None:
    give_up = time.monotonic() + 60
    while len(written(folder)) < count and time.monotonic() < give_up:
        time.sleep(0.01)


def written(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("*.zip") if not path.name.startswith(".")}


def test_a_run_that_ends_stops_the_archive_that_is_being_written(tmp_path: Path) -> None:
    inputs = write(tmp_path, [("0.raw", b"x", None)])
    stop = threading.Event()
    stop.set()
    with pytest.raises(CancelledError):
        write_images(inputs, tmp_path / "job.zip", stop)
    assert not (tmp_path / "job.zip").exists()
