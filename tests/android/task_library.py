"""Models that Google's own writer packed, and the answers of its Task Library to real pictures, for the app's tests.

Usage: python -m tests.android.task_library FOLDER. It writes two models and what the Task Library answers to a hundred
pictures: those on which the export compared EfficientNet-Lite0. Nothing of the kit is left in the models.
"""

import json
import sys
import tempfile
from pathlib import Path
from zipfile import ZipFile

from android_app.desktop.apk.project import ROOT
from metadata import reader
from tests.golden.jobs.models import packed_by_google
from tests.metadata.test_google_tools import top_answers

EXPORTED = ROOT / "build" / "models" / "efficientnet_lite0"
PICTURES = EXPORTED / "reference" / "inputs.zip"
VARIANTS = ("fp32", "int8")
COUNT = 100


def plain(model: bytes) -> bytes:
    """`model` without its metadata and without the files behind it."""
    from tensorflow.lite.tools import flatbuffer_utils

    graph = flatbuffer_utils.read_model_from_bytearray(bytearray(model))
    graph.metadata = [entry for entry in graph.metadata if entry.name != b"TFLITE_METADATA"]
    return bytes(flatbuffer_utils.convert_object_to_bytearray(graph))


def write(folder: Path, variant: str, pictures: list[Path]) -> None:
    """The model of a variant, and the label that the Task Library gives each picture."""
    exported = EXPORTED / f"efficientnet_lite0_{variant}.tflite"
    card = reader.read(exported).card
    if card is None:
        sys.exit(f"{exported} has no card; run make export")
    model = folder / f"{variant}.tflite"
    model.write_bytes(
        packed_by_google(plain(exported.read_bytes()), card.labels, card.image.mean[0], card.image.std[0])
    )
    labels = [label for _, label in top_answers(model, pictures)]
    answers = {picture.name: label for picture, label in zip(pictures, labels, strict=True)}
    (folder / f"{variant}.json").write_text(json.dumps(answers), encoding="utf-8")


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as unpacked, ZipFile(PICTURES) as archive:
        names = archive.namelist()[:COUNT]
        pictures = [Path(archive.extract(name, unpacked)) for name in names]
        for variant in VARIANTS:
            write(folder, variant, pictures)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
