from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ai_edge_litert import interpreter as litert

from benchmarks.evaluation.desktop import BATCH, KerasRunner, ModelRunner, TfliteRunner, answer
from benchmarks.formats import inputs
from metadata.card import ImageSpec
from metadata.preprocess import Pixels, QuantizedType, normalised

IMAGE = ImageSpec(height=8, width=8, channels=1, mean=(0.0,), std=(255.0,))
LEVELS = np.random.default_rng(7).integers(0, 256, (37, 8, 8, 1), np.uint8)


pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning",  # while TensorFlow is imported
    r"ignore:.*\n?.*tf\.lite\.Interpreter is deprecated:UserWarning",
    "ignore:Statistics for quantized inputs were expected:UserWarning",
)


@pytest.fixture(scope="module")
def tensorflow() -> Any:
    """TensorFlow, seeded."""
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(7)
    return tf


@pytest.fixture(scope="module")
def model(tensorflow: Any) -> Any:  # noqa: ARG001 - imported and seeded before
    import keras

    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Flatten(),
            keras.layers.Dense(12, "relu"),
            keras.layers.Dense(5, "softmax"),
        ]
    )


@pytest.fixture(scope="module")
def float_file(model: Any, tensorflow: Any) -> bytes:
    return bytes(tensorflow.lite.TFLiteConverter.from_keras_model(model).convert())


@pytest.fixture(scope="module", params=["uint8", "int8"])
def integer_file(request: pytest.FixtureRequest, model: Any, tensorflow: Any) -> bytes:
    converter = tensorflow.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tensorflow.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([normalised(one[np.newaxis], IMAGE)] for one in LEVELS)
    converter.target_spec.supported_ops = [tensorflow.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = getattr(tensorflow, request.param)
    return bytes(converter.convert())


def one_by_one(interpreters: Any, file: bytes, fed: Any) -> Any:
    """The plainest loop there is, on one thread; `interpreters` is the module of LiteRT or of TensorFlow Lite."""
    interpreter = interpreters.Interpreter(model_content=file)
    interpreter.allocate_tensors()
    (into,), (out,) = interpreter.get_input_details(), interpreter.get_output_details()
    answers = []
    for one in fed:
        interpreter.set_tensor(into["index"], one[np.newaxis])
        interpreter.invoke()
        answers.append(interpreter.get_tensor(out["index"])[0])
    scale, zero_point = out["quantization"]
    raw = np.stack(answers)
    return raw if raw.dtype == np.float32 else (raw.astype(np.float32) - zero_point) * np.float32(scale)


@pytest.mark.parametrize("count", [1, 2, 37])
def test_two_threads_answer_as_one_in_order(float_file: bytes, tensorflow: Any, count: int) -> None:
    answered = TfliteRunner(float_file, IMAGE).run(LEVELS[:count])
    assert answered.shape == (count, 5)
    fed = normalised(LEVELS[:count], IMAGE)
    assert np.array_equal(answered, one_by_one(litert, float_file, fed))
    # On a processor with AMX the two take other float kernels, which add up in another order.
    assert np.abs(answered - one_by_one(tensorflow.lite, float_file, fed)).max() < 1e-6


def test_integer_models_are_fed_integers_and_answer_probabilities(integer_file: bytes, tensorflow: Any) -> None:
    runner = TfliteRunner(integer_file, IMAGE)
    assert runner.quantization is not None
    fed = normalised(LEVELS, IMAGE, runner.quantization)
    assert fed.dtype == (np.uint8 if runner.quantization.dtype is QuantizedType.UINT8 else np.int8)
    answered = runner.run(LEVELS)
    assert answered.dtype == np.float32
    assert np.array_equal(answered, one_by_one(tensorflow.lite, integer_file, fed))
    assert answered.sum(axis=1) == pytest.approx(np.ones(37), abs=0.02)


def test_a_float_model_has_no_quantization(float_file: bytes) -> None:
    assert TfliteRunner(float_file, IMAGE).quantization is None


def test_keras_answers_the_same_from_memory_and_from_a_file(model: Any, float_file: bytes, tmp_path: Path) -> None:
    model.save(tmp_path / "model.keras")
    answered = KerasRunner(model, IMAGE).run(LEVELS)
    assert np.array_equal(answered, KerasRunner(tmp_path / "model.keras", IMAGE).run(LEVELS))
    assert np.abs(answered - TfliteRunner(float_file, IMAGE).run(LEVELS)).max() < 1e-5


def test_every_runner_answers_every_input_in_order(tmp_path: Path) -> None:
    """More inputs than one batch holds; decoding is shared, so both see the same pictures."""
    count = BATCH + 3
    entries = ((f"{index}.raw", bytes([index % 256]) * 64, None) for index in range(count))

    class Mean:
        def run(self, levels: Pixels) -> Any:
            return levels.mean(axis=(1, 2))

    runners: dict[str, ModelRunner] = {"one": Mean(), "other": Mean()}
    done: list[int] = []
    answers = answer(inputs.write(tmp_path, entries), IMAGE, runners, done.append)
    assert list(answers) == ["one", "other"]
    assert answers["one"][:, 0].tolist() == [index % 256 for index in range(count)]
    assert np.array_equal(answers["one"], answers["other"])
    assert done == [BATCH, 3]


def test_bytes_that_are_no_model_are_refused_by_the_interpreter() -> None:
    with pytest.raises(ValueError, match="not a valid Flatbuffer"):
        TfliteRunner(bytes(64), IMAGE)
