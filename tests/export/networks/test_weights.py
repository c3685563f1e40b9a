import resource
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from export.errors import SourceError
from export.networks.weights import read_torch_checkpoint
from tests.export.checkpoint import Tensor, checkpoint, small

STORAGE = np.arange(12, dtype="<f4")


@pytest.fixture
def a_gigabyte_more() -> Iterator[None]:
    """A few bytes can ask an unpickler for any amount of memory: here it gets an error instead of the machine."""
    if sys.platform != "linux":
        pytest.skip("only Linux limits the memory that a process may ask for")
    before = resource.getrlimit(resource.RLIMIT_AS)
    used_bytes = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used_bytes + (1 << 30), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_every_tensor_comes_back_by_name_strides_and_all(tmp_path: Path) -> None:
    tensors = read_torch_checkpoint(write(tmp_path / "small.pth", small()))
    assert list(tensors) == ["kernel", "turned", "count"]
    assert np.array_equal(tensors["kernel"], STORAGE.reshape(3, 4))
    assert np.array_equal(tensors["turned"], [[1, 5], [2, 6], [3, 7], [4, 8]])
    assert tensors["turned"].flags.c_contiguous
    assert (tensors["count"].shape, tensors["count"].dtype, int(tensors["count"])) == ((), np.dtype("<i8"), 7)


@pytest.mark.parametrize(
    "view",
    [
        Tensor("a", 0, (3, 5), (4, 1)),
        Tensor("a", 1, (3, 4), (4, 1)),
        Tensor("a", -1, (3, 4), (4, 1)),
        Tensor("a", 11, (2,), (-1,)),
        Tensor("a", 0, (0, 4), (4, 1)),
        Tensor("a", 0, (1 << 40,), (0,)),
        Tensor("a", 0, (3, 4), (4,)),
    ],
)
def test_a_tensor_that_reaches_outside_of_its_storage_is_refused(tmp_path: Path, view: Tensor) -> None:
    path = write(tmp_path / "reaching.pth", checkpoint({"kernel": view}, {"a": STORAGE}))
    with pytest.raises(SourceError, match=r"reaching\.pth is no legacy torch checkpoint .*; give the file the recipe"):
        read_torch_checkpoint(path)


def test_wherever_a_checkpoint_is_cut_off_it_is_refused(tmp_path: Path) -> None:
    whole = small()
    for length in range(len(whole)):
        with pytest.raises(SourceError, match=r"cut\.pth is no legacy torch checkpoint"):
            read_torch_checkpoint(write(tmp_path / "cut.pth", whole[:length]))


@pytest.mark.parametrize("data", [b"", b"not a checkpoint\n", b"PK\x03\x04" + bytes(40), b"\x80\x02K\x01."])
def test_other_files_are_refused_by_name(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(SourceError, match=r"other\.pth is no legacy torch checkpoint"):
        read_torch_checkpoint(write(tmp_path / "other.pth", data))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=st.lists(st.tuples(st.integers(0, len(small()) - 1), st.binary(min_size=1, max_size=4)), max_size=4))
@pytest.mark.usefixtures("a_gigabyte_more")
def test_a_damaged_checkpoint_is_read_or_refused_and_nothing_else(
    tmp_path: Path, edits: list[tuple[int, bytes]]
) -> None:
    damaged = bytearray(small())
    for at, patch in edits:
        damaged[at : at + len(patch)] = patch
    try:
        tensors = read_torch_checkpoint(write(tmp_path / "damaged.pth", bytes(damaged)))
    except SourceError as refusal:
        assert "damaged.pth is no legacy torch checkpoint" in str(refusal)
    else:
        assert all(isinstance(array, np.ndarray) for array in tensors.values())
