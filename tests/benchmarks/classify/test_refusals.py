"""What classifying refuses, in one line each, and how it is interrupted."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benchmarks.__main__ import main
from benchmarks.console.places import ROOT
from benchmarks.evaluation import separate_process
from export.recipe import Variant
from metadata.hashes import sha256_of
from metadata.writer import pack
from tests.benchmarks.classify.colours import (
    COLOURS,
    IMAGE,
    Capture,
    card,
    converted,
    refused,
)


def test_the_door_of_a_model_without_one_is_an_error(run: Any, photos: Path, capfd: Capture) -> None:
    assert "--door: shades fp32 has no doggy-door rule" in refused(run, capfd, photos, "--model", "shades", "--door")


def test_nothing_readable_is_an_error(run: Any, tmp_path: Path, capfd: Capture) -> None:
    (tmp_path / "notes.txt").write_text("given by name, so it is tried")
    assert run("notes.txt", "--model", "colours") == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert "skipped notes.txt: no picture" in err
    assert err.splitlines()[-1] == "nothing could be classified: 1 of 1 files cannot be read"


def test_an_empty_folder_is_an_error(run: Any, tmp_path: Path, capfd: Capture) -> None:
    (tmp_path / "empty").mkdir()
    assert "empty holds no pictures" in refused(run, capfd, "empty", "--model", "colours")


def test_a_folder_that_does_not_exist_is_an_error(run: Any, photos: Path, capfd: Capture) -> None:
    assert "fotos: no such file or folder" in refused(run, capfd, photos, "fotos", "--model", "colours")


def test_an_unknown_model_gets_a_suggestion_and_the_list(run: Any, photos: Path, capfd: Capture) -> None:
    line = refused(run, capfd, photos, "--model", "colors")
    assert "no model 'colors' is exported; did you mean colours? choose from colours, shades" in line


def test_an_unknown_variant_gets_a_suggestion_and_the_list(run: Any, photos: Path, capfd: Capture) -> None:
    line = refused(run, capfd, photos, "--model", "colours", "--variant", "int4")
    assert "'int4' is exported; did you mean int8? choose from fp32, int8" in line


def test_without_an_export_make_export_is_named(photos: Path, tmp_path: Path, capfd: Capture) -> None:
    assert main(["classify", str(photos), "--build", str(tmp_path / "none")]) == 2
    assert "manifest.json is not there; run make export" in capfd.readouterr().err


def test_a_model_that_is_not_what_the_manifest_says_is_refused(
    photos: Path, colour_models: Path, tmp_path: Path, capfd: Capture
) -> None:
    copy = tmp_path / "build" / "models"
    shutil.copytree(colour_models, copy, symlinks=True)
    model = copy / "colours" / "colours_int8.tflite"
    model.write_bytes(model.read_bytes()[:-1])
    assert main(["classify", str(photos), "--model", "colours", "--build", str(copy.parent)]) == 2
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
    percent = converted(IMAGE, np.eye(3) * 4, Variant.FP32, scale=100)
    (tmp_path / "percent.tflite").write_bytes(pack(percent, card("percent", IMAGE, tuple(COLOURS))))
    assert "which are no probabilities" in refused(run, capfd, photos, "--model", "percent.tflite")


@pytest.mark.parametrize("top", ["0", "-1", "many"])
def test_top_is_a_count(top: str, capfd: Capture) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["classify", "photos", "--top", top])
    assert stopped.value.code == 2
    assert capfd.readouterr().err.count("\n") == 1


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


def test_bad_input_does_not_wait_for_tensorflow(colour_models: Path, photos: Path) -> None:
    code = (
        "import sys; from benchmarks.__main__ import main; "
        "code = main(sys.argv[1:]); assert 'tensorflow' not in sys.modules; sys.exit(code)"
    )
    command = [
        sys.executable,
        "-c",
        code,
        "classify",
        str(photos),
        "--build",
        str(colour_models.parent),
        "--model",
        "colors",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_ctrl_c_ends_with_one_line(colour_models: Path, photos: Path) -> None:
    """Interrupted when the first batch has just been read, with hundreds to go."""
    (photos / "a_bad.png").write_bytes(b"damaged")
    Image.effect_noise((2000, 1500), 80).save(photos / "large.png", compress_level=1)
    for index in range(300):
        (photos / f"large_{index}.png").symlink_to(photos / "large.png")
    command = [sys.executable, "-m", "benchmarks", "classify", str(photos)]
    command += ["--model", "colours", "--build", str(colour_models.parent)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stderr.readline().startswith("skipped ")
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == "interrupted\n"
        assert process.stdout.read() == ""
    assert process.returncode == 130


def test_a_file_by_its_path_that_crashes_the_runtime_is_one_line(
    run: Any, photos: Path, tmp_path: Path, capfd: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "crash.py"
    script.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    monkeypatch.setattr(separate_process, "SCRIPT", script)
    model = converted(IMAGE, np.eye(3) * 4, Variant.FP32)
    (tmp_path / "crash.tflite").write_bytes(pack(model, card("crash", IMAGE, tuple(COLOURS))))
    line = refused(run, capfd, photos, "--model", "crash.tflite")
    assert "crash.tflite crashes TensorFlow Lite (" in line
    assert "was ended by SIGSEGV while it ran a model); convert it again" in line
