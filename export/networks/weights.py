"""Pretrained weights: a torch checkpoint as NumPy arrays by name, or a Keras file straight into its model.

A legacy torch checkpoint is read without torch: three pickles (magic number, protocol, type sizes), the state dict,
whose tensors point to storages by key, a list of those keys, and then each storage as an int64 count and its raw
little-endian data, in the list's order.
"""

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from export.data.unpickle import UNREADABLE, Whitelist
from export.errors import SourceError
from export.source import KerasDownload, Source

MAGIC = 0x1950A86A20F9469CFC6C
DTYPES: dict[str, np.dtype[Any]] = {"torch.FloatStorage": np.dtype("<f4"), "torch.LongStorage": np.dtype("<i8")}


@dataclass(frozen=True, slots=True)
class _View:
    """A tensor before its storage is read."""

    storage: tuple[str, str]
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def of(self, data: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The tensor as a contiguous copy; ValueError when it reaches outside of its storage."""
        last = self.offset + sum((size - 1) * stride for size, stride in zip(self.shape, self.strides, strict=True))
        low = min(self.offset, min(self.shape, default=1) - 1, min(self.strides, default=0))
        # A stride of zero repeats values; a checkpoint has no reason to, and a few bytes could claim terabytes.
        if low < 0 or last >= data.size or math.prod(self.shape) > data.size:
            raise ValueError(f"a tensor of shape {self.shape} reaches outside of its {data.size} stored values")
        strides = tuple(stride * data.itemsize for stride in self.strides)
        return np.lib.stride_tricks.as_strided(data[self.offset :], self.shape, strides).copy()


def read_torch_checkpoint(path: Path) -> dict[str, npt.NDArray[Any]]:
    """Name → array of every tensor in a legacy torch checkpoint (float32 and int64); SourceError if it is none."""
    allowed: dict[str, Any] = {name: name for name in DTYPES}
    allowed["collections.OrderedDict"] = OrderedDict
    allowed["torch._utils._rebuild_tensor_v2"] = lambda storage, offset, shape, strides, *_: _View(
        storage, offset, shape, strides
    )
    try:
        with path.open("rb") as file:
            if Whitelist(file, {}).load() != MAGIC:
                raise ValueError("it does not begin with torch's magic number")
            Whitelist(file, {}).load()
            Whitelist(file, {}).load()
            views = Whitelist(file, allowed, persistent=lambda pid: (pid[1], pid[2])).load()
            storages = _read_storages(file, dict(view.storage[::-1] for view in views.values()))
            return {str(name): view.of(storages[view.storage[1]]) for name, view in views.items()}
    except UNREADABLE as error:
        why = f"{type(error).__name__}: {error}"
        raise SourceError(f"{path} is no legacy torch checkpoint ({why}); give the file the recipe names") from error


def _read_storages(file: IO[bytes], types: dict[str, str]) -> dict[str, npt.NDArray[Any]]:
    storages = {}
    for key in Whitelist(file, {}).load():
        dtype = DTYPES[types[key]]
        count = int.from_bytes(file.read(8), "little")
        data = file.read(count * dtype.itemsize) if count < 1 << 30 else b""
        if len(data) != count * dtype.itemsize:
            raise ValueError(f"it ends inside storage {key}")
        storages[key] = np.frombuffer(data, dtype)
    return storages


def keras_weights(name: str, network: str, file: str, terms: str, md5: str | None = None) -> Source:
    """The source of ImageNet weights that Keras offers for one of its applications.

    `terms` is their licence. Where Keras states no hash, the manifest records that of the downloaded file.
    """
    address = f"https://storage.googleapis.com/tensorflow/keras-applications/{network}/{file}"
    return Source(name=name, license=terms, option="--weights", keras_file=KerasDownload(file, address, md5))


def bgr_to_rgb(model: Any) -> None:
    """Make a network trained on BGR take RGB, exactly: the input channels of its first kernel are reversed in place."""
    import keras

    first = next(layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D))
    first.kernel.assign(first.kernel.numpy()[:, :, ::-1])


def with_keras_weights(network: Callable[[], Any], path: Path, title: str) -> Any:
    """The model of `network` with the weights of a `.h5`, `.weights.h5` or `.keras` file.

    Keras's own loader reads it: weights are data, and no code in the file is run. SourceError unless all of them fit.
    """
    import keras

    # Zeros instead of random weights, as they are replaced: VGG16's random ones would occupy half a gigabyte for good.
    with keras.utils.custom_object_scope({"glorot_uniform": keras.initializers.Zeros}):
        model = network()
    try:
        model.load_weights(path)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        why = str(error).strip().splitlines() or [type(error).__name__]
        raise SourceError(f"{path} does not hold {title}'s weights ({why[0]}); see --weights") from error
    return model
