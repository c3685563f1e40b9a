"""Whether a variant may ship: it runs, the app's runtime knows its operators, and it still answers as Keras does."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from benchmarks.evaluation.desktop import Probabilities
from benchmarks.evaluation.stats import Interval, Verdict, judge_loss, paired, paired_difference, wilson
from export.errors import ParityError, VariantError
from export.output.store import Record
from export.recipe import Tolerance, Variant
from metadata.check import check
from metadata.finding import Severity
from metadata.reader import PackedModel
from metadata.runtimes import Runtime

# int8 stores a byte a parameter; batch normalisation is folded into the layers before it and leaves none.
LEAST_BYTES_A_PARAMETER = 0.9


@dataclass(frozen=True, slots=True)
class Difference:
    """How answers compare with Keras's to the same inputs.

    `delta_points` is their top-1 accuracy minus Keras's, in percentage points, with its paired 95 % interval. It and
    the accuracies are None where the truth is not known.
    """

    inputs: int
    keras_accuracy: float | None
    accuracy: float | None
    delta_points: float | None
    delta_interval: Interval | None
    agreement: float
    agreement_interval: Interval
    max_probability_difference: float

    @classmethod
    def of(cls, keras: Probabilities, answers: Probabilities, truth: tuple[int | None, ...]) -> "Difference":
        """Both (N, labels), to the inputs that `truth` is about."""
        count = len(keras)
        ours, theirs = answers.argmax(axis=1), keras.argmax(axis=1)
        agreeing = int((ours == theirs).sum())
        accuracy = keras_accuracy = delta = interval = None
        if None not in truth:
            pairs = paired(theirs == np.array(truth), ours == np.array(truth))
            keras_accuracy, accuracy = (pairs.both + pairs.first) / count, (pairs.both + pairs.second) / count
            gain = paired_difference(pairs)
            delta, interval = pairs.difference * 100, _points(gain.low, gain.high)
        return Difference(
            inputs=count,
            keras_accuracy=keras_accuracy,
            accuracy=accuracy,
            delta_points=delta,
            delta_interval=interval,
            agreement=agreeing / count,
            agreement_interval=wilson(agreeing, count),
            max_probability_difference=float(np.abs(answers - keras).max()),
        )

    @property
    def loss(self) -> Interval:
        """What was lost, in points: of accuracy where the truth is known, else the share whose top-1 differs."""
        if self.delta_interval is not None:
            return Interval(-self.delta_interval.high, -self.delta_interval.low)
        return _points(1 - self.agreement_interval.high, 1 - self.agreement_interval.low)

    def to_json(self) -> dict[str, Any]:
        """As the manifest holds it; intervals as [low, high]."""
        record = asdict(self)
        for name, value in record.items():
            if isinstance(value, dict):
                record[name] = [round(value["low"], 6), round(value["high"], 6)]
            elif isinstance(value, float):
                record[name] = float(f"{value:.6g}")
        return record


@dataclass(frozen=True, slots=True)
class Parity(Difference):
    """How a variant's answers compare, and whether that may be: `limit_points` is what may be lost."""

    limit_points: float
    verdict: Verdict


def admit(name: str, packed: PackedModel, runtime: Runtime, parameters: int) -> None:
    """Raise VariantError, with every reason, unless the model is whole, sound, and runs in the app's runtime."""
    weights = packed.file.weights_bytes
    if weights < parameters * LEAST_BYTES_A_PARAMETER:
        raise VariantError(f"{name} must not ship: {parameters:,} parameters cannot be in {weights:,} bytes of weights")
    errors = [finding for finding in check(packed, runtime) if finding.severity is Severity.ERROR]
    if errors:
        reasons = "; ".join(f"{finding.id}: {finding.summary} ({finding.remedy})" for finding in errors)
        raise VariantError(f"{name} must not ship: {reasons}")


def compare(
    keras: Probabilities, variant: Probabilities, truth: tuple[int | None, ...], tolerance: Tolerance
) -> Parity:
    """The parity of `variant` with `keras`, both (N, labels), against what the recipe may lose."""
    found = Difference.of(keras, variant, truth)
    limit = tolerance.agreement if found.delta_interval is None else tolerance.accuracy
    measured = {field.name: getattr(found, field.name) for field in fields(found)}
    return Parity(**measured, limit_points=limit, verdict=judge_loss(found.loss, limit))


def _points(low: float, high: float) -> Interval:
    return Interval(low * 100, high * 100)


def require(recipe: str, parities: Mapping[Variant, Record], tried: Sequence[Record] = ()) -> None:
    """Raise ParityError, with the numbers, when a variant surely loses more than its recipe allows.

    `tried` is int8 and what was tried for it, where nothing helped.
    """
    failed = [
        f"{variant}: {describe(parity)}" for variant, parity in parities.items() if parity["verdict"] == Verdict.FAIL
    ]
    failed += [f"{one['remedy']}: {one['refused'] or describe(one['parity'])}" for one in tried]
    if failed:
        raise ParityError(
            f"{recipe} loses too much: {'; '.join(failed)}. "
            "Do: check that mean, std and labels fit the model, or leave the variant out with --variants"
        )


def describe(parity: Record) -> str:
    """One parity in words: what was lost on how many inputs, how sure that is, what was allowed."""
    if parity["delta_points"] is not None:
        low, high = parity["delta_interval"]
        lost = f"accuracy {parity['delta_points']:+.2f} points (95 %: {low:+.2f} to {high:+.2f})"
    else:
        low, high = parity["agreement_interval"]
        lost = f"agreement with Keras {parity['agreement']:.1%} (95 %: {low:.1%} to {high:.1%})"
    return f"{lost} on {parity['inputs']} inputs, {parity['limit_points']:g} points may be lost"


def default_variant(variants: Mapping[str, Record]) -> str:
    """The smallest variant that is surely within its tolerance; the largest, nearest to Keras, where none is.

    int16x8 only where no other is: XNNPACK has no 16-bit kernels, and EfficientNet-Lite0 took 33 times as long as fp32.
    """
    within = [name for name, record in variants.items() if record["parity"]["verdict"] == Verdict.PASS]
    within = [name for name in within if name != Variant.INT16X8] or within
    size = {name: int(record["bytes"]) for name, record in variants.items()}
    return min(within, key=size.__getitem__) if within else max(size, key=size.__getitem__)
