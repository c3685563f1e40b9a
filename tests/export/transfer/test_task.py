"""The whole way: pictures, a little real network, a trained head, packed variants and their parity."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from benchmarks.formats import inputs
from benchmarks.formats.models_file import EvaluationRecord, ExportRecord
from export.errors import SourceError
from export.pipeline import export
from export.recipe import Choices, Variant
from export.transfer.backbones import Backbone, find
from export.transfer.classes import find as find_classes
from export.transfer.held_out import held_out_metrics
from export.transfer.splits import divide
from export.transfer.task import TransferTask, recipe_of, tolerances
from metadata.runtimes import load_runtime
from tests.export.conftest import Quiet
from tests.export.records import parity_of
from tests.export.transfer.drawn import draw
from tests.export.transfer.test_hub import FEATURES, pooled, saved

pytestmark = pytest.mark.usefixtures("tensorflow")


def task(folder: Path, backbone: Backbone) -> TransferTask:
    splits = divide(find_classes(folder), 0, Quiet())
    return TransferTask("pets", "Colours.", splits, backbone, "CC0")


def trained(
    folder: Path, backbone: Backbone, staged: Path, *variants: Variant, fine_tune: int = 0
) -> tuple[ExportRecord, Quiet]:
    progress = Quiet()
    staged.mkdir()
    choices = Choices(variants=variants or (Variant.FP32, Variant.INT8), fine_tune=fine_tune)
    return export(recipe_of(task(folder, backbone)), choices, load_runtime(), staged, progress), progress


@pytest.mark.parametrize("classes", [2, 3])
def test_colours_are_learned_exported_and_measured_on_pictures_held_out(
    little: Backbone, tmp_path: Path, classes: int
) -> None:
    names = ("blue", "green", "red")[:classes]
    folder = draw(tmp_path / "colours", dict.fromkeys(names, 30))
    record, progress = trained(folder, little, tmp_path / "staged")
    assert record.card.labels == tuple(names)
    assert record.evaluation == EvaluationRecord("held-out pictures of pets", 6 * classes, True)
    for variant in record.variants.values():
        assert (parity_of(variant).accuracy or 0) >= 0.9
        assert variant.output.shape == (1, classes)
    training = record.training
    assert training is not None
    assert training["backbone"] == {"name": "little"}
    assert {key: training["pictures"][key] for key in ("train", "validation", "test")} == {
        "train": 21 * classes,
        "validation": 3 * classes,
        "test": 6 * classes,
    }
    assert msgspec.json.decode(msgspec.json.encode(record), type=ExportRecord) == record
    probabilities = np.load(tmp_path / "staged" / "reference" / "probabilities.npy")
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    measured = set(inputs.read(tmp_path / "staged" / "reference").ids)
    trained_on = {photo.name for split in ("train", "validation") for photo, _ in _photos(folder, little, split)}
    assert not measured & trained_on
    assert [line.split(":")[0] for line in progress.said if line.startswith("features")] == [
        "features for training",
        "features for validation",
    ]
    metrics = held_out_metrics(tmp_path / "staged", record)
    assert metrics.right == round((parity_of(record.variants["fp32"]).keras_accuracy or 0) * metrics.pictures)


def _photos(folder: Path, backbone: Backbone, split: str) -> Any:
    from export.data.split_names import Split

    return task(folder, backbone).splits.photos[Split(split)]


def test_a_saved_models_reference_is_its_frozen_graph(tmp_path: Path) -> None:
    folder = draw(tmp_path / "colours", {"red": 20, "blue": 20, "green": 20})
    backbone = find(str(saved(tmp_path / "vector", pooled)))
    record, _ = trained(folder, backbone, tmp_path / "staged", Variant.FP32)
    assert record.reference.model.path == "reference/model.pb"
    assert record.parameters == 3 * 3 * 3 * FEATURES + FEATURES * 3 + 3
    assert parity_of(record.variants["fp32"]).agreement == 1
    assert parity_of(record.variants["fp32"]).max_probability_difference < 1e-4


def test_a_frozen_graph_cannot_be_trained(tmp_path: Path) -> None:
    folder = draw(tmp_path / "colours", {"red": 5, "blue": 5})
    backbone = find(str(saved(tmp_path / "vector", pooled)))
    with pytest.raises(SourceError, match="--fine-tune: vector is a frozen graph and cannot be trained; leave it out"):
        trained(folder, backbone, tmp_path / "staged", fine_tune=1)


def test_fine_tuning_trains_the_last_layers_alone_or_is_undone(little: Backbone, tmp_path: Path) -> None:
    folder = draw(tmp_path / "colours", {"red": 12, "blue": 12})
    record, progress = trained(folder, little, tmp_path / "staged", Variant.FP32, fine_tune=1)
    assert record.training is not None
    tuning = record.training["fine_tuning"]
    assert tuning["layers"] == ["second"]
    before, *after = tuning["validation_loss"]
    assert tuning["kept"] == (min(after) < before)
    assert any(line.startswith("fine-tune 1 layers: ") for line in progress.said)
    assert parity_of(record.variants["fp32"]).agreement == 1


def test_more_layers_than_there_are_cannot_be_tuned(little: Backbone, tmp_path: Path) -> None:
    folder = draw(tmp_path / "colours", {"red": 5, "blue": 5})
    with pytest.raises(SourceError, match="--fine-tune 1000: the backbone has 2 layers with weights; give fewer"):
        trained(folder, little, tmp_path / "staged", fine_tune=1000)


def test_a_class_whose_pictures_are_all_torn_is_named(little: Backbone, tmp_path: Path) -> None:
    """Too few among all pictures to stop the reading of them."""
    folder = draw(tmp_path / "colours", {"a": 150, "b": 150, "c": 5})
    for path in (folder / "c").iterdir():
        path.write_bytes(path.read_bytes()[:150])
    with pytest.raises(SourceError, match=r"^no training picture of c can be read; add some$"):
        trained(folder, little, tmp_path / "staged", Variant.FP32)


def test_damaged_test_pictures_are_named_and_left_out(little: Backbone, tmp_path: Path) -> None:
    draw(tmp_path / "colours" / "train", {"red": 10, "blue": 10})
    test = draw(tmp_path / "colours" / "test", {"red": 12, "blue": 12}, first=50)
    torn = test / "red" / "0055.png"
    torn.write_bytes(torn.read_bytes()[:150])
    record, progress = trained(tmp_path / "colours", little, tmp_path / "staged", Variant.FP32)
    assert record.evaluation.inputs == 23
    assert any(line.startswith("skipped test/red/0055.png: damaged, ") for line in progress.said)


def test_few_pictures_cannot_show_a_small_loss_so_more_is_allowed() -> None:
    assert tolerances(10_000)[Variant.FP32].accuracy == 0.5
    assert tolerances(1000)[Variant.INT8].accuracy == 2.0
    few = tolerances(50)
    assert few[Variant.FP32].accuracy == few[Variant.INT8].accuracy == pytest.approx(10.7, abs=0.1)
