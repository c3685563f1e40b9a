"""Sample comparisons of any size, from a seed: every field is filled in as by a real run, also with hostile texts.

Numbers are consistent as far as a reader of a report can see: counts add up, intervals contain their values.
"""

import base64
import hashlib
import io

import numpy as np
from msgspec.structs import replace
from PIL import Image

from benchmarks.compare.accuracy import Answer, Arrow, ArrowName, Confusion, Differing, Stage, StageName
from benchmarks.compare.comparison import Cause, ComparedPhone, Comparison, Gate, Model, Row
from benchmarks.evaluation.stats import Interval, Verdict, paired_difference, wilson
from benchmarks.evaluation.stats import Paired as Pairs
from tests.benchmarks import sample_layers
from tests.benchmarks.comparison_times import change, latency, ratio, sustained

VARIANTS = ("fp32", "fp16", "dynamic", "int8")
HOSTILE = ('=HYPERLINK("http://x")', "<script>alert(1)</script>", "+1", "-2", "@SUM(A1)", "a|b\u202ec", "{{7*7}}")
ARROWS = {
    ArrowName.CONVERSION: (StageName.KERAS, StageName.TFLITE),
    ArrowName.RUNTIME: (StageName.TFLITE, StageName.TENSORS),
    ArrowName.PREPROCESSING: (StageName.TENSORS, StageName.IMAGES),
    ArrowName.WHOLE: (StageName.KERAS, StageName.IMAGES),
}
GATES = {"accuracy_drop": (0.3, 1.0), "agreement": (0.985, 0.97), "p90": (12.0, 40.0), "size": (9.3e6, 2e7)}


def comparison(
    models: int = 2,
    phones: int = 2,
    inputs: int = 1000,
    labels: int = 10,
    *,
    variants: tuple[str, ...] = VARIANTS,
    virtual: bool = False,
    truth_known: bool = True,
    hostile: bool = False,
    seed: int = 0,
) -> Comparison:
    """One run of `models` recipes in `variants` on `phones`. A `virtual` one has no times; `hostile` texts are in
    labels, inputs and titles. The first row fails a gate and has causes and layers; the last row is not complete.
    """
    make = _Maker(np.random.default_rng(seed), inputs, _labels(labels, hostile), virtual, truth_known)
    there = tuple(_phone(number, virtual, hostile) for number in range(phones))
    files = tuple(_model(f"recipe{number}", variant) for number in range(models) for variant in variants)
    rows = tuple(make.row(phone, model) for phone in there for model in files)
    rows = (make.failing(rows[0]), *rows[1:-1], make.unfinished(rows[-1])) if len(rows) > 1 else rows
    return Comparison(
        runs=("20250131-094500",),
        created_at="2025-01-31T10:15:00+00:00",
        kit_version="0.1.0",
        tools={"python": "3.11.9", "numpy": "2.1.3", "tensorflow": "2.19.1"},
        complete=len(rows) == 1,
        verdict=Verdict.FAIL if len(rows) > 1 else Verdict.PASS,
        phones=there,
        models=files,
        rows=rows,
        ratios=() if virtual else tuple(ratio(row, rows) for row in rows if not row.model.endswith("fp32")),
        sustained=() if virtual else (sustained(make.random, rows[0]),),
        baseline="20250130-101112",
        changes=tuple(change(row, inputs, truth_known, virtual) for row in rows),
        gates=tuple(gate for number, row in enumerate(rows) for gate in make.gates(row, failing=number == 0)),
        remarks=("phone Pixel 6 · 3f2a9c took no part: LOW-BATTERY", *(HOSTILE if hostile else ())),
        pictures=make.pictures,
    )


def _labels(count: int, hostile: bool) -> tuple[str, ...]:
    odd = HOSTILE if hostile else ()
    return tuple(odd[index] if index < len(odd) else f"label {index}" for index in range(count))


