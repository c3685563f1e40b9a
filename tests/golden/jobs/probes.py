"""Golden probes: copies of the golden models that put out their tensors in between, and the jobs that fetch them."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from benchmarks.formats.job import InputKind
from benchmarks.formats.result import ErrorKind
from metadata.graph import read_graph
from metadata.probes import probed, with_outputs
from metadata.tensors import DType
from tests.golden.jobs.cases import FLOAT, STEP, Case, pictures, tensors
from tests.golden.jobs.models import COLOUR, SEED

INPUTS = 2
MODEL = "probe_fp32.tflite"


def probe_models(models: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """Probes of `colour_fp32` and `colour_int8`, and two of a model that computes with every type.

    `probe_types` has all that a runtime hands out, `probe_complex` also a tensor of complex numbers.
    """
    typed = _with_every_type()
    graph = read_graph(typed)
    seen = probed(graph).tensors
    complex_one = next(index for index, tensor in enumerate(graph.tensors) if tensor.dtype is DType.COMPLEX64)
    colours = {f"probe_{name}.tflite": models[f"colour_{name}.tflite"] for name in ("fp32", "int8")}
    return {
        **{name: with_outputs(model, probed(read_graph(model)).tensors)[0] for name, model in colours.items()},
        "probe_types.tflite": with_outputs(typed, seen)[0],
        "probe_complex.tflite": with_outputs(typed, (complex_one,))[0],
    }


def _with_every_type() -> bytes:
    """Four labels from the mean of each channel, by way of all types that a tensor can have."""
    import tensorflow as tf

    dense = tf.constant(np.random.default_rng(SEED).uniform(-1, 1, (3, 4)), tf.float32)

    def classify(images: Any) -> Any:
        means = tf.reduce_mean(images, (1, 2))
        whole, halves = tf.cast(means * 1000, tf.int32), tf.cast(means * 100, tf.int16)
        sums = tf.cast(whole, tf.float32) / 1000 + tf.cast(halves, tf.float32) / 100 + tf.cast(means > 0, tf.float32)
        largest = tf.cast(tf.argmax(means, 1), tf.float32)[:, tf.newaxis]
        return tf.nn.softmax(tf.abs(tf.cast(sums, tf.complex64)) @ dense + largest)

    spec = tf.TensorSpec((1, COLOUR.height, COLOUR.width, COLOUR.channels), tf.float32, name="image")
    concrete = tf.function(classify).get_concrete_function(spec)
    return bytes(tf.lite.TFLiteConverter.from_concrete_functions([concrete], tf.Module()).convert())


def probe_cases(models: Mapping[str, bytes]) -> Iterator[Case]:
    """The probes, those that have to fail last."""
    about = "all tensors of a model, from one interpreter, in the order of the model's outputs"
    for name, tolerance in (("fp32", FLOAT), ("int8", STEP)):
        yield _case(f"probe_{name}", about, _inputs(models[f"colour_{name}.tflite"]), tolerance=tolerance)
    entries = _inputs(models["colour_fp32.tflite"])
    about = "float32, int16, int32, int64 and bool; ranks 1 to 4"
    yield _case("probe_types", about, entries, "probe_types.tflite", tolerance=FLOAT)
    refused = ErrorKind.JOB_REFUSED
    about = "a probe that is to preprocess pictures"
    yield _case("fails_job_probe_of_images", about, entries, MODEL, kind=InputKind.IMAGES, error=refused)
    about, mode = "a probe that is to measure", {"mode": "latency"}
    yield _case("fails_job_probe_mode", about, entries, MODEL, settings=mode, error=refused)
    refused = ErrorKind.MODEL_REFUSED
    about = "a tensor of complex numbers, which no runtime hands out"
    yield _case("fails_probe_type", about, entries, "probe_complex.tflite", error=refused)
    about = "a probe's model where a classifier is asked for"
    yield _case("fails_model_probe", about, entries, MODEL, is_probe=False, error=refused)
    about, one = "the second of two tensors has 3 bytes", {"whole.tensor": next(iter(entries.values()))}
    cut = one | {"short.tensor": b"abc"}
    yield _case("fails_probe_tensor_short", about, cut, MODEL, error=ErrorKind.INPUT_FAILED)


def _case(name: str, about: str, entries: Mapping[str, bytes], model: str | None = None, **changes: Any) -> Case:
    given = {"kind": InputKind.TENSORS, "is_probe": True, **changes}
    return Case(name=name, model=model or f"{name}.tflite", entries=entries, about=about, **given)


def _inputs(model: bytes) -> Mapping[str, bytes]:
    return dict(list(tensors(pictures(), model).items())[:INPUTS])
