"""The command line of a user's own model, as a process."""

import os
import re
import subprocess
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from export.commands.own_model import choose, is_meant, parse
from export.errors import OwnModelError, SourceError
from export.own_models.options import name_of
from tests.export.own_models.conftest import GOLDEN
from tests.export.own_models.small_models import ending

ROOT = Path(__file__).parents[3]


def command(*words: object) -> "subprocess.CompletedProcess[str]":
    """`python -m export` as a user types it."""
    arguments = [sys.executable, "-m", "export", *map(str, words)]
    quiet = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    return subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False, env=quiet)


def test_the_command_refuses_in_one_line_with_exit_code_2(tmp_path: Path) -> None:
    done = command(GOLDEN / "weights_only.h5", "--out", tmp_path / "models", "--assets", tmp_path / "assets")
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("export: weights_only.h5 holds weights without a model; ")
    assert not (tmp_path / "models").exists()


def with_layer(name: str) -> Any:
    """One whose exponential is beyond float32 in a white picture, or whose root is of nothing in one of one colour."""
    import keras

    layers = keras.layers
    pixels = keras.Input((16, 16, 3))
    if name == "grown":
        hidden = layers.Conv2D(
            4, 1, activation="exponential", kernel_initializer=keras.initializers.Constant(50), name=name
        )(pixels)
    else:
        hidden = layers.LayerNormalization(epsilon=0, name=name)(layers.Conv2D(4, 3, activation="relu")(pixels))
    return keras.Model(pixels, ending(hidden, activation="softmax"))


@pytest.mark.usefixtures("tensorflow")
@pytest.mark.parametrize(("layer", "what"), [("grown", "infinite values"), ("normed", "(NaN|infinite values)")])
def test_what_is_no_number_on_a_sample_ends_in_one_line_that_names_the_layer(
    tmp_path: Path, labels: Path, photos: Path, layer: str, what: str
) -> None:
    """Ordinary pictures are answered; the black and the white one among the samples are not."""
    with_layer(layer).save(tmp_path / "model.keras")
    out, assets = tmp_path / "models", tmp_path / "assets"
    places = ("--calibration", photos, "--eval-dir", photos, "--out", out, "--assets", assets)
    done = command(tmp_path / "model.keras", "--labels", labels, "--mean", 0, "--std", 255, *places)
    assert (done.returncode, done.stdout) == (2, "")
    line = done.stderr.splitlines()[-1]
    assert re.fullmatch(rf"export: \S*/{layer}_\S* gives {what} on the samples for calibration; correct .*", line)
    assert line.endswith("--variants fp32,fp16,dynamic")
    assert done.stderr.count("export: ") == 1
    assert {path.name for path in out.iterdir()} <= {".lock"}
    assert not assets.exists()


def test_the_help_of_a_model_is_its_own(tmp_path: Path) -> None:
    done = command("model.keras", "--help")
    assert done.returncode == 0
    for option in (
        "--labels",
        "--mean",
        "--std",
        "--order",
        "--crop",
        "--resize",
        "--size",
        "--calibration",
        "--trust",
    ):
        assert option in done.stdout
    assert not list(tmp_path.iterdir())


def test_an_unknown_option_points_at_the_help_that_has_the_model_s_options() -> None:
    for program, words in (("python -m export model.keras", ["model.keras"]), ("python -m export", ["digits_cnn"])):
        done = command(*words, "--labelz", "labels.txt")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"{program}: unrecognized arguments: --labelz labels.txt; see {program} --help\n"


def test_an_option_of_the_conversion_is_named_for_a_ready_file_and_the_export_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = {"--variants": "fp32", "--calibration": str(tmp_path), "--trained-with": "tf_bilinear"}
    path = GOLDEN.parent / "models" / "colour_fp32.tflite"
    for words, named in [([option, value], f"{option} has") for option, value in options.items()] + [
        ([word for pair in options.items() for word in pair], "--variants and --calibration and --trained-with have")
    ]:
        chosen, _ = choose(parse([str(path), *words]))
        assert list(chosen) == ["colour_fp32"]
        line = f"export: {named} no effect: colour_fp32.tflite is a ready file, not converted\n"
        assert capsys.readouterr() == ("", line)
    choose(parse([str(path)]))
    assert capsys.readouterr() == ("", "")


def test_trust_is_named_where_there_is_no_code_to_trust(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ready = GOLDEN.parent / "models" / "colour_fp32.tflite"
    parse([str(ready), "--trust"])
    line = "export: --trust has no effect: colour_fp32.tflite is a ready file, not converted\n"
    assert capsys.readouterr().err == line
    parse([str(GOLDEN / "saved_model"), "--trust"])
    line = "export: --trust has no effect: saved_model is a graph, which carries no Python code\n"
    assert capsys.readouterr().err == line
    parse([str(tmp_path / "model.keras"), "--trust"])
    assert capsys.readouterr().err == ""


def test_a_path_means_a_model_only_where_it_stands_by_itself(tmp_path: Path) -> None:
    assert is_meant(["model.keras"])
    assert is_meant(["--force", "model.h5"])
    assert is_meant(["--labels", "labels.txt", "MODEL.TFLITE"])
    assert is_meant([str(GOLDEN / "saved_model")])
    assert not is_meant(["vgg16", "--weights", "vgg16.h5"])
    assert not is_meant(["digits_cnn", "--eval-dir", str(GOLDEN / "saved_model")])
    assert is_meant([str(tmp_path)]), "whatever is there is meant as a model"
    assert is_meant([str(tmp_path / "absent")]), "a path is no recipe"
    assert not is_meant(["absent"])
    assert not is_meant([])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("model.onnx", "is an ONNX model; make a SavedModel of it with onnx2tf, and give that folder"),
        ("model.pt", "is a PyTorch model; "),
        ("model.pb", "is a graph without the folder of its SavedModel; "),
        ("model.ckpt", "is a checkpoint: weights without a model; build the model in Keras, load these weights"),
        ("model.json", "is a model's structure without its weights, or TensorFlow.js; save the model with"),
        ("serving/1/saved_model.pb", "holds SavedModels, as TensorFlow Serving wants them; give one of them, as in "),
        ("run/best.keras", "is a folder with model files in it; give one of them, as in "),
        ("run/checkpoint", "holds a checkpoint: weights without a model; "),
        ("unpacked/config.json", "is an unpacked .keras file; zip the files in it"),
        ("empty/readme.md", "is a folder without saved_model.pb; give a model file or a SavedModel"),
        ("model.bin", "is no .keras, .h5, .hdf5, .tflite file; save the model with model.save('model.keras')"),
    ],
)
def test_whatever_is_there_is_named_with_what_helps(tmp_path: Path, name: str, said: str) -> None:
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    given = tmp_path / Path(name).parts[0]
    assert is_meant([str(given), "--labels", "labels.txt"])
    with pytest.raises(OwnModelError) as refusal:
        choose(parse([str(given)]))
    assert str(refusal.value).startswith(f"{given} {said}")


def test_a_path_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    absent = tmp_path / "absent.onnx"
    assert is_meant([str(absent)])
    with pytest.raises(SourceError, match=r"absent\.onnx: no such file or folder; give a model"):
        choose(parse([str(absent)]))


def test_a_model_is_called_alike_where_the_system_names_files_by_the_parts_of_their_letters() -> None:
    names = {name_of(Namespace(name=None, model=Path(f"caf{e}.keras"))) for e in ("\u00e9", "e\u0301")}
    assert names == {"caf"}
