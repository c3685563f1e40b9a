"""One variant of a built model: converted, packed, admitted to the app's runtime, and described for the manifest."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import structs

from benchmarks.evaluation.desktop import TfliteRunner
from benchmarks.formats.variant_record import OperatorRecord, TensorSpec, VariantRecord
from export.checks import verify
from export.convert import convert
from export.convert.mixed import convert_mixed
from export.errors import VariantError
from export.output.store import describe_file
from export.recipe import Recipe, Variant
from metadata import reader, writer
from metadata.card import ImageSpec
from metadata.preprocess import Pixels
from metadata.runtimes import Runtime
from metadata.tensors import Tensor

CALIBRATED = (Variant.INT8, Variant.INT16X8, Variant.INT8_MIXED)


@dataclass(frozen=True, slots=True)
class Workbench:
    """Makes the variants of one model, for one runtime, into one folder."""

    recipe: Recipe
    runtime: Runtime
    staged: Path
    frozen: convert.Frozen
    reference: Path
    parameters: int

    @classmethod
    def of(cls, recipe: Recipe, model: Any, runtime: Runtime, staged: Path) -> "Workbench":
        """Freezes the built `model` and saves it as the `reference`; it is not needed afterwards."""
        frozen = convert.freeze(model, recipe.card.image)
        reference = _save_reference(recipe, model, frozen, staged / "reference")
        return cls(recipe, runtime, staged, frozen, reference, model.count_params())

    def make(self, variant: Variant, samples: Pixels, tell: Callable[[str], None] = lambda _: None) -> VariantRecord:
        """Write the packed variant into the folder; its record, with no parity yet. VariantError if it must not ship.

        `samples`, uint8 (N, height, width, channels), are for the variants that need calibration; `tell` is told how
        far that is.
        """
        started = time.monotonic()
        model, float_layers = self._converted(variant, convert.with_black_and_white(samples), tell)
        packed = writer.pack(model, self.recipe.card)
        path = self.path(variant)
        path.write_bytes(packed)
        read = reader.read_bytes(packed)
        verify.admit(path.name, read, self.runtime, self.parameters)
        record = described(self.staged, path, read, time.monotonic() - started)
        calibration_samples = len(samples) if variant in CALIBRATED else None
        return structs.replace(record, calibration_samples=calibration_samples, float_layers=float_layers)

    def path(self, variant: Variant) -> Path:
        """The path of the packed variant."""
        return self.staged / f"{self.recipe.name}_{variant}.tflite"

    def runner(self, variant: Variant) -> TfliteRunner:
        """Runs the packed variant in LiteRT; VariantError when it does not run."""
        path = self.path(variant)
        return runner(path.name, path.read_bytes(), self.recipe.card.image)

    def _converted(
        self, variant: Variant, calibration: Pixels, tell: Callable[[str], None]
    ) -> tuple[bytes, tuple[str, ...] | None]:
        frozen, image, finished = self.frozen, self.recipe.card.image, count(1)

        def done(_: int) -> None:
            tell(f"{variant}, calibrated on {next(finished)} of {len(calibration)}")

        if variant is not Variant.INT8_MIXED:
            return convert.convert(frozen, variant, calibration, image, done), None
        mixed = convert_mixed(frozen, calibration, image, self.recipe.tolerance(variant), done)
        return mixed.model, mixed.float_layers


def _save_reference(recipe: Recipe, model: Any, frozen: convert.Frozen, folder: Path) -> Path:
    """Save the model so that it loads without code of its author: as Keras, or frozen where it is no Keras model."""
    import keras

    if isinstance(model, keras.Model):
        # A new Model has no optimizer and no compiled loss: inference only.
        path = folder / "model.keras"
        keras.Model(model.inputs, model.outputs, name=recipe.name).save(path)
        return path
    path = folder / "model.pb"
    path.write_bytes(frozen.graph_def.SerializeToString())
    return path


def runner(name: str, model: bytes, image: ImageSpec) -> TfliteRunner:
    """Runs a file's bytes in LiteRT; VariantError when they do not load or cannot answer a black picture.

    Some kernels say only when they run that they have no form for a type, such as those of 16 bits.
    """
    try:
        loaded = TfliteRunner(model, image)
        loaded.run(np.zeros((1, image.height, image.width, image.channels), np.uint8))
    except (RuntimeError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise VariantError(
            f"{name} does not run in LiteRT on this computer: {reason}; leave this variant out"
        ) from error
    return loaded


def described(staged: Path, path: Path, model: reader.PackedModel, seconds: float) -> VariantRecord:
    """The record of the packed `model`, which is the file at `path` below `staged`; nothing has measured it yet."""
    return VariantRecord(
        *structs.astuple(describe_file(staged, path)),
        seconds=round(seconds, 2),
        input=_tensor(model.file.inputs[0]),
        output=_tensor(model.file.outputs[0]),
        operators=tuple(OperatorRecord(one.name, one.version, one.count) for one in model.file.operators),
        minimum_runtime=model.file.min_runtime_version,
        parity=None,
    )


def _tensor(tensor: Tensor) -> TensorSpec:
    quantization = tensor.quantization
    scale, zero_point = (None, None) if quantization is None else (quantization.scales[0], quantization.zero_points[0])
    return TensorSpec(tensor.name, tensor.shape, str(tensor.dtype), scale, zero_point)
