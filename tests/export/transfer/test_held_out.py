import json
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from benchmarks.formats.models_file import ExportRecord
from benchmarks.formats.variant_record import FileRecord
from export.transfer.held_out import HeldOutMetrics, held_out_metrics
from tests.export.records import export_of, reference_of, tiny_card


def record_of(folder: Path, truth: list[int], answers: list[int], labels: tuple[str, ...]) -> ExportRecord:
    inputs = [{"id": f"{index}.jpg", "label": label} for index, label in enumerate(truth)]
    (folder / "truth.json").write_text(json.dumps({"format": "handset.truth/1", "inputs": inputs}))
    np.save(folder / "probabilities.npy", np.eye(len(labels), dtype=np.float32)[answers])
    reference = replace(
        reference_of(),
        truth=FileRecord("truth.json", "0" * 64, 1),
        probabilities=FileRecord("probabilities.npy", "0" * 64, 1),
    )
    return export_of(card=tiny_card(labels=labels), reference=reference)


def metrics_of(folder: Path, truth: list[int], answers: list[int]) -> HeldOutMetrics:
    return held_out_metrics(folder, record_of(folder, truth, answers, ("cat", "dog", "fox")))


def test_accuracy_comes_with_its_interval_and_the_confusions_by_how_often(tmp_path: Path) -> None:
    truth = [0] * 50 + [1] * 30 + [2] * 20
    answers = [0] * 50 + [1] * 25 + [2] * 5 + [2] * 18 + [0, 1]
    metrics = metrics_of(tmp_path, truth, answers)
    assert metrics.to_json() == {
        "accuracy": 0.93,
        "interval": [pytest.approx(0.8625, abs=1e-3), pytest.approx(0.9657, abs=1e-3)],
        "pictures": 100,
        "confused": [
            {"truth": "dog", "answer": "fox", "pictures": 5, "of": 30},
            {"truth": "fox", "answer": "cat", "pictures": 1, "of": 20},
            {"truth": "fox", "answer": "dog", "pictures": 1, "of": 20},
        ],
    }
    accuracy, confused = metrics.lines()
    assert accuracy.startswith("accuracy 93.0% on 100 held-out pictures (95 %: 86.3% to 96.6%)")
    assert confused.startswith("most confused: dog for fox (5 of 30), fox for cat (1 of 20), fox for dog (1 of 20); ")


def test_without_a_mistake_there_is_nothing_to_confuse(tmp_path: Path) -> None:
    metrics = metrics_of(tmp_path, [0, 1, 2], [0, 1, 2])
    assert len(list(metrics.lines())) == 1
    assert metrics.confusions == ()
