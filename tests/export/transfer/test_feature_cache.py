import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

from export.transfer.feature_cache import FeatureCache
from tests.export.conftest import SmallDisk

KEY, OTHER = "a" * 64, "b" * 64


def vectors(count: int, first: int = 0, width: int = 8) -> dict[str, np.ndarray[tuple[int], np.dtype[np.float32]]]:
    return {
        hashlib.sha256(str(index).encode()).hexdigest(): np.full(width, index, np.float32)
        for index in range(first, first + count)
    }


def same(one: dict[str, np.ndarray[tuple[int], np.dtype[np.float32]]], other: object) -> bool:
    return isinstance(other, dict) and one.keys() == other.keys() and all((one[k] == other[k]).all() for k in one)


def test_what_is_kept_is_known_the_next_time_and_under_its_key_alone(tmp_path: Path) -> None:
    cache = FeatureCache(tmp_path)
    cache.keep(KEY, vectors(3))
    cache.keep(KEY, vectors(2, first=3))
    assert same(FeatureCache(tmp_path).load(KEY), vectors(5))
    assert FeatureCache(tmp_path).load(OTHER) == {}


def test_without_a_folder_features_lie_in_the_kits_cache(own_cache: Path) -> None:
    FeatureCache().keep(KEY, vectors(1))
    assert len(list((own_cache / "features").glob("*/*.npz"))) == 1


def test_nothing_new_writes_nothing(tmp_path: Path) -> None:
    FeatureCache(tmp_path / "features").keep(KEY, {})
    assert not (tmp_path / "features").exists()


@pytest.mark.parametrize("damage", [b"", b"no archive", b"PK\x03\x04 cut off"])
def test_a_damaged_shard_is_forgotten_and_the_others_are_not(tmp_path: Path, damage: bytes) -> None:
    cache = FeatureCache(tmp_path)
    cache.keep(KEY, vectors(3))
    cache.keep(KEY, vectors(2, first=3))
    sorted(tmp_path.glob("*/*.npz"))[0].write_bytes(damage)
    assert len(cache.load(KEY)) in (2, 3)


def test_the_shards_unused_for_longest_go_beyond_the_bound_and_the_new_ones_stay(tmp_path: Path) -> None:
    cache = FeatureCache(tmp_path)
    for age, key in enumerate((OTHER, "c" * 64)):
        cache.keep(key, vectors(100))
        (shard,) = (tmp_path / key[:32]).glob("*.npz")
        os.utime(shard, (1000 + age, 1000 + age))
    size_bytes = shard.stat().st_size
    cache.load(OTHER)  # used a moment ago
    FeatureCache(tmp_path, bound_bytes=2 * size_bytes).keep(KEY, vectors(100))
    assert {len(cache.load(key)) for key in (KEY, OTHER)} == {100}
    assert cache.load("c" * 64) == {}
    FeatureCache(tmp_path, bound_bytes=10).keep(KEY, vectors(100, first=100))
    assert (len(cache.load(KEY)), cache.load(OTHER)) == (200, {})


def test_a_full_disk_is_said_and_training_goes_on(small_disk: SmallDisk) -> None:
    said: list[str] = []
    folder = small_disk(100_000)
    FeatureCache(folder).keep(KEY, vectors(100, width=1280), said.append)
    (line,) = said
    assert line.startswith("features are not kept for the next time: ")
    assert "No space left on device" in line
    assert list(folder.rglob("*.npz")) == []


def test_a_folder_that_cannot_be_made_is_said_and_training_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    said: list[str] = []
    FeatureCache(tmp_path / "file").keep(KEY, vectors(1), said.append)
    assert len(said) == 1
    assert FeatureCache(tmp_path / "file").load(KEY) == {}
