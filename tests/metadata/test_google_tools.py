"""Google's own tools on packed files: the Task Library, and the wrapper generator as its own command."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from PIL import Image

from metadata.bindings import class_name, generate
from metadata.errors import ModelFileError
from metadata.writer import pack
from tests.metadata.conftest import Cards, needs_support

Tiny = Mapping[str, bytes]
GOLDEN_MODELS = Path(__file__).parents[1] / "golden" / "models"
TASK_LIBRARY_SETUP = """
import ctypes, os, sys
import libusb_package
os.environ["PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION"] = "python"
sys.modules["tensorflow"] = None
ctypes.CDLL(str(libusb_package.get_library_path()), mode=ctypes.RTLD_GLOBAL)
from tflite_support.task import core, vision
options = vision.ImageClassifierOptions(base_options=core.BaseOptions(file_name=sys.argv[1]))
classifier = vision.ImageClassifier.create_from_options(options)
"""
TASK_LIBRARY = (
    TASK_LIBRARY_SETUP
    + """
answer = classifier.classify(vision.TensorImage.create_from_file(sys.argv[2]))
for category in answer.classifications[0].categories:
    print(category.index, category.category_name, category.score)
"""
)


TOP_ANSWERS = (
    TASK_LIBRARY_SETUP
    + """
for path in sys.argv[2:]:
    top = classifier.classify(vision.TensorImage.create_from_file(path)).classifications[0].categories[0]
    print(top.index, top.category_name, sep="\\t")
"""
)


def top_answers(model: Path, pictures: Sequence[Path]) -> list[tuple[int, str]]:
    """The index and the label that Google's Task Library puts first, for each picture."""
    command = [sys.executable, "-c", TOP_ANSWERS, str(model), *map(str, pictures)]
    lines = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    return [(int(index), label) for index, _, label in (line.partition("\t") for line in lines)]


@needs_support
@pytest.mark.usefixtures("quiet_tensorflow")
@pytest.mark.parametrize("name", ["fp32_3", "int8_3"])
def test_the_task_library_classifies_as_the_interpreter_does(
    tiny: Tiny, card_for: Cards, tmp_path: Path, name: str
) -> None:
    """The picture has the model's own size, so that no resize can differ."""
    model, picture = tmp_path / "model.tflite", tmp_path / "picture.png"
    model.write_bytes(pack(tiny[name], card_for(3)))
    image = Image.effect_mandelbrot((32, 32), (-2, -1.5, 1, 1.5), 50).convert("RGB")
    image.save(picture)
    answer = subprocess.run(
        [sys.executable, "-c", TASK_LIBRARY, model, picture], capture_output=True, text=True, check=True
    )
    rows = [line.split() for line in answer.stdout.splitlines()]
    expected = probabilities(tiny[name], image)
    assert [row[1] for row in rows] == [card_for(3).labels[int(row[0])] for row in rows]
    assert [float(row[2]) for row in rows] == pytest.approx([expected[int(row[0])] for row in rows], abs=1e-5)
    assert [int(row[0]) for row in rows] == sorted(range(4), key=lambda index: -expected[index])


@needs_support
@pytest.mark.usefixtures("quiet_tensorflow")
@pytest.mark.parametrize("name", ["standard_fp32", "standard_int8", "sigmoid_int8", "column_fp32"])
def test_models_that_google_packed_are_answered_as_the_task_library_does(tmp_path: Path, name: str) -> None:
    """One output with one label is the probability of that; a column of 1 × 1 × 1 × n is a row."""
    from benchmarks.evaluation.desktop import TfliteRunner
    from metadata import preprocess, reader

    path, picture = GOLDEN_MODELS / f"{name}.tflite", tmp_path / "picture.png"
    image = Image.effect_mandelbrot((24, 24), (-2, -1.5, 1, 1.5), 50).convert("RGB")
    image.save(picture)
    model = reader.read(path)
    levels = preprocess.pixels(image, model.preprocessing)
    (ours,) = TfliteRunner(path.read_bytes(), model.preprocessing).run(levels[None]).tolist()
    answer = subprocess.run(
        [sys.executable, "-c", TASK_LIBRARY, path, picture], stdout=subprocess.PIPE, text=True, check=True
    )
    theirs = {int(index): float(score) for index, *_, score in map(str.split, answer.stdout.splitlines())}
    ours = ours[-len(theirs) :]
    assert [theirs[index] for index in range(len(theirs))] == pytest.approx(ours, abs=1e-5)


def probabilities(model: bytes, image: Image.Image) -> list[float]:
    import numpy as np
    import tensorflow as tf

    interpreter = tf.lite.Interpreter(model_content=model)
    interpreter.allocate_tensors()
    (fed,), (read,) = interpreter.get_input_details(), interpreter.get_output_details()
    pixels = np.asarray(image)[None]
    interpreter.set_tensor(fed["index"], pixels if fed["dtype"] == np.uint8 else np.float32((pixels - 127.5) / 127.5))
    interpreter.invoke()
    output = interpreter.get_tensor(read["index"])[0]
    return [float(value) / 256 if read["dtype"] == np.uint8 else float(value) for value in output]


@needs_support
@pytest.mark.parametrize("name", ["fp32_1", "int8_1", "fp32_3", "int8_3"])
def test_the_wrapper_class_knows_labels_and_normalisation(
    tiny: Tiny, card_for: Cards, tmp_path: Path, name: str
) -> None:
    model = tmp_path / f"{name}.tflite"
    model.write_bytes(pack(tiny[name], card_for(int(name[-1]))))
    bindings = generate(model, "com.example.app", tmp_path / "module")
    java = bindings.files[0].read_text()
    assert bindings.files[0] == tmp_path / "module/src/main/java/com/example/app" / f"{class_name(model)}.java"
    assert f"public class {class_name(model)} {{" in java
    assert "probabilityLabels = FileUtil.loadLabels" in java
    assert "new NormalizeOp(metadata.getImageMean(), metadata.getImageStddev())" in java
    assert ("TensorImage image" in java) is (name[-1] == "3")
    assert bool(bindings.notes) is (name[-1] == "1")
    assert (tmp_path / "module/src/main/assets" / model.name).read_bytes() == model.read_bytes()


@needs_support
def test_the_generators_own_command_succeeds_on_a_packed_digit_model(
    tiny: Tiny, card_for: Cards, tmp_path: Path
) -> None:
    model = tmp_path / "digits.tflite"
    model.write_bytes(pack(tiny["int8_1"], card_for(1)))
    command = "from metadata.support_library import load_support; load_support('codegen.python.codegen').main()"
    arguments = [f"--model={model}", f"--destination={tmp_path / 'out'}", "--package_name=com.example"]
    run = subprocess.run(
        [sys.executable, "-c", command, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "out/src/main/java/com/example/MyModel.java").exists()


def test_a_file_name_becomes_a_java_class_name() -> None:
    names = {
        "digits_cnn_int8": "DigitsCnnInt8",
        "a.b-c": "ABC",
        "2048": "Model2048",
        "": "Model",
        "übermodell": "Bermodell",
    }
    assert {stem: class_name(Path(f"{stem}.tflite") if stem else Path()) for stem in names} == names


@needs_support
def test_a_model_without_metadata_gets_no_wrapper(tiny: Tiny, tmp_path: Path) -> None:
    model = tmp_path / "bare.tflite"
    model.write_bytes(tiny["fp32_3"])
    with pytest.raises(ModelFileError, match="has no metadata; pack it first"):
        generate(model, "com.example.app", tmp_path / "module")
