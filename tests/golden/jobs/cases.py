"""Every golden job: what it runs, what is wrong with it, and how its result has to end."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.formats.classifier import Classifier
from benchmarks.formats.job import InputKind
from benchmarks.formats.result import ErrorKind
from metadata import digit, picture, preprocess
from metadata.card import DigitLayout

PICTURES = Path(__file__).parent.parent / "preprocess" / "files"
COLOUR_PICTURES = (
    "portrait_seven_eighths.png",
    "landscape_squeezed.png",
    "upscaled_by_one.png",
    "palette_alpha.png",
    "grey_alpha.png",
    "rgb_alpha.png",
    "orientation_6.png",
)
TURNED_JPEG = "jpeg_420_orientation_6.jpg"
JPEG_LEVELS = 8
"""By how much another JPEG decoder may differ, of 255 levels."""

SAME_TIME = (1980, 1, 1, 0, 0, 0)
SHORT = {"mode": "latency", "warmup_runs": 2, "num_runs": 5, "max_secs": 10}

FLOAT, STEP, DYNAMIC, JPEG = 1e-5, 1.0, 0.02, 0.05
"""How far a raw output may be from the expected one: floats, one step of an integer, and two that are wide."""

Entries = Mapping[str, bytes]
Spoil = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Case:
    """A golden job. `spoil` changes `job.json` last; `error` is how it then fails."""

    name: str
    model: str
    kind: InputKind
    entries: Entries
    about: str
    tolerance: float | None = None
    fed_levels: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    error: ErrorKind | None = None
    zip: Callable[[Entries], bytes] | None = None
    spoil: Spoil | None = None
    is_probe: bool = False


def stored(entries: Entries, method: int = zipfile.ZIP_STORED) -> bytes:
    """A zip of `entries` with fixed dates."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(zipfile.ZipInfo(name, SAME_TIME), data, method)
    return file.getvalue()


def pictures() -> Entries:
    """Seven PNG files whose oddity their name tells."""
    return {name: (PICTURES / name).read_bytes() for name in COLOUR_PICTURES}


def digits() -> Entries:
    """Drawn digits, laid out as MNIST has them: 28 × 28 bytes each."""
    cases = json.loads((PICTURES.parent / "cases.json").read_text("utf-8"))["cases"]
    drawn = [case for case in cases if case["name"] in {f"digit_{value}" for value in range(10)}]
    return {f"{case['name']}.raw": _laid_out(case) for case in drawn}


def _laid_out(case: Mapping[str, Any]) -> bytes:
    ink = np.frombuffer((PICTURES.parent / case["ink"]).read_bytes(), np.uint8)
    levels: bytes = digit.layout(ink.reshape(case["height"], case["width"]), DigitLayout()).tobytes()
    return levels


def tensors(entries: Entries, model: bytes) -> Entries:
    """The entries as input tensors of `model`."""
    packed = Classifier.of(model)
    image, tensors = packed.preprocess, {}
    for name, data in entries.items():
        if name.endswith(".raw"):
            upright = Image.frombytes("L", (image.width, image.height), data)
        else:
            upright = picture.decode(data, name)
        tensor = preprocess.tensor(upright, image, packed.quantization)
        tensors[f"{Path(name).stem}.tensor"] = tensor.astype(tensor.dtype.newbyteorder("<")).tobytes()
    return tensors


def good_cases(models: Mapping[str, bytes]) -> Iterator[Case]:
    """The jobs that have to end well."""
    images, raw, both = pictures(), digits(), InputKind
    for model, tolerance in (("fp32", FLOAT), ("fp16", FLOAT), ("dynamic", DYNAMIC), ("int8", STEP)):
        file = f"colour_{model}.tflite"
        about = "what the interpreter alone makes of the same tensors"
        yield Case(f"tensors_{model}", file, both.TENSORS, tensors(images, models[file]), about, tolerance)
    for model, tolerance in (("fp32", FLOAT), ("int8", STEP)):
        about = "decoding and preprocessing on the device, with the fed tensors returned"
        fed = {"return_fed": True}
        yield Case(f"images_{model}", f"colour_{model}.tflite", both.IMAGES, images, about, tolerance, 0, fed)
        about = "bare pixels, which need the table alone"
        yield Case(f"raw_digits_{model}", f"digit_{model}.tflite", both.IMAGES, raw, about, tolerance, 0, fed)
    file = "digit_int8.tflite"
    yield Case(
        "tensors_digits_int8", file, both.TENSORS, tensors(raw, models[file]), "one channel, uint8, ten labels", STEP
    )
    for model, tolerance in (("fp32", FLOAT), ("int8", STEP)):
        about = "one output, the probability of the second label: the result has it as it is"
        yield Case(f"one_output_{model}", f"sigmoid_{model}.tflite", both.IMAGES, images, about, tolerance)
    about = "pictures of any size: 224 × 224, as the model names none"
    yield Case("any_size_fp32", "any_size_fp32.tflite", both.IMAGES, images, about, FLOAT)
    about = "pictures of any size, in the size that the metadata state"
    yield Case("any_size_int8", "any_size_int8.tflite", both.IMAGES, images, about, STEP, 0, {"return_fed": True})
    about = "an output of 1 × 1 × 1 × 4"
    yield Case("column_fp32", "column_fp32.tflite", both.IMAGES, images, about, FLOAT)
    jpeg = {TURNED_JPEG: (PICTURES / TURNED_JPEG).read_bytes()}
    about = "turned by its EXIF orientation; decoders differ by a few levels"
    fed = {"return_fed": True}
    yield Case("image_jpeg_turned", "colour_fp32.tflite", both.IMAGES, jpeg, about, JPEG, JPEG_LEVELS, fed)
    file = "colour_fp32.tflite"
    once = {**SHORT, "input_id": "rgb_alpha.tensor", "threads": 2}
    about = "latency of tensors: one input, 2 warm-ups, 5 runs"
    yield Case("latency_tensors", file, both.TENSORS, tensors(images, models[file]), about, FLOAT, settings=once)
    once = {**SHORT, "input_id": "orientation_6.png", "return_fed": True, "xnnpack": False}
    about = "latency of a picture, every stage of it, without XNNPACK"
    yield Case("latency_image", "colour_int8.tflite", both.IMAGES, images, about, STEP, 0, once)
    gpu = {"accelerator": "gpu"}
    about = "an accelerator that may not be there: what was obtained is said, and the answers stay"
    yield Case("gpu_asked", "colour_fp32.tflite", both.IMAGES, images, about, DYNAMIC, settings=gpu)
