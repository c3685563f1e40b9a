"""`.keras` and `.h5` files: checked without Keras, and loaded only when they carry no code, or code that is trusted."""

import json
import shutil
import tempfile
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from export.errors import OwnModelError
from export.own_models import hdf5
from export.own_models.keras2 import modernised
from export.own_models.keras_config import SAVED_MODEL, BatchShape, Config, input_shape, lambdas, refuse_foreign

H5 = (".h5", ".hdf5")
CONFIG, WEIGHTS, H5_CONFIG = "config.json", "model.weights.h5", "model_config"
LARGEST_CONFIG_BYTES = 64 << 20
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, TypeError, ValueError, RuntimeError)
# What Keras raises on a config or weights that it cannot follow, found by giving it some.
REFUSALS = (ValueError, TypeError, KeyError, AttributeError, OSError, RuntimeError, ImportError, IndexError)


@dataclass(frozen=True, slots=True)
class KerasFile:
    """A file whose config has been checked. `code` names the layers that carry Python, which the user trusts."""

    path: Path
    shape: BatchShape
    code: tuple[str, ...]
    config: Config = field(repr=False)

    def load(self) -> Any:
        """The Keras model, of any batch size; OwnModelError when Keras cannot make it from the file alone."""
        import keras

        new = modernised(self.config)
        with tempfile.TemporaryDirectory(prefix="handset-") as folder:
            path = self.path
            if new != self.config:
                path = _rewritten(path, new, Path(folder) / path.name)
            try:
                model = keras.models.load_model(path, compile=False, safe_mode=not self.code)
            except REFUSALS as error:
                raise OwnModelError(
                    f"{self.path.name} cannot be loaded by Keras {keras.__version__}: {_reason(error)}; {SAVED_MODEL}"
                ) from error
        return model if self.shape[0] is None else _of_any_batch(self.path.name, model)


def read(path: Path, *, trust: bool) -> KerasFile:
    """The checked file; OwnModelError when it is damaged, carries code that is not trusted, or is no classifier."""
    try:
        config = _from_h5(path) if path.suffix.lower() in H5 else _from_zip(path)
    except (*UNREADABLE, RecursionError) as error:
        raise OwnModelError(f"{path.name} is damaged ({error}); copy or save it again") from error
    if not isinstance(config, dict) or not isinstance(config.get("config"), dict | list):
        raise OwnModelError(f"{path.name} has a config that describes no model; save the model again")
    code = lambdas(config)
    if code and not trust:
        raise OwnModelError(
            f"{path.name} carries Python code in {', '.join(code)[:200]}, which loading it would run; if you trust "
            f"where it comes from, add --trust, else replace the Lambda layer by one of Keras's own"
        )
    refuse_foreign(path.name, config)
    return KerasFile(path, input_shape(path.name, config), code, config)


def _from_zip(path: Path) -> Any:
    with zipfile.ZipFile(path) as archive:
        entries = {entry.filename: entry for entry in archive.infolist()}
        if CONFIG not in entries:
            raise OwnModelError(f"{path.name} holds no {CONFIG}; save the whole model with model.save('model.keras')")
        hdf5.refuse_oversized(path.name, sum(entry.file_size for entry in entries.values()), path.stat().st_size)
        if entries[CONFIG].file_size > LARGEST_CONFIG_BYTES:
            raise OwnModelError(f"{path.name} has a config of {entries[CONFIG].file_size / 1e6:.0f} MB; save it again")
        if WEIGHTS in entries:
            with archive.open(WEIGHTS) as weights, hdf5.opened(weights, path.name, path.stat().st_size):
                pass
        return json.loads(archive.read(CONFIG))


def _from_h5(path: Path) -> Any:
    with path.open("rb") as file, hdf5.opened(file, path.name, path.stat().st_size) as archive:
        text = archive.attrs.get(H5_CONFIG)
        if text is None:
            raise OwnModelError(
                f"{path.name} holds weights without a model; build the model, load_weights({path.name!r}), and "
                "save it with model.save('model.keras')"
            )
        return json.loads(text)


def _reason(error: Exception) -> str:
    """The first sentence of Keras's message that gives the reason."""
    text = str(error).rpartition("Exception encountered: ")[2]
    return " ".join(text.split()).split(". ")[0][:160]


def _rewritten(path: Path, config: Config, copied: Path) -> Path:
    """A copy of the file with another config."""
    import h5py

    if path.suffix.lower() in H5:
        shutil.copyfile(path, copied)
        with h5py.File(copied, "r+") as archive:
            del archive.attrs[H5_CONFIG]
            archive.attrs.create(H5_CONFIG, json.dumps(config))
        return copied
    with zipfile.ZipFile(path) as original, zipfile.ZipFile(copied, "w") as archive:
        for entry in original.infolist():
            if entry.filename == CONFIG:
                archive.writestr(CONFIG, json.dumps(config))
            else:
                with original.open(entry) as old, archive.open(entry.filename, "w", force_zip64=True) as new:
                    shutil.copyfileobj(old, new)
    return copied


def _of_any_batch(name: str, model: Any) -> Any:
    """The same layers and weights after an input of any batch size."""
    import keras

    try:
        pictures = keras.tree.map_structure(lambda old: keras.Input(old.shape[1:], dtype=old.dtype), model.input)
        flexible = keras.models.clone_model(model, input_tensors=pictures)
        flexible.set_weights(model.get_weights())
    except REFUSALS as error:
        size = model.inputs[0].shape[0]
        raise OwnModelError(
            f"{name} is built for batches of {size} and cannot be rebuilt for one picture "
            f"({' '.join(str(error).split())[:120]}); build it with keras.Input((h, w, c)) and load its weights"
        ) from error
    return flexible
