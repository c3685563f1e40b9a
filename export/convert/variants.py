"""One variant of a built model: converted, packed, admitted to the app's runtime, and described for the manifest."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.evaluation.desktop import TfliteRunner
from export.checks import verify
from export.convert import convert
from export.convert.mixed import convert_mixed
from export.errors import VariantError
from export.output.store import Record, describe_file
from export.recipe import Recipe, Variant
from metadata import reader, writer
from metadata.card import ImageSpec
from metadata.preprocess import Pixels
from metadata.runtimes import Runtime

CALIBRATED = (Variant.INT8, Variant.INT16X8, Variant.INT8_MIXED)


@dataclass(frozen=True, slots=True)
class Workbench:
    """Makes the variants of one model, for one runtime, into one folder."""

    recipe: Recipe
    parameters: int
    runtime: Runtime
    staged: Path

    def make(self, frozen: convert.Frozen, variant: Variant, samples: Pixels) -> Record:
        """Write the packed variant into the folder and return its record; VariantError when it must not ship.

        `samples`, uint8 (N, height, width, channels), are for the variants that need calibration.
        """
        started = time.monotonic()
        calibration = convert.with_black_and_white(samples)
        model, float_layers = self._converted(frozen, variant, calibration)
        packed = writer.pack(model, self.recipe.card)
        path = self.path(variant)
        path.write_bytes(packed)
        read = reader.read_bytes(packed)
        verify.admit(path.name, read, self.runtime, self.parameters)
        return {
            **describe_file(self.staged, path),
            "seconds": round(time.monotonic() - started, 2),
            "calibration_samples": len(samples) if variant in CALIBRATED else None,
            "float_layers": float_layers,
            **described(read),
        }

    def path(self, variant: Variant) -> Path:
        """The path of the packed variant."""
        return self.staged / f"{self.recipe.name}_{variant}.tflite"

    def runner(self, variant: Variant) -> TfliteRunner:
        """Runs the packed variant in desktop TensorFlow Lite; VariantError when it does not load."""
        path = self.path(variant)
        return runner(path.name, path.read_bytes(), self.recipe.card.image)

    def _converted(
        self, frozen: convert.Frozen, variant: Variant, calibration: Pixels
    ) -> tuple[bytes, list[str] | None]:
        image = self.recipe.card.image
        if variant is not Variant.INT8_MIXED:
            return convert.convert(frozen, variant, calibration, image), None
        mixed = convert_mixed(frozen, calibration, image, self.recipe.tolerance(variant))
        return mixed.model, list(mixed.float_layers)


def runner(name: str, model: bytes, image: ImageSpec) -> TfliteRunner:
    """Runs a file's bytes in desktop TensorFlow Lite; VariantError when they do not load."""
    try:
        return TfliteRunner(model, image)
    except (RuntimeError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise VariantError(f"{name} does not load in desktop TensorFlow Lite: {reason}; convert it again") from error


def described(model: reader.PackedModel) -> Record:
    """The manifest's description of a file's tensors, operators and runtime."""
    return {
        "input": _tensor(model.file.inputs[0]),
        "output": _tensor(model.file.outputs[0]),
        "operators": [
            {"name": operator.name, "version": operator.version, "count": operator.count}
            for operator in model.file.operators
        ],
        "minimum_runtime": model.file.min_runtime_version,
    }


def _tensor(tensor: Any) -> Record:
    record: Record = {"name": tensor.name, "shape": list(tensor.shape), "dtype": str(tensor.dtype)}
    if tensor.quantization is not None:
        record["scale"] = tensor.quantization.scales[0]
        record["zero_point"] = tensor.quantization.zero_points[0]
    return record
