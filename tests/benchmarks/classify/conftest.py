"""An export of such models, pictures of the three colours, and the command run on them."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from PIL import Image

from benchmarks.__main__ import main
from benchmarks.formats.models_file import EvaluationRecord, ReferenceRecord
from benchmarks.formats.variant_record import VariantRecord
from export.output.store import Store, describe_file
from export.recipe import Variant
from metadata.door import Door
from metadata.writer import pack
from tests.benchmarks.classify.colours import COLOURS, DIGITS, IMAGE, card, converted
from tests.benchmarks.exports import REFERENCE, describe_variant
from tests.export.records import card_of, export_of


@pytest.fixture(scope="session")
def colour_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`build/models` as `make export` leaves it: `colours` in fp32 and int8, which has a door, and `shades` in fp32."""
    folder = tmp_path_factory.mktemp("build") / "models"
    folder.mkdir()
    store = Store(folder)
    door = Door(dog=(0, 0), cat=(1, 1))
    spread, shades = np.eye(3) * 4, [[-4.0, 4.0]]
    for name, image, weights, labels, variants, rule in (
        ("colours", IMAGE, spread, tuple(COLOURS), (Variant.FP32, Variant.INT8), door),
        ("shades", DIGITS, shades, ("dark", "light"), (Variant.FP32,), None),
    ):
        with store.staging() as staged:
            records = {}
            for variant in variants:
                path = staged / f"{name}_{variant}.tflite"
                path.write_bytes(pack(converted(image, weights, variant), card(name, image, labels)))
                records[str(variant)] = msgspec.convert(describe_variant(staged, path), VariantRecord)
            (staged / "reference").mkdir()
            for file in REFERENCE.values():
                (staged / "reference" / file).write_bytes(b"nobody asks the reference")
            files = {key: describe_file(staged, staged / "reference" / file) for key, file in REFERENCE.items()}
            record = export_of(
                card=card_of(card(name, image, labels)),
                door=rule,
                shipped=False,
                evaluation=EvaluationRecord("none", 0, False),
                variants=records,
                default_variant=str(variants[-1]),
                reference=ReferenceRecord(**files),
            )
            store.commit(name, "0123456789abcdef" * 4, staged, record)
    return store.folder


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """photos/red.png, photos/deep/green.jpg and photos/deep/er/blue.JPEG."""
    folder = tmp_path / "photos"
    for colour, place in zip(COLOURS, ("red.png", "deep/green.jpg", "deep/er/blue.JPEG"), strict=True):
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (40, 30), COLOURS[colour]).save(path)
    return folder


@pytest.fixture
def run(colour_models: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """`python -m benchmarks classify …` in `tmp_path`; the exit code."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def classified(*arguments: str | Path) -> int:
        return main(["classify", *map(str, arguments), "--build", str(colour_models.parent)])

    return classified
