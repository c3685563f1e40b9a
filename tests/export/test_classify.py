"""A model that tells red, green and blue apart, packed for real, and pictures of which one knows the answer."""

import json
import os
import shutil
import signal
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from export import classify
from export.answer_table import pages
from export.answers import Answer, Asked, Guess, top_guesses
from export.answers import classify as answer
from export.classifier import find
from export.pictures import Picture, batches
from export.recipe import Variant
from export.sources import cache_folder, sha256_of
from export.store import Store, describe_file
from export.terminal import quiet
from metadata.card import DigitLayout, ImageSpec, ModelCard
from metadata.door import Door
from metadata.errors import PictureError
from metadata.labels import shipped_labels
from metadata.preprocess import pixels
from metadata.writer import pack

ROOT = Path(classify.__file__).parent.parent
COLOURS = {"red": (200, 30, 30), "green": (30, 200, 30), "blue": (30, 30, 200)}
IMAGE = ImageSpec(16, 16, 3, mean=(127.5,) * 3, std=(127.5,) * 3)
DIGITS = ImageSpec(28, 28, 1, mean=(127.5,), std=(127.5,), digit=DigitLayout())
BUILT = ROOT / "build" / "models"
PHOTOGRAPHS = cache_folder() / "photographs"

# TensorFlow 2.19 is the last with this interpreter, which is why the kit is pinned to it.
pytestmark = pytest.mark.filterwarnings(r"ignore:\s*Warning. tf\.lite\.Interpreter is deprecated:UserWarning")

Capture = pytest.CaptureFixture[str]


def converted(image: ImageSpec, weights: Any, variant: Variant, softmax: bool = True) -> bytes:
    """The mean of each channel through one dense layer: a classifier whose answers one can tell beforehand."""
    with quiet(Path(os.devnull)), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import keras

        from export.convert import convert, freeze

        kernel = np.array(weights, np.float32)
        dense = keras.layers.Dense(kernel.shape[1], activation="softmax" if softmax else None)
        shape = (image.height, image.width, image.channels)
        model = keras.Sequential([keras.Input(shape), keras.layers.GlobalAveragePooling2D(), dense])
        dense.set_weights([kernel, np.zeros(kernel.shape[1], np.float32)])
        calibration = np.random.default_rng(0).integers(0, 256, (8, *shape), np.uint8)
        calibration[0], calibration[1] = 0, 255
        return convert(freeze(model, image), variant, calibration, image)


def card(name: str, image: ImageSpec, labels: tuple[str, ...]) -> ModelCard:
    return ModelCard(name, "For a test.", "1", "Handset", "Apache-2.0", image, labels)


@pytest.fixture(scope="session")
def colour_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `make export` leaves it: `colours` in fp32 and int8, which has a door, and `shades` in fp32."""
    store = Store(tmp_path_factory.mktemp("models"))
    door = Door(dog=(0, 0), cat=(1, 1)).to_json()
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
                records[str(variant)] = describe_file(staged, path)
            record = {"door": rule, "variants": records, "default_variant": str(variants[-1]), "reference": {}}
            store.commit(name, "0123456789abcdef", staged, record)
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
    """`python -m export.classify …` in `tmp_path`; the exit code."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def classified(*arguments: str | Path) -> int:
        return classify.main([*map(str, arguments), "--models", str(colour_models)])

    return classified


def refused(run: Any, capfd: Capture, *arguments: str | Path) -> str:
    """The one line of a command that exits 2 and prints nothing else."""
    assert run(*arguments) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("classify: ")
    assert err.count("\n") == 1
    return err


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
    by_name = capfd.readouterr().out
    assert run(photos, "--model", colour_models / "colours" / "colours_fp32.tflite", "--json") == 0
    assert capfd.readouterr().out == by_name


def test_ties_go_to_the_lower_index() -> None:
    row = np.array([0.1, 0.3, 0.3, 0.0, 0.3], np.float32)
    assert [guess.index for guess in top_guesses(row, "abcde", 4)] == [1, 2, 4, 0]
    assert len(top_guesses(row, "abcde", 100)) == 5


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
    door = find(str(tmp_path / "dogs.tflite"), None, tmp_path).door
    assert door is not None
    assert door.answer(207) == "come in"
    assert find(str(tmp_path / "others.tflite"), None, tmp_path).door is None


