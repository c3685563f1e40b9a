"""A model on a phone is the one its name says, whole, and is sent only when it is not there."""

import hashlib
import os
from pathlib import Path

import pytest

from benchmarks.adb.errors import DiskFullError, MismatchError
from benchmarks.adb.phone import AdbPhone
from benchmarks.adb.store import FOLDER, ModelStore
from benchmarks.runs.retrier import LOST
from benchmarks.virtual_phone.daemon import VirtualPhone
from tests.benchmarks.conftest import Attach, Start


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.tflite"
    path.write_bytes(bytes(range(256)) * 4000)
    return path


def names(virtual: VirtualPhone) -> set[str]:
    return {path.name for path in (virtual.state.root / FOLDER[1:]).glob("*")}


def test_a_model_is_pushed_once_and_then_known(start: Start, attach: Attach, model: Path) -> None:
    virtual = start()
    store = ModelStore(attach(virtual), "run-1")
    sha256 = hashlib.sha256(model.read_bytes()).hexdigest()
    first, again = store.put(model), store.put(model)
    assert (first.pushed, again.pushed) == (True, False)
    assert first.path == again.path == f"{FOLDER}/{sha256}.tflite"
    assert names(virtual) == {f"{sha256}.tflite"}


def test_a_retrained_model_of_the_same_size_is_pushed(start: Start, attach: Attach, model: Path) -> None:
    store = ModelStore(attach(start()), "run-1")
    store.put(model)
    data = bytearray(model.read_bytes())
    data[1000] ^= 1
    model.write_bytes(data)
    assert store.put(model).pushed


def test_a_damaged_copy_is_replaced(start: Start, attach: Attach, model: Path) -> None:
    virtual = start()
    phone = attach(virtual)
    place = virtual.state.root / ModelStore(phone, "run-1").put(model).path[1:]
    place.write_bytes(bytes(place.stat().st_size))
    assert ModelStore(phone, "run-2").put(model).pushed
    assert place.read_bytes() == model.read_bytes()


@pytest.mark.parametrize("harm", ["deleted", "cut", "written later"])
def test_a_copy_that_changes_during_a_run_is_replaced(start: Start, attach: Attach, model: Path, harm: str) -> None:
    virtual = start()
    store = ModelStore(attach(virtual), "run-1")
    place = virtual.state.root / store.put(model).path[1:]
    match harm:
        case "deleted":
            place.unlink()
        case "cut":
            place.write_bytes(b"")
        case _:
            place.write_bytes(bytes(place.stat().st_size))
            os.utime(place, (place.stat().st_mtime + 1,) * 2)
    assert store.put(model).pushed
    assert place.read_bytes() == model.read_bytes()


def test_a_push_that_arrives_changed_is_not_kept(
    start: Start, attach: Attach, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    virtual = start()
    phone = attach(virtual)
    whole = AdbPhone.push

    def damaged(self: AdbPhone, source: Path, target: str, **_: object) -> None:
        whole(self, source.read_bytes()[:-1] + b"!", target)

    monkeypatch.setattr(AdbPhone, "push", damaged)
    with pytest.raises(MismatchError, match="push it again, with another cable"):
        ModelStore(phone, "run-1").put(model)
    assert names(virtual) == set()


@pytest.mark.parametrize("trouble", ["unplug=200000", "full-disk=200000"])
def test_a_broken_push_leaves_only_a_part_that_is_swept(
    start: Start, attach: Attach, model: Path, trouble: str
) -> None:
    virtual = start(trouble)
    phone = attach(virtual)
    with pytest.raises((*LOST, DiskFullError)):
        ModelStore(phone, "run-1").put(model)
    assert all(".part-run-1" in name for name in names(virtual))
    phone.reconnect(timeout_s=60)
    ModelStore(phone, "run-2").sweep()
    assert names(virtual) == set()


def test_a_sweep_keeps_models_and_this_runs_part(start: Start, attach: Attach) -> None:
    virtual = start()
    phone = attach(virtual)
    for name in ("a.tflite", "b.tflite.part-old", "c.tflite.part-now"):
        phone.push(b"x", f"{FOLDER}/{name}")
    assert ModelStore(phone, "now").sweep() == ("b.tflite.part-old",)
    assert names(virtual) == {"a.tflite", "c.tflite.part-now"}


def test_the_longest_unused_models_go_first(start: Start, attach: Attach, tmp_path: Path) -> None:
    virtual = start()
    store = ModelStore(attach(virtual), "run-1")
    stored = []
    for index in range(4):
        path = tmp_path / f"{index}.tflite"
        path.write_bytes(bytes([index]) * 1000)
        stored.append(store.put(path))
        os.utime(virtual.state.root / stored[-1].path[1:], (1000 + index, 1000 + index))
    store.put(tmp_path / "0.tflite")  # used again: now the newest
    gone = store.trim(limit_bytes=2500)
    assert gone == (Path(stored[1].path).name, Path(stored[2].path).name)
    store.clear()
    assert names(virtual) == set()


@pytest.mark.parametrize("limit", [*range(150, 1000, 50), *range(1000, 60_000, 3000)])
def test_wherever_the_cable_comes_out_no_broken_model_is_accepted(
    start: Start, attach: Attach, tmp_path: Path, limit: int
) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(bytes(range(251)) * 200)
    virtual = start(f"unplug={limit}")
    phone = attach(virtual)
    store = ModelStore(phone, "run-1")
    for _ in range(3):
        try:
            stored = store.put(path)
            break
        except LOST:
            phone.reconnect(timeout_s=60)
    assert (virtual.state.root / stored.path[1:]).read_bytes() == path.read_bytes()
    assert names(virtual) - {f"{stored.sha256}.tflite", f"{stored.sha256}.tflite.part-run-1"} == set()
