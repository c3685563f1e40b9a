import io
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from export.data import mnist
from export.data.unpickle import Whitelist
from export.errors import SourceError
from export.networks.weights import read_torch_checkpoint


class Malicious:
    """Unpickled without a whitelist, it makes a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.folder),)


def load(data: bytes, **allowed: Any) -> Any:
    return Whitelist(io.BytesIO(data), allowed).load()


def test_plain_values_need_no_permission() -> None:
    value = {"a": [1, 2.5, b"x"], "b": ("ä", None, True)}
    assert load(pickle.dumps(value)) == value


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_name_that_is_not_listed_is_refused_and_nothing_runs(tmp_path: Path, protocol: int) -> None:
    made = tmp_path / "made"
    with pytest.raises(pickle.UnpicklingError, match="mkdir, which is not allowed: refused"):
        load(pickle.dumps(Malicious(made), protocol))
    assert not made.exists()


def test_an_allowed_name_is_its_stand_in_and_not_what_the_pickle_meant() -> None:
    assert load(b"cos\nsystem\n(S'ls'\ntR.", **{"os.system": lambda command: f"not run: {command}"}) == "not run: ls"


def test_a_persistent_id_is_refused_where_nobody_resolves_it() -> None:
    with pytest.raises(pickle.UnpicklingError, match="refers to data outside itself"):
        load(b"(S'storage'\ntQ.")


@pytest.mark.parametrize("reader", [mnist.load, read_torch_checkpoint])
def test_a_file_that_asks_for_more_is_named_with_what_it_asks_for(tmp_path: Path, reader: Any) -> None:
    import gzip

    data, path = pickle.dumps(Malicious(tmp_path / "made")), tmp_path / "evil.pkl.gz"
    path.write_bytes(gzip.compress(data) if reader is mnist.load else data)
    with pytest.raises(SourceError, match=r"evil\.pkl\.gz .*mkdir, which is not allowed: refused"):
        reader(path)
    assert not (tmp_path / "made").exists()


def test_the_names_that_numpy_needs_do_rebuild_an_array() -> None:
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    names = {
        "numpy._core.multiarray._reconstruct": np._core.multiarray._reconstruct,  # type: ignore[attr-defined]
        "numpy.ndarray": np.ndarray,
        "numpy.dtype": np.dtype,
    }
    rebuilt = Whitelist(
        io.BytesIO(pickle.dumps(array, 2)), names | {"_codecs.encode": lambda text, _: text.encode("latin1")}
    )
    assert np.array_equal(rebuilt.load(), array)