def test_the_door_of_a_model_without_one_is_an_error(run: Any, photos: Path, capfd: Capture) -> None:
    assert "--door: shades fp32 has no doggy-door rule" in refused(run, capfd, photos, "--model", "shades", "--door")


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
    assert [line.split(":")[0] for line in skipped] == ["skipped photos/cut.png", "skipped photos/holiday.heic"]
    assert "HEIF" in skipped[1]
    assert "3 of 5 pictures" in err


def test_nothing_readable_is_an_error(run: Any, tmp_path: Path, capfd: Capture) -> None:
    (tmp_path / "notes.txt").write_text("given by name, so it is tried")
    assert run("notes.txt", "--model", "colours") == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert "skipped notes.txt: no picture" in err
    assert err.splitlines()[-1] == "classify: nothing could be classified: 1 of 1 files cannot be read"


def test_an_empty_folder_is_an_error(run: Any, tmp_path: Path, capfd: Capture) -> None:
    (tmp_path / "empty").mkdir()
    assert "empty holds no pictures" in refused(run, capfd, "empty", "--model", "colours")


def test_a_folder_that_does_not_exist_is_an_error(run: Any, photos: Path, capfd: Capture) -> None:
    assert "fotos: no such file or folder" in refused(run, capfd, photos, "fotos", "--model", "colours")


def test_an_unknown_model_gets_a_suggestion_and_the_list(run: Any, photos: Path, capfd: Capture) -> None:
    line = refused(run, capfd, photos, "--model", "colors")
    assert "unknown model 'colors'; did you mean colours? choose from: colours, shades" in line


def test_an_unknown_variant_gets_a_suggestion_and_the_list(run: Any, photos: Path, capfd: Capture) -> None:
    line = refused(run, capfd, photos, "--model", "colours", "--variant", "int4")
    assert "'int4'; did you mean int8? choose from: fp32, int8" in line


def test_without_an_export_make_export_is_named(photos: Path, tmp_path: Path, capfd: Capture) -> None:
    assert classify.main([str(photos), "--models", str(tmp_path / "none")]) == 2
    assert "names no model yet; run make export" in capfd.readouterr().err


def test_a_model_that_is_not_what_the_manifest_says_is_refused(
    photos: Path, colour_models: Path, tmp_path: Path, capfd: Capture
) -> None:
    copy = tmp_path / "models"
    shutil.copytree(colour_models, copy, symlinks=True)
    model = copy / "colours" / "colours_int8.tflite"
    model.write_bytes(model.read_bytes()[:-1])
    assert classify.main([str(photos), "--model", "colours", "--models", str(copy)]) == 2
    assert "is not what the manifest says; run make export" in capfd.readouterr().err


def test_a_variant_of_a_path_is_an_error(run: Any, photos: Path, capfd: Capture) -> None:
    line = refused(run, capfd, photos, "--model", "some/model.tflite", "--variant", "int8")
    assert "is one variant already" in line


def test_a_path_to_no_model_is_an_error(run: Any, photos: Path, capfd: Capture) -> None:
    assert "no.tflite: cannot be read" in refused(run, capfd, photos, "--model", "no.tflite")
    assert "red.png" in refused(run, capfd, photos, "--model", photos / "red.png")


def test_an_unpacked_model_is_told_how_to_be_packed(run: Any, photos: Path, tmp_path: Path, capfd: Capture) -> None:
    (tmp_path / "bare.tflite").write_bytes(converted(IMAGE, np.eye(3), Variant.FP32))
    assert "python -m metadata pack" in refused(run, capfd, photos, "--model", "bare.tflite")


def test_scores_that_are_no_probabilities_are_refused(run: Any, photos: Path, tmp_path: Path, capfd: Capture) -> None:
    logits = converted(IMAGE, np.eye(3) * 4, Variant.FP32, softmax=False)
    (tmp_path / "logits.tflite").write_bytes(pack(logits, card("logits", IMAGE, tuple(COLOURS))))
    assert "which are no probabilities" in refused(run, capfd, photos, "--model", "logits.tflite")


@pytest.mark.parametrize("top", ["0", "-1", "many"])
def test_top_is_a_count(top: str, capfd: Capture) -> None:
    with pytest.raises(SystemExit) as stopped:
        classify.main(["photos", "--top", top])
    assert stopped.value.code == 2
    assert capfd.readouterr().err.count("\n") == 1