def _phone(number: int, virtual: bool, hostile: bool) -> ComparedPhone:
    name = "Virtual phone" if virtual else f"Pixel {number + 5}"
    hashed = hashlib.sha256(name.encode()).hexdigest()[:12]
    return ComparedPhone(
        id=f"{name.replace(' ', '-').lower()}-{number}-{hashed[:6]}",
        title=HOSTILE[1] if hostile else f"{name} · {hashed[:6]}",
        serial_hash=hashed,
        is_virtual=virtual,
        android="14",
        sdk=34,
        soc="Tensor G2",
        abi="arm64-v8a",
        allowed=("LOW-BATTERY",) if number else (),
        notes=("STATE-UNKNOWN: it does not say how warm it is",) if number else (),
        failures=(f"recipe0-fp16-images-evaluate-0: phone {hashed[:6]} saw the app crash",) if number else (),
    )


def _model(recipe: str, variant: str) -> Model:
    sha256 = hashlib.sha256(f"{recipe}{variant}".encode()).hexdigest()
    size_bytes = {"fp32": 18_600_000, "fp16": 9_300_000}.get(variant, 5_400_000)
    inputs = hashlib.sha256(recipe.encode()).hexdigest()
    return Model(f"{recipe}_{variant}", recipe, variant, sha256, size_bytes, f"{recipe}'s test set", inputs)


