"""One picture through every stage: the same answers where nothing differs, and a word where they part."""

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from benchmarks.__main__ import main
from benchmarks.classify.answer_table import stage_table
from benchmarks.classify.answers import PictureAnswer
from benchmarks.classify.stages import StageAnswer, distances, leaders, sentence
from benchmarks.console.terminal import uncut
from tests.benchmarks.conftest import Start
from tests.benchmarks.rig import left_on, start_with_app

TINY = ("--models", "tiny")


@pytest.fixture
def build(export: Path, tmp_path: Path) -> Path:
    shutil.copytree(export, tmp_path / "build" / "models")
    return tmp_path / "build"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    pixels = np.random.default_rng(3).integers(0, 256, (50, 70, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    path.write_bytes(file.getvalue())
    return path


def test_every_stage_answers_and_the_virtual_phone_agrees_to_the_bit(
    start: Start, build: Path, picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    virtual = start_with_app(start)
    options = [*TINY, "--keras", "--tcp", virtual.address, "--build", str(build), "--variants", "fp32,int8", "--json"]
    assert main(["classify", str(picture), *options]) == 0
    fp32, int8 = json.loads(capsys.readouterr().out)
    assert [stage["stage"] for stage in fp32["stages"]] == ["Keras", "TFLite", "tensors", "pictures"]
    assert all(len(stage["top"]) == 5 for one in (fp32, int8) for stage in one["stages"])
    assert [arrow["cause"] for arrow in fp32["arrows"]] == [
        "conversion",
        "the phone's runtime",
        "preprocessing on the phone",
    ]
    for one in (fp32, int8):
        assert [arrow["max_difference"] for arrow in one["arrows"][1:]] == [0, 0]
        assert one["arrows"][2]["input_differences"] == 0
    assert fp32["arrows"][0]["max_difference"] < 1e-5 < int8["arrows"][0]["max_difference"]
    assert left_on(virtual) == [], "the photograph does not stay on the phone"


def test_a_file_by_its_path_and_several_pictures_go_to_a_phone_too(
    start: Start, build: Path, picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = build / "models" / ".tiny-1" / "tiny_int8.tflite"
    shutil.copy(picture, other := picture.with_name("other.PNG"))
    (picture.parent / "damaged.png").write_bytes(picture.read_bytes()[:90])
    virtual = start_with_app(start)
    options = ["--models", str(model), "--tcp", virtual.address, "--build", str(build), "--json"]
    assert main(["classify", str(picture), str(picture.parent / "damaged.png"), str(other), *options]) == 1
    first, second = json.loads(capsys.readouterr().out)
    assert (first["file"], second["file"]) == (str(picture), str(other))
    for one in (first, second):
        assert (one["model"], one["variant"]) == ("tiny_int8.tflite", "given")
        assert [stage["stage"] for stage in one["stages"]] == ["TFLite", "tensors", "pictures"]
        assert [arrow["max_difference"] for arrow in one["arrows"]] == [0, 0]
        assert one["top"][0]["label"] == one["stages"][0]["top"][0]["label"]


def test_no_phone_is_asked_that_no_option_names(
    start: Start, build: Path, picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    virtual = start_with_app(start)
    before = left_on(virtual)
    assert main(["classify", str(picture), *TINY, "--build", str(build)]) == 0
    assert "TFLite" not in capsys.readouterr().out, "one table of labels, no stages"
    assert left_on(virtual) == before


def test_several_variants_have_a_heading_each_and_no_common_sheet(
    build: Path, picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both = [str(picture), *TINY, "--variants", "fp32,int8", "--build", str(build)]
    assert main(["classify", *both]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("tiny ")] == ["tiny fp32", "tiny int8"]
    assert main(["classify", *both, "--contact-sheet", "sheet.png"]) == 2
    assert "--contact-sheet shows one model, not 2" in capsys.readouterr().err


def test_without_a_phone_the_desktop_answers_alone(
    build: Path, picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["classify", str(picture), *TINY, "--keras", "--build", str(build)]) == 0
    said = capsys.readouterr()
    assert "tiny int8" in said.out, "the variant that the app gets"
    assert "TFLite: " in said.out


def test_a_model_that_came_as_a_tflite_file_has_no_stage_before(
    build: Path, picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = build / "models" / "manifest.json"
    record = json.loads(manifest.read_text())
    recipe = record["recipes"]["tiny"]
    recipe["reference"]["model"] = {name: recipe["variants"]["fp32"][name] for name in ("path", "sha256", "bytes")}
    manifest.write_text(json.dumps(record))
    assert main(["classify", str(picture), *TINY, "--keras", "--build", str(build), "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert ([stage["stage"] for stage in one["stages"]], one["arrows"]) == (["TFLite"], [])


def test_a_phone_that_fails_is_said_and_the_desktop_still_answers(
    start: Start, build: Path, picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    virtual = start_with_app(start, "crash")
    assert main(["classify", str(picture), *TINY, "--tcp", virtual.address, "--build", str(build)]) == 2
    said = capsys.readouterr()
    assert "saw the app crash; see `adb logcat -b crash`" in said.err
    assert "TFLite" in said.out


@pytest.mark.parametrize(("content", "words"), [(None, "no such file or folder"), (b"no picture", "picture.png")])
def test_what_is_no_picture_is_refused(
    build: Path, tmp_path: Path, content: bytes | None, words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "picture.png"
    if content is not None:
        path.write_bytes(content)
    assert main(["classify", str(path), *TINY, "--build", str(build)]) == 2
    assert words in capfd.readouterr().err


def stage(name: str, *probabilities: float, phone: str | None = None, differing: int | None = None) -> StageAnswer:
    return StageAnswer(name, phone, np.array(probabilities, np.float32), differing)


def test_an_arrow_says_where_answers_part_and_by_what() -> None:
    keras, tflite = stage("Keras", 0.6, 0.4), stage("TFLite", 0.59, 0.41)
    tensors, pictures = stage("tensors", 0.55, 0.45, phone="P"), stage("pictures", 0.4, 0.6, phone="P", differing=12)
    arrows = tuple(distances((keras, tflite, tensors, pictures)))
    assert [(arrow.parts, arrow.top_changed, arrow.input_differences) for arrow in arrows] == [
        (False, False, None),
        (True, False, None),
        (True, True, 12),
    ]
    assert sentence(arrows[0]) == "TFLite: the same answer, max |Δp| 1.0e-02 by conversion"
    assert sentence(arrows[2]) == (
        "P, pictures: parts here: another answer, max |Δp| 1.5e-01 by preprocessing on the phone; "
        "12 values of the model input differ"
    )


def test_the_best_of_every_stage_are_shown_in_the_first_ones_order() -> None:
    one = stage("Keras", 0.0, 0.3, 0.3, 0.2, 0.1, 0.1, 0.0)
    other = stage("TFLite", 0.9, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1)
    assert leaders([one], 5) == [1, 2, 3, 4, 5]
    assert leaders([one, other], 5) == [1, 2, 3, 4, 5, 0, 6]


def test_no_probability_is_cut_however_many_phones_answer() -> None:
    stages = [
        stage("TFLite", 1.0, 0.0),
        *(stage("pictures", 1.0, 0.0, phone=f"Phone {number}") for number in range(12)),
    ]
    screen = io.StringIO()
    answer = PictureAnswer("a.png", (), None, tuple(stages))
    uncut(Console(file=screen, width=60)).print(stage_table("a.png", answer, ["red", "blue"], 1))
    (line,) = (line for line in screen.getvalue().splitlines() if "red" in line)
    assert line.count("100.00% ◂") == 13