@pytest.mark.usefixtures("photos")
def test_the_contact_sheet_is_written_whole(run: Any, tmp_path: Path, capfd: Capture) -> None:
    assert run("photos", "--model", "colours", "--contact-sheet", "sheets/sheet.png", "--door") == 0
    assert "contact sheet: sheets/sheet.png" in capfd.readouterr().err
    assert [path.name for path in (tmp_path / "sheets").iterdir()] == ["sheet.png"]
    with Image.open(tmp_path / "sheets" / "sheet.png") as sheet:
        assert sheet.format == "PNG"


@pytest.mark.usefixtures("photos")
def test_a_sheet_that_cannot_be_written_costs_no_answer(run: Any, tmp_path: Path, capfd: Capture) -> None:
    (tmp_path / "file").write_text("no folder")
    assert run("photos", "--model", "colours", "--json", "--contact-sheet", "file/sheet.png") == 2
    out, err = capfd.readouterr()
    assert len(json.loads(out)) == 3
    assert "file/sheet.png: cannot be written" in err
    assert "--contact-sheet" in err.splitlines()[-1]


@pytest.mark.parametrize("place", ["sheet.jpg", "photos"])
def test_a_sheet_needs_a_png_name(run: Any, photos: Path, place: str, capfd: Capture) -> None:
    assert "ends in .png" in refused(run, capfd, photos, "--model", "colours", "--contact-sheet", place)


def test_a_sheet_never_replaces_a_picture(run: Any, photos: Path, capfd: Capture) -> None:
    before = sha256_of(photos / "red.png")
    line = refused(run, capfd, "photos", "--model", "colours", "--contact-sheet", "photos/deep/../red.png")
    assert "is one of the pictures" in line
    assert sha256_of(photos / "red.png") == before


def test_names_that_a_terminal_cannot_show_do_no_harm(run: Any, photos: Path, capfd: Capture) -> None:
    shutil.copy(os.fsencode(photos / "red.png"), os.fsencode(photos) + b"/caf\xe9 \x1b[31m[bold]\n.png")
    assert run("photos", "--model", "colours", "--top", 1) == 0
    assert "caf� �[31m[bold]�.png" in capfd.readouterr().out


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
        found = answer(files, find("colours", None, colour_models), Asked(top=1, thumbnails=40), terminal)
    assert [one.top[0].label for one in found.answers] == ["red", "green"] * 35
    assert (len(found.thumbnails), found.skipped) == (40, 0)


def test_tables_of_many_long_names_stay_within_the_width() -> None:
    answers = [Answer(f"p/{'名' * 60}{i}.png", (Guess("label " * 9, 0, 1.0),), "stay outside") for i in range(250)]
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


def test_bad_input_does_not_wait_for_tensorflow(colour_models: Path, photos: Path) -> None:
    code = (
        "import sys; from export.classify import main; "
        "code = main(sys.argv[1:]); assert 'tensorflow' not in sys.modules; sys.exit(code)"
    )
    command = [sys.executable, "-c", code, str(photos), "--models", str(colour_models), "--model", "colors"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_ctrl_c_ends_with_one_line(colour_models: Path, photos: Path) -> None:
    """Interrupted when the first batch has just been read, with hundreds to go."""
    (photos / "a_bad.png").write_bytes(b"damaged")
    Image.effect_noise((2000, 1500), 80).save(photos / "large.png", compress_level=1)
    for index in range(300):
        (photos / f"large_{index}.png").symlink_to(photos / "large.png")
    command = [sys.executable, "-m", "export.classify", str(photos)]
    command += ["--model", "colours", "--models", str(colour_models)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stderr.readline().startswith("skipped ")
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == "classify: interrupted\n"
        assert process.stdout.read() == ""
    assert process.returncode == 130


def test_help_documents_the_exit_codes_and_the_json(capfd: Capture) -> None:
    with pytest.raises(SystemExit):
        classify.main(["--help"])
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
    assert classify.main([str(PHOTOGRAPHS), "--door", "--json"]) == 0
    found = {Path(one["file"]).name: one for one in json.loads(capfd.readouterr().out)}
    assert found["chelsea.png"]["door"] == "stay inside"
    assert found["coffee.png"]["top"][0]["label"] == "espresso"
    assert found["rocket.jpg"]["top"][0]["label"] in ("missile", "projectile")