class _Maker:
    """Makes rows from one random generator, and collects their pictures."""

    def __init__(
        self, random: np.random.Generator, inputs: int, labels: tuple[str, ...], virtual: bool, truth_known: bool
    ) -> None:
        self.random, self._inputs, self._labels = random, inputs, labels
        self._virtual, self._known = virtual, truth_known
        self.pictures: dict[str, str] = {}

    def row(self, phone: ComparedPhone, model: Model) -> Row:
        lost = {"fp32": 0, "fp16": self._inputs // 500, "dynamic": self._inputs // 100}.get(
            model.variant, self._inputs // 60
        )
        gained = lost // 3
        right = self._inputs * 9 // 10
        stages = (
            self._stage(StageName.KERAS, right, 0),
            self._stage(StageName.TFLITE, right - lost + gained, lost + gained),
            self._stage(StageName.TENSORS, right - lost + gained, lost + gained),
            self._stage(StageName.IMAGES, right - 2 * (lost - gained), 2 * lost),
        )
        costs = {ArrowName.RUNTIME: (0, 0), ArrowName.WHOLE: (2 * lost, 2 * gained)}
        arrows = tuple(self._arrow(name, right, *costs.get(name, (lost, gained))) for name in ARROWS)
        return Row(
            id=f"{phone.id}/{model.id}",
            run="20250131-094500",
            model=model.id,
            phone=phone.id,
            runner="desktop" if self._virtual else "android",
            runtime="tensorflow-lite 2.16.1",
            abi=phone.abi,
            accelerator_asked="cpu",
            accelerator_obtained="cpu",
            delegated_nodes=0,
            total_nodes=64,
            threads=4,
            complete=True,
            verdict=Verdict.PASS,
            stages=stages,
            arrows=arrows,
            flips=2 * lost,
            differing=tuple(self._differing(number, model) for number in range(min(8, 2 * lost))),
            confusions=tuple(self._confusion(name) for name in (StageName.KERAS, StageName.IMAGES) if self._known),
            latency=None if self._virtual else latency(self.random, model.variant),
            peak_bytes=None if self._virtual else 88_000_000,
            causes=(),
            layers=(),
            remarks=(),
        )

    def failing(self, row: Row) -> Row:
        cause = Cause(
            id="WRONG-MEAN",
            arrow=ArrowName.PREPROCESSING,
            summary="the phone subtracts another mean than the model says",
            evidence="with mean 0 the desktop gives 97 of the 100 answers that differ",
            remedy="export the model with the mean that it was trained with",
            score=0.97,
        )
        other = Cause("INT8-RANGE", ArrowName.CONVERSION, "calibrated too narrowly", "3 % saturated", "calibrate", 0.2)
        layers, probed = sample_layers.against_float(self.random), sample_layers.layers(names=self._labels)
        return replace(row, verdict=Verdict.FAIL, causes=(cause, other), layers=layers, probed=probed)

    def unfinished(self, row: Row) -> Row:
        empty = Stage(StageName.IMAGES, 0, self._inputs, None, None, None, None)
        return replace(
            row,
            complete=False,
            verdict=Verdict.INCONCLUSIVE,
            stages=(*row.stages[:-1], empty),
            arrows=row.arrows[:2],
            latency=None,
            peak_bytes=None,
            remarks=("no result of images: phone went away",),
        )

    def _stage(self, name: StageName, right: int, differing: int) -> Stage:
        return Stage(
            name=name,
            evaluated=self._inputs,
            expected=self._inputs,
            accuracy=right / self._inputs if self._known else None,
            accuracy_interval=wilson(right, self._inputs) if self._known else None,
            agreement=1 - differing / self._inputs,
            calibration_error=0.021 if self._known else None,
        )

    def _arrow(self, name: ArrowName, right: int, lost: int, gained: int) -> Arrow:
        count = self._inputs
        pairs = Pairs(both=right - lost, first=lost, second=gained, neither=count - right - gained)
        gain = paired_difference(pairs)
        return Arrow(
            name=name,
            inputs=count,
            lost=lost if self._known else None,
            gained=gained if self._known else None,
            delta_points=100 * pairs.difference if self._known else None,
            delta_interval=Interval(100 * gain.low, 100 * gain.high) if self._known else None,
            mcnemar_p=0.02 if self._known else None,
            agreement=1 - (lost + gained) / count,
            agreement_interval=wilson(count - lost - gained, count),
            max_difference=0.4 if lost else 1e-6,
            mean_difference=0.004 if lost else 1e-8,
            rms_difference=0.01 if lost else 1e-7,
            kl_divergence=0.006 if lost else 1e-9,
        )

    def _differing(self, number: int, model: Model) -> Differing:
        before, after = self.random.choice(len(self._labels), 2, replace=len(self._labels) < 2)
        key = f"{model.inputs_sha256[:12]}-{number}"
        self.pictures.setdefault(key, self._picture())
        return Differing(
            input=HOSTILE[number % len(HOSTILE)] if self._labels[0] == HOSTILE[0] else f"photo-{number}.jpg",
            truth=self._labels[before] if self._known else None,
            arrow=(ArrowName.CONVERSION, ArrowName.PREPROCESSING)[number % 2],
            before=Answer(self._labels[before], float(self.random.uniform(0.4, 1))),
            after=Answer(self._labels[after], float(self.random.uniform(0.3, 0.9))),
            divergence=float(3 / (number + 1)),
            picture=key,
        )

    def _picture(self) -> str:
        levels = self.random.integers(0, 256, (6, 6, 3), np.uint8)
        file = io.BytesIO()
        Image.fromarray(levels).resize((96, 96), Image.Resampling.BICUBIC).quantize(64).save(file, "PNG")
        return base64.b64encode(file.getvalue()).decode()

    def _confusion(self, stage: StageName) -> Confusion:
        shown = self._labels if len(self._labels) <= 50 else self._labels[:20]
        counts = self.random.poisson(self._inputs / 400, (len(shown), len(shown))) + np.diag(
            [self._inputs // len(self._labels)] * len(shown)
        )
        others = max(0, self._inputs - int(counts.sum()))
        return Confusion(stage, shown, tuple(tuple(int(one) for one in line) for line in counts), others)

    def gates(self, row: Row, failing: bool) -> tuple[Gate, ...]:
        made = []
        for name, (value, limit) in GATES.items():
            bad = failing and name == "accuracy_drop"
            shown = 3.0 if bad else value
            verdict = Verdict.FAIL if bad else Verdict.PASS
            words = (
                f"{name} is {shown:g}, beyond its limit {limit:g}" if bad else f"{name} is {shown:g}, limit {limit:g}"
            )
            made.append(Gate(row.id, name, shown, limit, Interval(shown * 0.95, shown * 1.05), verdict, words))
        return tuple(made)
