"""What one trace and one freeze for all variants save over a `from_keras_model` call each."""

import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks.evaluation.desktop import TfliteRunner
from export import recipes
from export.convert import convert
from export.data import photographs, sources
from export.recipe import STANDARD, BuildContext, Choices, Recipe, Variant
from export.recipes import mobilenet_v2
from metadata.card import ImageSpec
from metadata.preprocess import Pixels, normalised
from tests.export.keras_weights import randomise
from tests.perf.ratio import Ratio
from tests.perf.silence import SILENT

FEW = 2
TURNS = 2  # whatever else the machine does makes one of them slower, never faster


def measure() -> list[Ratio]:
    """The ImageNet recipes of the app, 100 calibration samples: both ways from the Keras model to four files.

    MobileNetV2 has seeded random weights: its own must be downloaded, and what they are costs no time.
    """
    lite0, mobilenet = (recipes.find(name) for name in ("efficientnet_lite0", "mobilenet_v2"))
    given = BuildContext({one.name: sources.obtain(one, None, print) for one in lite0.sources}, Choices(), SILENT)
    built = lite0.build(given)
    network = mobilenet_v2.network()
    randomise(network)
    samples = photographs.calibration(given, mobilenet.card.image, len(built.calibration))
    return [
        *_both_ways(lite0, built.model, built.calibration, 6),
        *_both_ways(mobilenet, network, samples, None),
    ]


def _both_ways(recipe: Recipe, model: Any, samples: Pixels, rest_target: float | None) -> list[Ratio]:
    image, calibration = recipe.card.image, convert.with_black_and_white(samples)
    ours, theirs = _frozen_once(model, image), _from_keras_model(model, image)
    seconds: dict[str, float] = {}
    files_by_way: dict[str, dict[Variant, bytes]] = {}
    calibrating: dict[str, float] = {}
    for name, way in TURNS * (("theirs", theirs), ("ours", ours)):
        started = time.perf_counter()
        files_by_way[name] = way(STANDARD, calibration)
        seconds[name] = min(time.perf_counter() - started, seconds.get(name, math.inf))
        calibrating[name] = min(_calibration_seconds(way, calibration), calibrating.get(name, math.inf))
    rest = {name: seconds[name] - calibrating[name] for name in seconds}
    equal = sum(_same_answers(files_by_way, variant, samples[:10], image) for variant in STANDARD)
    called = f"{recipe.name}, four variants"
    return [
        Ratio(f"{called} over from_keras_model calls, times as fast", seconds["theirs"] / seconds["ours"], 3.5),
        Ratio(f"{called}, the same, calibration apart", rest["theirs"] / rest["ours"], rest_target),
        Ratio(f"{called}, outputs bit-equal both ways", equal, 4),
    ]


Way = Callable[[tuple[Variant, ...], Pixels], dict[Variant, bytes]]


def _frozen_once(model: Any, image: ImageSpec) -> Way:
    def way(variants: tuple[Variant, ...], calibration: Pixels) -> dict[Variant, bytes]:
        frozen = convert.freeze(model, image)
        return {variant: convert.convert(frozen, variant, calibration, image) for variant in variants}

    return way


def _from_keras_model(model: Any, image: ImageSpec) -> Way:
    import tensorflow as tf

    def samples(calibration: Pixels) -> Iterator[list[Any]]:
        for index in range(len(calibration)):
            yield [normalised(calibration[index : index + 1], image)]

    def one(variant: Variant, calibration: Pixels) -> bytes:
        converter = tf.lite.TFLiteConverter.from_keras_model(model)
        converter._experimental_disable_per_channel_quantization_for_dense_layers = True
        if variant is not Variant.FP32:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if variant is Variant.FP16:
            converter.target_spec.supported_types = [tf.float16]
        if variant is Variant.INT8:
            converter.representative_dataset = lambda: samples(calibration)
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            converter.inference_input_type = converter.inference_output_type = tf.uint8
        converted: bytes = converter.convert()
        return converted

    return lambda variants, calibration: {variant: one(variant, calibration) for variant in variants}


def _calibration_seconds(way: Way, calibration: Pixels) -> float:
    """What calibrating on all samples costs: int8 with all of them against int8 with a few."""
    times = []
    for samples in (calibration, calibration[:FEW]):
        started = time.perf_counter()
        way((Variant.INT8,), samples)
        times.append(time.perf_counter() - started)
    return (times[0] - times[1]) * len(calibration) / (len(calibration) - FEW)


def _same_answers(files: dict[str, dict[Variant, bytes]], variant: Variant, levels: Pixels, image: ImageSpec) -> bool:
    ours, theirs = (TfliteRunner(way[variant], image).run(levels) for way in files.values())
    return bool(np.array_equal(ours, theirs))
