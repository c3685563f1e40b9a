"""Files that are no classifier of one picture as they stand: found by check, and refused by pack in the same words."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from metadata.__main__ import main
from metadata.check import check
from metadata.descriptions import describe
from metadata.errors import ModelFileError
from metadata.finding import Finding
from metadata.reader import PackedModel, read, read_bytes
from metadata.resize import with_input_size
from metadata.runtimes import load_runtime
from metadata.show import model_text
from metadata.writer import pack
from tests.metadata.conftest import Cards

Tiny = Mapping[str, bytes]


def findings(model: PackedModel) -> dict[str, Finding]:
    return {finding.id: finding for finding in check(model, load_runtime())}


def run(model: bytes, picture: "np.typing.NDArray[np.float32]", *, resize: bool) -> "np.typing.NDArray[np.float32]":
    from tensorflow.lite.python.interpreter import Interpreter

    interpreter = Interpreter(model_content=model)
    (source,), (target,) = interpreter.get_input_details(), interpreter.get_output_details()
    if resize:
        interpreter.resize_tensor_input(source["index"], picture.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(source["index"], picture)
    interpreter.invoke()
    return np.array(interpreter.get_tensor(target["index"]))


def command(model: Path, labels: str, *options: str) -> int:
    (model.parent / "labels.txt").write_text(labels)
    words = ["pack", str(model), "--labels", str(model.parent / "labels.txt"), "--mean", "0", "--std", "255"]
    return main([*words, *options])


@pytest.mark.usefixtures("quiet_tensorflow")
def test_a_size_that_is_set_in_the_file_is_what_the_runtime_computes_with(tiny: Tiny) -> None:
    picture = np.random.default_rng(1).uniform(0, 1, (1, 40, 24, 3)).astype(np.float32)
    resized = with_input_size(tiny["any_size"], 40, 24)
    assert read_bytes(resized).file.inputs[0].shape == (1, 40, 24, 3)
    assert not read_bytes(resized).file.inputs[0].is_any_size
    wanted = run(tiny["any_size"], picture, resize=True)
    assert np.ptp(wanted) > 0.01
    assert np.array_equal(run(resized, picture, resize=False), wanted)
    again = with_input_size(resized, 8, 8)
    assert len(again) == len(tiny["any_size"])
    assert run(again, picture[:, :8, :8], resize=False).shape == (1, 4)


def test_pictures_of_any_size_are_named_by_show_and_check(tiny: Tiny) -> None:
    model = read_bytes(tiny["any_size"])
    assert "float32 1×any×any×3" in model_text("any", model, 200)
    assert describe(model).inputs[0].shape_signature == (1, -1, -1, 3)
    assert "--size" in findings(model)["ANY-SIZE"].remedy
    assert findings(model)["ANY-SIZE"].severity == "warning"
    assert "size used      224×224, as the file names none" in model_text("any", model, 200)
    assert "ANY-SIZE" not in findings(read_bytes(tiny["fp32_3"]))


def test_pack_gives_a_model_of_any_size_one_size(
    tiny: Tiny, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "any.tflite"
    model.write_bytes(tiny["any_size"])
    assert command(model, "a\nb\nc\nd\n") == 2
    assert capsys.readouterr().err.startswith("metadata: the model takes pictures of any size; choose one with --size")
    assert command(model, "a\nb\nc\nd\n", "--size", "20x30") == 0
    packed = read(tmp_path / "any_packed.tflite")
    assert packed.file.inputs[0].shape == (1, 20, 30, 3)
    assert packed.image is not None
    assert (packed.image.height, packed.image.width) == (20, 30)
    assert findings(packed) == {}
    fixed = tmp_path / "fixed.tflite"
    fixed.write_bytes(tiny["fp32_3"])
    capsys.readouterr()
    assert command(fixed, "a\nb\nc\nd\n", "--size", "20x30") == 2
    line = "metadata: the model's input is (1, 32, 32, 3), which --size cannot change; leave it out\n"
    assert capsys.readouterr().err == line


@pytest.mark.parametrize(
    ("labels", "packed"), [("dog\n", ("not dog", "dog")), ("cat\ndog\n", ("cat", "dog")), ("no\ncat\ndog\n", None)]
)
def test_one_output_has_two_labels(
    tiny: Tiny,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    labels: str,
    packed: tuple[str, ...] | None,
) -> None:
    model = tmp_path / "one.tflite"
    model.write_bytes(tiny["one_sigmoid"])
    if packed is None:
        assert command(model, labels) == 2
        line = capsys.readouterr().err
        assert "3 labels for one output, which is the probability of the second of two; give those two" in line
        assert not (tmp_path / "one_packed.tflite").exists()
        return
    assert command(model, labels) == 0
    found = read(tmp_path / "one_packed.tflite")
    assert found.labels == packed
    assert list(findings(found)) == ["ONE-OUTPUT"]


@pytest.mark.parametrize("shape", [(1, 513, 4), (1, 1, 17, 4), (1, 1, 4), (4,), (2, 4), ()])
def test_outputs_that_are_not_one_number_a_label_are_found_and_not_packed(
    tiny: Tiny, card_for: Cards, shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = read_bytes(tiny["fp32_3"])
    file = replace(model.file, outputs=(replace(model.file.outputs[0], shape=shape),))
    assert "a classifier gives one number a label" in findings(replace(model, file=file))["NOT-A-CLASSIFIER"].summary
    monkeypatch.setattr("metadata.writer.parse_model", lambda _: file)
    with pytest.raises(ModelFileError, match="no classifier that can be packed: output float32"):
        pack(tiny["fp32_3"], card_for(3))


def test_pixels_without_a_scale_are_named(tiny: Tiny) -> None:
    found = findings(read_bytes(tiny["uint8_without_scale"]))
    assert "the uint8 input has no scale and zero point" in found["NO-SCALE"].summary
    assert "NO-SCALE" not in findings(read_bytes(tiny["int8_3"]))


def test_packing_again_keeps_what_no_option_states_and_says_what_it_replaces(
    tiny: Tiny, card_for: Cards, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = replace(card_for(3), name="old", description="An old one.", version="7", author="Ada", license="MIT")
    model = tmp_path / "model.tflite"
    model.write_bytes(pack(tiny["fp32_3"], before))
    assert command(model, "a\nb\nc\nd\n", "--author", "Bob", "--license", "") == 0
    card = read(tmp_path / "model_packed.tflite").card
    assert card is not None
    assert (card.name, card.description, card.version, card.author, card.license) == (
        *("model", "An old one.", "7", "Bob", ""),
    )
    said = capsys.readouterr().out.splitlines()[1:-1]
    assert said == [
        "  name: model instead of old",
        "  author: Bob instead of Ada",
        "  license: nothing instead of MIT",
        "  labels: 4 other ones instead of 4",
        "  preprocessing: as the options say instead of what the file said",
    ]


@pytest.mark.parametrize("end", ["logits", "mean_of_logits", "embedding", "tanh"])
def test_logits_and_embeddings_are_found_and_not_packed(
    tiny: Tiny, tmp_path: Path, capsys: pytest.CaptureFixture[str], end: str
) -> None:
    found = findings(read_bytes(tiny[end]))["NOT-A-CLASSIFIER"]
    assert "answers with logits or an embedding, which are no probabilities" in found.summary
    assert found.remedy.startswith("give the Keras file, where a softmax can be appended")
    model = tmp_path / "model.tflite"
    model.write_bytes(tiny[end])
    assert command(model, "a\nb\n" if end == "mean_of_logits" else "a\nb\nc\nd\n") == 2
    assert "which are no probabilities" in capsys.readouterr().err
    assert not (tmp_path / "model_packed.tflite").exists()


@pytest.mark.parametrize("end", ["softmax", "mean_of_softmax", "sigmoids", "hard_sigmoid", "average"])
def test_what_ends_in_probabilities_is_a_classifier(tiny: Tiny, end: str) -> None:
    assert "NOT-A-CLASSIFIER" not in findings(read_bytes(tiny[end]))


def test_8_bit_models_are_judged_by_what_is_before_their_quantisation(tiny: Tiny) -> None:
    assert read_bytes(tiny["int8_3"]).file.ends == ("SOFTMAX",)
    assert read_bytes(tiny["int16x8"]).file.ends == ("SOFTMAX",)
