"""Legacy torch checkpoints written without torch: what `torch.save` of PyTorch before 1.6 left on a disk."""

import io
import pickle
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from export.networks.weights import MAGIC


@dataclass(frozen=True)
class Tensor:
    """A view into a storage, in values: what `_rebuild_tensor_v2` is called with."""

    storage: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def checkpoint(tensors: Mapping[str, Tensor], storages: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """The bytes of a checkpoint; a storage is float32 or int64."""
    out = io.BytesIO()
    for value in (MAGIC, 1001, {"protocol_version": 1001, "little_endian": True}):
        pickle.dump(value, out, 2)
    out.write(b"\x80\x02" + _state_dict(tensors, storages) + b".")
    pickle.dump(list(storages), out, 2)
    for data in storages.values():
        out.write(len(data).to_bytes(8, "little") + data.tobytes())
    return out.getvalue()


def _state_dict(tensors: Mapping[str, Tensor], storages: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """The pickle's program: an OrderedDict, called with nothing, given its items one by one."""
    items = b"".join(_value(name) + _tensor(tensor, storages[tensor.storage]) for name, tensor in tensors.items())
    return _global("collections.OrderedDict") + b")R(" + items + b"u"


def _tensor(tensor: Tensor, data: npt.NDArray[Any]) -> bytes:
    kind = {"float32": "FloatStorage", "int64": "LongStorage"}[data.dtype.name]
    parts = [_value("storage"), _global(f"torch.{kind}"), _value(tensor.storage), _value("cpu"), _value(len(data))]
    persistent = b"(" + b"".join(parts) + b"NtQ"
    geometry = _value(tensor.offset) + _value(tensor.shape) + _value(tensor.strides)
    hooks = _global("collections.OrderedDict") + b")R"
    return _global("torch._utils._rebuild_tensor_v2") + b"(" + persistent + geometry + b"\x89" + hooks + b"tR"


def _global(name: str) -> bytes:
    module, _, attribute = name.rpartition(".")
    return f"c{module}\n{attribute}\n".encode()


def _value(value: Any) -> bytes:
    """A plain value's part of a program: its own pickle without header and stop, and without memo."""
    plain = io.BytesIO()
    pickler = pickle.Pickler(plain, 2)
    pickler.fast = True
    pickler.dump(value)
    return plain.getvalue()[2:-1]


def small() -> bytes:
    """Two tensors in two storages, one of them strided."""
    weight, count = np.arange(12, dtype="<f4"), np.array([7], "<i8")
    tensors = OrderedDict(
        kernel=Tensor("a", 0, (3, 4), (4, 1)),
        turned=Tensor("a", 1, (4, 2), (1, 4)),
        count=Tensor("b", 0, (), ()),
    )
    return checkpoint(tensors, {"a": weight, "b": count})
