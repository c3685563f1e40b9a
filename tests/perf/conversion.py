"""What one trace and one freeze for all variants save over a `from_keras_model` call each."""

import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.evaluation.desktop import Probabilities, TfliteRunner
from benchmarks.evaluation.stats import paired, paired_difference
from benchmarks.evaluation.stats.probabilities import distance
from export import recipes
from export.convert import convert
from export.data import photographs, sources
from export.recipe import STANDARD, BuildContext, Choices, Recipe, Variant
from export.recipes import mobilenet_v2
from metadata.card import ImageSpec
from metadata.picture import decode
from metadata.preprocess import Pixels, pixels
from tests.export.keras_weights import randomise
from tests.perf.commands import ROOT
from tests.perf.ratio import Ratio
from tests.perf.silence import SILENT

FEW, MANY = 2, 498  # samples beside a black and a white one
TURNS = 2  # whatever else the machine does makes one of them slower, never faster
BIT_EQUAL = (Variant.FP32, Variant.FP16, Variant.DYNAMIC)
LABELLED = Path(os.environ.get("HANDSET_TEST_DATA") or ROOT.parent / "shared" / "data") / "imagenet_samples"


def measure() -> list[Ratio]:
    """The ImageNet recipes of the app, 100 and 500 calibration samples: both ways from the Keras model to four files.

    MobileNetV2 has seeded random weights: its own must be downloaded, and what they are costs no time.
    """
    lite0, mobilenet = (recipes.find(name) for name in ("efficientnet_lite0", "mobilenet_v2"))
    given = BuildContext({one.name: sources.obtain(one, None, print) for one in lite0.sources}, Choices(), SILENT)
    built = lite0.build(given)
    network = mobilenet_v2.network()
    randomise(network)
    ratios = []
    for recipe, model, rest_target in ((lite0, built.model, 6), (mobilenet, network, None)):
        few, many = (
            photographs.calibration(given, recipe.card.image, count) for count in (len(built.calibration), MANY)
        )
        both = _Both.convert(recipe, model, few, TURNS)
        ratios += [*both.times(6), both.rest(model, rest_target), both.equal(few[:10])]
        ratios += both.int8(given) if recipe is lite0 else []
        ratios += _Both.convert(recipe, model, many, 1).times(5)
    return ratios


@dataclass(frozen=True)
class _Both:
    """The four files of a model made both ways, ours first, and the fewest seconds that each way took."""

    recipe: Recipe
    calibration: Pixels
    files: dict[str, dict[Variant, bytes]]
    seconds: dict[str, float]

    @classmethod
    def convert(cls, recipe: Recipe, model: Any, samples: Pixels, turns: int) -> "_Both":
        calibration = convert.with_black_and_white(samples)
        files: dict[str, dict[Variant, bytes]] = {}
        seconds = dict.fromkeys(WAYS, math.inf)
        for name, way in turns * tuple(WAYS.items()):
            started = time.perf_counter()
            files[name] = way(model, recipe.card.image, STANDARD, calibration)
            seconds[name] = min(time.perf_counter() - started, seconds[name])
        return cls(recipe, calibration, files, seconds)

    def times(self, target: float) -> list[Ratio]:
        called = f"{self.recipe.name}, four variants on {len(self.calibration)} samples"
        return [
            Ratio(
                f"{called} over from_keras_model, times as fast", self.seconds["theirs"] / self.seconds["ours"], target
            )
        ]

    def rest(self, model: Any, target: float | None) -> Ratio:
        image = self.recipe.card.image
        rest = {
            name: self.seconds[name] - _calibrating(way, model, image, self.calibration) for name, way in WAYS.items()
        }
        return Ratio(f"{self.recipe.name}, the same, calibration apart", rest["theirs"] / rest["ours"], target)

    def equal(self, levels: Pixels) -> Ratio:
        answers = (self._answers(variant, levels) for variant in BIT_EQUAL)
        equal = sum(np.array_equal(ours, theirs) for ours, theirs in answers)
        names = ", ".join(BIT_EQUAL)
        return Ratio(f"{self.recipe.name}: how many of {names} are bit-equal both ways", equal, len(BIT_EQUAL))

    def int8(self, given: BuildContext) -> list[Ratio]:
        """Both int8 files against fp32, on the labelled photographs where they are, else on crops without labels."""
        image, levels = self.recipe.card.image, _evaluated(given, self.recipe.card.image)
        exact = TfliteRunner(self.files["ours"][Variant.FP32], image).run(levels)
        ours, theirs = self._answers(Variant.INT8, levels)
        agree = [answers.argmax(axis=1) == exact.argmax(axis=1) for answers in (theirs, ours)]
        better = paired_difference(paired(*agree))
        rms = [distance(exact, answers, None).rms for answers in (theirs, ours)]
        called = f"{self.recipe.name}, int8 on {len(levels)} pictures"
        return [
            Ratio(f"{called}: agrees with fp32, from_keras_model's", float(agree[0].mean()), None),
            Ratio(f"{called}: agrees with fp32, ours", float(agree[1].mean()), None),
            Ratio(f"{called}: ours agrees more by at least, points (95 %)", 100 * better.low, None),
            Ratio(f"{called}: ours agrees more by at most, points (95 %)", 100 * better.high, 0),
            Ratio(f"{called}: RMS of probabilities over from_keras_model's", rms[1] / rms[0], 1.1, at_most=True),
        ]

    def _answers(self, variant: Variant, levels: Pixels) -> list[Probabilities]:
        return [TfliteRunner(self.files[way][variant], self.recipe.card.image).run(levels) for way in WAYS]


def _evaluated(given: BuildContext, image: ImageSpec) -> Pixels:
    if LABELLED.is_dir():
        return np.stack([pixels(decode(path), image) for path in sorted(LABELLED.glob("*.jpg"))])
    crops = photographs.evaluation(given).entries
    return np.stack([pixels(decode(one.data), image) for one in crops])


Way = Callable[[Any, ImageSpec, tuple[Variant, ...], Pixels], dict[Variant, bytes]]


def _frozen_once(
    model: Any, image: ImageSpec, variants: tuple[Variant, ...], calibration: Pixels
) -> dict[Variant, bytes]:
    frozen = convert.freeze(model, image)
    return {variant: convert.convert(frozen, variant, calibration, image) for variant in variants}


def _from_keras_model(
    model: Any, image: ImageSpec, variants: tuple[Variant, ...], calibration: Pixels
) -> dict[Variant, bytes]:
    import tensorflow as tf

    def one(variant: Variant) -> bytes:
        converter = tf.lite.TFLiteConverter.from_keras_model(model)
        converter._experimental_disable_per_channel_quantization_for_dense_layers = True
        if variant is not Variant.FP32:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if variant is Variant.FP16:
            converter.target_spec.supported_types = [tf.float16]
        if variant is Variant.INT8:
            converter.representative_dataset = lambda: convert.model_inputs(calibration, image)
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            converter.inference_input_type = converter.inference_output_type = tf.uint8
        return bytes(converter.convert())

    return {variant: one(variant) for variant in variants}


WAYS: dict[str, Way] = {"ours": _frozen_once, "theirs": _from_keras_model}


def _calibrating(way: Way, model: Any, image: ImageSpec, calibration: Pixels) -> float:
    """Seconds of calibrating on all samples: int8 with all of them against int8 with a few."""
    times = []
    for samples in (calibration, calibration[:FEW]):
        started = time.perf_counter()
        way(model, image, (Variant.INT8,), samples)
        times.append(time.perf_counter() - started)
    return (times[0] - times[1]) * len(calibration) / (len(calibration) - FEW)
