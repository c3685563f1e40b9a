"""A small real export: one tiny classifier of digits, its Keras model, its inputs and its manifest, as `export` writes.

TensorFlow converts it, `metadata` packs it, and desktop Keras answers its inputs. Ten inputs: eight raw digits and
two pictures.
"""

import io
import json
import warnings
from pathlib import Path
from typing import Any

import flatbuffers  # type: ignore[import-untyped]
import numpy as np
from PIL import Image

from benchmarks.evaluation.desktop import KerasRunner
from benchmarks.formats import inputs
from metadata.card import ImageSpec, ModelCard
from metadata.hashes import sha256_of
from metadata.reader import read_bytes
from metadata.writer import pack

RECIPE = "tiny"
COUNT = 10
IMAGE = ImageSpec(28, 28, 1, mean=(127.5,), std=(127.5,))
LABELS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
REFERENCE = {
    "model": "model.keras",
    "inputs": "inputs.zip",
    "truth": "truth.json",
    "probabilities": "probabilities.npy",
}
CARD = ModelCard(RECIPE, "A tiny classifier.", "1", "Handset", "Apache-2.0", IMAGE, LABELS)
UNSAID: dict[str, Any] = {
    "screen": "digit",
    "door": None,
    "shipped": False,
    "parameters": None,
    "app_runtime": "2.16.1",
    "seed": 0,
    "tools": {},
    "sources": [],
    "training": None,
    "remedies": [],
    "trained_with": None,
    "seconds": 1.0,
}
"""What a recipe's record says where a test does not care."""


def build_export(folder: Path) -> Path:
    """Write the export below `folder`; returns `folder`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from tests.metadata import tiny_models

        home = folder / ".tiny-1"
        (home / "reference").mkdir(parents=True)
        models = {"fp32": tiny_models.fp32(1), "int8": tiny_models.int8(1)}
        for name, model in models.items():
            (home / f"tiny_{name}.tflite").write_bytes(pack(model, CARD))
        keras = tiny_models.classifier(1)
        keras.save(home / "reference" / "model.keras")
        written = inputs.write(home / "reference", _entries())
        (levels,) = written.batches(IMAGE, COUNT)
        np.save(home / "reference" / "probabilities.npy", KerasRunner(keras, IMAGE).run(levels))
    record = _record(folder, home, tuple(models))
    (folder / "manifest.json").write_text(json.dumps({"format": "handset.models/1", "recipes": {RECIPE: record}}))
    return folder


def _entries() -> list[tuple[str, bytes, int | None]]:
    random = np.random.default_rng(7)
    raw = [(f"{index}.raw", random.integers(0, 256, 784, np.uint8).tobytes(), index) for index in range(COUNT - 2)]
    return [*raw, *((f"{index}.png", _png(random), index) for index in range(COUNT - 2, COUNT))]


def _png(random: np.random.Generator) -> bytes:
    file = io.BytesIO()
    Image.fromarray(random.integers(0, 256, (40, 60, 3), np.uint8)).save(file, "PNG")
    return file.getvalue()


def _record(folder: Path, home: Path, variants: tuple[str, ...]) -> dict[str, Any]:
    return UNSAID | {
        "folder": home.name,
        "fingerprint": "0" * 64,
        "exported_at": "2025-01-02T03:04:05+00:00",
        "card": CARD.to_json(),
        "evaluation": {"name": "ten inputs", "inputs": COUNT, "labelled": True},
        "variants": {name: describe_variant(folder, home / f"tiny_{name}.tflite") for name in variants},
        "default_variant": "int8",
        "reference": {key: _file(folder, home / "reference" / name) for key, name in REFERENCE.items()},
    }


def describe_variant(folder: Path, path: Path) -> dict[str, Any]:
    """What the manifest in `folder` says of the packed model at `path`."""
    file = read_bytes(path.read_bytes()).file
    return {
        **_file(folder, path),
        "seconds": 0.1,
        "calibration_samples": None,
        "float_layers": None,
        "parity": None,
        "accuracy": 1.0,
        "input": _tensor(file.inputs[0]),
        "output": _tensor(file.outputs[0]),
        "operators": [{"name": one.name, "version": one.version, "count": one.count} for one in file.operators],
        "minimum_runtime": "1.5.0",
    }


def _tensor(tensor: Any) -> dict[str, Any]:
    record = {"name": tensor.name, "shape": list(tensor.shape), "dtype": str(tensor.dtype)}
    if tensor.quantization is not None:
        record |= {"scale": tensor.quantization.scales[0], "zero_point": tensor.quantization.zero_points[0]}
    return record


def _file(folder: Path, path: Path) -> dict[str, Any]:
    return {"path": str(path.relative_to(folder)), "sha256": sha256_of(path), "bytes": path.stat().st_size}


def spoil_variant(folder: Path, variant: str) -> None:
    """Ask, in the variant's file, for a version of its first operator that no runtime has."""
    manifest = folder / "manifest.json"
    record = json.loads(manifest.read_text())
    described = record["recipes"][RECIPE]["variants"][variant]
    path = folder / described["path"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from tensorflow.lite.python import schema_py_generated as schema

    packed = path.read_bytes()
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(packed))
    model.operatorCodes[0].version = 99
    builder = flatbuffers.Builder(len(packed))
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(pack(bytes(builder.Output()), CARD))
    described |= _file(folder, path)
    described["operators"][0]["version"] = 99
    manifest.write_text(json.dumps(record))


def empty_inputs(folder: Path) -> None:
    """Leave an evaluation set without inputs."""
    manifest = folder / "manifest.json"
    record = json.loads(manifest.read_text())
    recipe = record["recipes"][RECIPE]
    inputs.write((folder / recipe["reference"]["truth"]["path"]).parent, [])
    for name in ("inputs", "truth"):
        recipe["reference"][name] = _file(folder, folder / recipe["reference"][name]["path"])
    recipe["evaluation"]["inputs"] = 0
    manifest.write_text(json.dumps(record))
