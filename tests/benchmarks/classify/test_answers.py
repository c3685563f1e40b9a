"""What classifying answers: labels, probabilities, the door, the table, the sheet."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benchmarks.__main__ import main
from benchmarks.classify.answer_table import pages
from benchmarks.classify.answers import ClassifyOptions, PictureAnswer, Prediction, top_predictions
from benchmarks.classify.answers import classify as answer
from benchmarks.classify.packed import find
from benchmarks.console.terminal import quiet
from benchmarks.evaluation.pictures import Picture, batches
from export.output.store import Store
from export.recipe import Variant
from metadata.errors import PictureError
from metadata.labels import shipped_labels
from metadata.preprocess import pixels
from metadata.writer import pack
from tests.benchmarks.classify.colours import (
    BUILT,
    COLOURS,
    IMAGE,
    PHOTOGRAPHS,
    Capture,
    card,
    converted,
)


@pytest.mark.usefixtures("photos")
def test_a_folder_is_searched_and_every_picture_gets_its_labels(run: Any, capfd: Capture) -> None:
    assert run("photos", "--model", "colours") == 0
    out, err = capfd.readouterr()
    lines = out.splitlines()
    assert lines[0] == "in photos/"
    assert max(map(len, lines)) <= 80
    rows = [line.split() for line in lines if "%" in line]
    assert [row[0] for row in rows[::3]] == ["deep/er/blue.JPEG", "deep/green.jpg", "red.png"]
    assert [row[-2] for row in rows[::3]] == ["blue", "green", "red"]
    assert "colours int8: 3 of 3 pictures" in err
    assert "INFO" not in err


@pytest.mark.usefixtures("photos")
def test_json_says_file_labels_indices_and_probabilities(run: Any, capfd: Capture) -> None:
    assert run("photos/red.png", "photos/deep", "--model", "colours", "--variant", "fp32", "--top", 2, "--json") == 0
    red, blue, green = json.loads(capfd.readouterr().out)
    assert (red["file"], blue["file"], green["file"]) == (
        "photos/red.png",
        "photos/deep/er/blue.JPEG",
        "photos/deep/green.jpg",
    )
    assert red["door"] is None
    assert [(guess["label"], guess["index"]) for guess in red["top"]] == [("red", 0), ("green", 1)]
    logits = 4 * (np.array(COLOURS["red"]) - 127.5) / 127.5
    expected = np.exp(logits) / np.exp(logits).sum()
    assert [guess["probability"] for guess in red["top"]] == pytest.approx(expected[:2], rel=1e-5)


def test_variants_by_name_and_models_by_path_are_the_same_files(
    run: Any, photos: Path, colour_models: Path, capfd: Capture
) -> None:
    assert run(photos, "--model", "colours", "--variant", "fp32", "--json") == 0
    by_name = json.loads(capfd.readouterr().out)
    assert run(photos, "--model", colour_models / "colours" / "colours_fp32.tflite", "--json") == 0
    by_path = json.loads(capfd.readouterr().out)
    assert [(one["model"], one["variant"]) for one in by_path] == [("colours_fp32.tflite", "given")] * 3
    assert by_path == [one | {"model": "colours_fp32.tflite", "variant": "given"} for one in by_name]


def test_ties_go_to_the_lower_index() -> None:
    row = np.array([0.1, 0.3, 0.3, 0.0, 0.3], np.float32)
    assert [guess.index for guess in top_predictions(row, "abcde", 4)] == [1, 2, 4, 0]
    assert len(top_predictions(row, "abcde", 100)) == 5


def test_a_digits_model_sees_pictures_as_pictures(run: Any, tmp_path: Path, capfd: Capture) -> None:
    """As a drawing, the small stroke would be scaled until it fills half of the picture, and be light."""
    stroke = np.zeros((28, 28), np.uint8)
    stroke[2:10, 2:10] = 255
    Image.fromarray(stroke).save(tmp_path / "stroke.png")
    Image.fromarray(255 - stroke).save(tmp_path / "hole.png")
    assert run("stroke.png", "hole.png", "--model", "shades", "--top", 1, "--json") == 0
    assert [one["top"][0]["label"] for one in json.loads(capfd.readouterr().out)] == ["dark", "light"]


@pytest.mark.usefixtures("photos")
def test_the_door_follows_the_rule_of_the_manifest(run: Any, capfd: Capture) -> None:
    assert run("photos", "--model", "colours", "--door", "--json") == 0
    answers = {one["file"].rsplit("/", 1)[-1]: one["door"] for one in json.loads(capfd.readouterr().out)}
    assert answers == {"red.png": "come in", "green.jpg": "stay inside", "blue.JPEG": "stay outside"}


def test_the_door_has_a_column_within_80(run: Any, photos: Path, capfd: Capture) -> None:
    assert run(photos.resolve(), "--model", "colours", "--door", "--top", 1) == 0
    lines = capfd.readouterr().out.splitlines()
    assert max(map(len, lines[2:])) <= 80
    assert any(line.startswith("red.png") and line.rstrip().endswith("come in") for line in lines)


def test_imagenet_labels_in_any_file_bring_the_imagenet_door(tmp_path: Path) -> None:
    """The labels decide: the same weights with other names have no door."""
    weights = np.zeros((3, 1000), np.float32)
    weights[0, 207] = 9
    model = converted(IMAGE, weights, Variant.FP32)
    for name, labels in (("dogs", shipped_labels("imagenet")), ("others", tuple(f"thing {i}" for i in range(1000)))):
        (tmp_path / f"{name}.tflite").write_bytes(pack(model, card(name, IMAGE, labels)))
    door = find([str(tmp_path / "dogs.tflite")], (), tmp_path)[0].recipe.door
    assert door is not None
    assert door.answer(207) == "come in"
    assert find([str(tmp_path / "others.tflite")], (), tmp_path)[0].recipe.door is None


def test_unreadable_files_are_named_and_skipped_and_the_exit_code_says_so(
    run: Any, photos: Path, capfd: Capture
) -> None:
    (photos / "cut.png").write_bytes((photos / "red.png").read_bytes()[:60])
    (photos / "holiday.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(32))
    (photos / "notes.txt").write_text("not named like a picture, so nobody means it")
    (photos / "._red.png").write_bytes(b"what another system hides beside a picture")
    assert run("photos", "--model", "colours", "--json") == 1
    out, err = capfd.readouterr()
    assert len(json.loads(out)) == 3
    skipped = [line for line in err.splitlines() if line.startswith("skipped ")]
    assert [line.split(":")[0] for line in skipped] == ["skipped photos/cut.png"]
    assert (
        "classify: passed over 2 files that are not read as pictures (1 HEIC, 1 TXT); save pictures among them as JPEG"
    ) in err.splitlines()
    assert "3 of 4 pictures" in err


def test_pictures_of_another_format_are_reason_enough_for_the_exit_code_and_notes_are_not(
    run: Any, photos: Path, capfd: Capture
) -> None:
    (photos / "notes.txt").write_text("not named like a picture, so nobody means it")
    assert run("photos", "--model", "colours", "--json") == 0
    (photos / "holiday.avif").write_bytes(b"\0\0\0\x18ftypavif" + bytes(32))
    assert run("photos", "--model", "colours", "--json") == 1
    assert "(1 AVIF, 1 TXT)" in capfd.readouterr().err


@pytest.mark.usefixtures("photos")
def test_the_contact_sheet_is_written_whole(run: Any, tmp_path: Path, capfd: Capture) -> None:
    assert run("photos", "--model", "colours", "--contact-sheet", "sheets/sheet.png", "--door") == 0
    assert "contact sheet: sheets/sheet.png" in capfd.readouterr().err
    assert [path.name for path in (tmp_path / "sheets").iterdir()] == ["sheet.png"]
    with Image.open(tmp_path / "sheets" / "sheet.png") as sheet:
        assert sheet.format == "PNG"


@pytest.mark.usefixtures("photos")
def test_a_file_given_twice_is_classified_once(run: Any, capfd: Capture) -> None:
    assert run("photos/red.png", "photos", "photos", "--model", "colours", "--json") == 0
    assert len(json.loads(capfd.readouterr().out)) == 3


def test_batches_keep_the_order_and_only_the_thumbnails_asked_for(photos: Path) -> None:
    bad = photos / "bad.png"
    bad.write_bytes(b"")
    red = photos / "red.png"
    first, second, third = batches([bad, red, red, red, red], IMAGE, thumbnails=1, size=2)
    assert isinstance(first[0], PictureError)
    seen = [one for one in (*first, *second, *third) if isinstance(one, Picture)]
    assert [one.thumbnail is not None for one in seen] == [True, False, False, False]
    assert all((one.levels == pixels(Image.new("RGB", (16, 16), COLOURS["red"]), IMAGE)).all() for one in seen)


def test_more_pictures_than_a_batch_are_all_answered_in_order(
    colour_models: Path, photos: Path, tmp_path: Path
) -> None:
    files = [photos / "red.png", photos / "deep" / "green.jpg"] * 35
    with quiet(tmp_path / "log") as terminal:
        (classifier,) = find(["colours"], (), colour_models)
        found = answer(files, classifier, ClassifyOptions(top=1, thumbnails=40), terminal)
    assert [one.top[0].label for one in found.answers] == ["red", "green"] * 35
    assert (len(found.thumbnails), found.skipped) == (40, 0)


def test_tables_of_many_long_names_stay_within_the_width() -> None:
    answers = [
        PictureAnswer(f"p/{'名' * 60}{i}.png", (Prediction("label " * 9, 0, 1.0),), "stay outside") for i in range(250)
    ]
    from rich.cells import cell_len
    from rich.console import Console

    console = Console(width=80, record=True, file=open(os.devnull, "w"))  # noqa: SIM115, PTH123 - closed below
    for page in pages(answers, 80):
        console.print(page)
    console.file.close()
    lines = console.export_text().splitlines()
    assert max(map(cell_len, lines)) <= 80
    assert sum("stay outside" in line for line in lines) == 250
    assert sum("prob." in line for line in lines) == 1


def test_help_documents_the_exit_codes_and_the_json(capfd: Capture) -> None:
    with pytest.raises(SystemExit):
        main(["classify", "--help"])
    text = capfd.readouterr().out
    assert max(map(len, text.splitlines())) <= 90
    for word in (
        "exit code",
        "\n  0 ",
        "\n  1 ",
        "\n  2 ",
        "\n  130 ",
        '"probability"',
        '"index"',
        '"door"',
        "--variant",
        "120",
    ):
        assert word in text


def test_the_photographs_are_what_anyone_would_say(capfd: Capture) -> None:
    if not (PHOTOGRAPHS / "chelsea.png").is_file() or "efficientnet_lite0" not in Store(BUILT).records:
        pytest.skip("needs the photographs and efficientnet_lite0; run make export")
    assert main(["classify", str(PHOTOGRAPHS), "--door", "--json"]) == 0
    found = {Path(one["file"]).name: one for one in json.loads(capfd.readouterr().out)}
    assert found["chelsea.png"]["door"] == "stay inside"
    assert found["coffee.png"]["top"][0]["label"] == "espresso"
    assert found["rocket.jpg"]["top"][0]["label"] in ("missile", "projectile")
