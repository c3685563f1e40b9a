"""`.keras` and `.h5` files: checked without Keras, and loaded only when they carry no code, or code that is trusted."""

import json
import shutil
import tempfile
import zipfile
import zlib
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from export.errors import OwnModelError
from export.own_models import hdf5, lambda_code
from export.own_models.keras_config import (
    CONFIG,
    H5,
    SAVED_MODEL,
    BatchShape,
    Config,
    application_layers,
    input_shape,
    lambdas,
    output_count,
    refuse_foreign,
)
from export.own_models.keras_versions import (
    as_written_today,
    is_keras2,
    of_any_batch,
    refuse_functions,
    refuse_quantised,
    without_training,
)
from export.own_models.loaded import LoadedModel, as_graph, predict, reason

WEIGHTS, H5_CONFIG = "model.weights.h5", "model_config"
METADATA, VERSION = "metadata.json", "keras_version"
LARGEST_CONFIG_BYTES = 64 << 20
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, TypeError, ValueError, RuntimeError)


@dataclass(frozen=True, slots=True)
class KerasFile:
    """A file whose config has been checked. `code` names the layers that carry Python, which the user trusts.

    `framework` is the module that wrote the file: `keras` is Keras 3, `tf_keras` is Keras 2.
    """

    path: Path
    shape: BatchShape
    code: tuple[str, ...]
    framework: str
    config: Config = field(repr=False)

    @property
    def outputs(self) -> int | None:
        """How many numbers it answers with; None where its config does not say."""
        return output_count(self.config)

    def load(self) -> LoadedModel:
        """The model, of any batch size, and the answers of the file as it is.

        OwnModelError when its own framework cannot make it from the file alone.
        """
        if self.code:
            lambda_code.refuse_other_python(self.path.name, self.config)
            lambda_code.give_usual_names(self.framework)
        config, batch = without_training(self.config), self.shape[0]
        original = self._loaded(config)
        model = original
        if batch is not None:
            try:
                model = self._loaded(of_any_batch(config, batch))
            except OwnModelError as error:
                raise OwnModelError(
                    f"{self.path.name} is built for batches of {batch} and cannot be rebuilt for one picture "
                    f"({reason(error)}); build it with keras.Input((h, w, c)) and load its weights"
                ) from error
        is_plain = self.framework == "keras" and not self.code
        said = f"{'Keras' if self.framework == 'keras' else 'tf-keras'} {import_module(self.framework).__version__}"
        return LoadedModel(model if is_plain else as_graph(model), predict(original, batch), said)

    def _loaded(self, config: Config) -> Any:
        """The Keras model of the file with this config."""
        try:
            return self._loaded_once(config)
        except Exception as error:  # Keras raises anything on what it cannot follow
            older = as_written_today(config)
            if self.framework == "keras" and older != config:
                try:
                    return self._loaded_once(older)
                except Exception:  # noqa: BLE001, S110 - the first error is the one to report
                    pass
            library = import_module(self.framework)
            layers = f" (in {', '.join(self.code)[:100]})" if self.code else ""
            raise OwnModelError(
                f"{self.path.name} cannot be loaded by {self.framework.replace('_', '-')} "
                f"{library.__version__}{layers}: {reason(error, deepest=bool(self.code))}; {SAVED_MODEL}"
            ) from error

    def _loaded_once(self, config: Config) -> Any:
        library = import_module(self.framework)
        known = {
            name: getattr(import_module(f"{self.framework}.src.applications.{module}"), name)
            for name, module in application_layers(config).items()
        }
        with tempfile.TemporaryDirectory(prefix="handset-") as folder:
            path = self.path if config == self.config else _rewritten(self.path, config, Path(folder) / self.path.name)
            return library.models.load_model(path, custom_objects=known, compile=False, safe_mode=not self.code)


def read(path: Path, *, trust: bool) -> KerasFile:
    """The checked file; OwnModelError when it is damaged, carries code that is not trusted, or is no classifier."""
    try:
        config, version = _from_h5(path) if path.suffix.lower() in H5 else _from_zip(path)
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
    refuse_functions(path.name, config)
    refuse_quantised(path.name, config)
    framework = "tf_keras" if is_keras2(version, config) else "keras"
    return KerasFile(path, input_shape(path.name, config), code, framework, config)


def _from_zip(path: Path) -> tuple[Any, str | None]:
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
        metadata = json.loads(archive.read(METADATA)) if METADATA in entries else {}
        return json.loads(archive.read(CONFIG)), _version(metadata)


def _from_h5(path: Path) -> tuple[Any, str | None]:
    with path.open("rb") as file, hdf5.opened(file, path.name, path.stat().st_size) as archive:
        text = archive.attrs.get(H5_CONFIG)
        if text is None:
            raise OwnModelError(
                f"{path.name} holds weights without a model; build the model, load_weights({path.name!r}), and "
                "save it with model.save('model.keras')"
            )
        return json.loads(text), _version(archive.attrs)


def _version(metadata: Any) -> str | None:
    version = metadata.get(VERSION) if hasattr(metadata, "get") else None
    return version.decode() if isinstance(version, bytes) else version if isinstance(version, str) else None


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
