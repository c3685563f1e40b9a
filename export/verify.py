"""Whether a variant may ship: it runs, the app's runtime knows its operators, and it still answers as Keras does."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.desktop import Probabilities
from benchmarks.stats import Interval, Paired, Verdict, judge_loss, paired_difference, wilson
from export.errors import ParityError, VariantError
from export.recipe import Tolerance, Variant
from export.table import describe
from metadata.check import check
from metadata.finding import Severity
from metadata.reader import PackedModel
from metadata.runtimes import Runtime

# int8 stores a byte a parameter; batch normalisation is folded into the layers before it and leaves none.
LEAST_BYTES_A_PARAMETER = 0.9


@dataclass(frozen=True, slots=True)
class Parity:
    """How a variant's answers compare with Keras's on the same inputs.

    `delta_points` is the variant's top-1 accuracy minus Keras's, in percentage points, with its paired 95 % interval.
    It and the accuracies are None where the truth is not known; then the verdict is on the share of inputs whose top-1
    differs. `limit_points` is what may be lost.
    """

    inputs: int
    keras_accuracy: float | None
    accuracy: float | None
    delta_points: float | None
    delta_interval: Interval | None
    agreement: float
    agreement_interval: Interval
    max_probability_difference: float
    limit_points: float
    verdict: Verdict

    def to_json(self) -> dict[str, Any]:
        """As the manifest holds it; intervals as [low, high]."""
        record = asdict(self)
        for name, value in record.items():
            if isinstance(value, dict):
                record[name] = [round(value["low"], 6), round(value["high"], 6)]
            elif isinstance(value, float):
                record[name] = float(f"{value:.6g}")
        return record


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
    count = len(keras)
    ours, theirs = variant.argmax(axis=1), keras.argmax(axis=1)
    agreeing = int((ours == theirs).sum())
    agreement = wilson(agreeing, count)
    accuracy = keras_accuracy = delta = interval = None
    loss, limit = _points(1 - agreement.high, 1 - agreement.low), tolerance.agreement
    if None not in truth:
        pairs = _paired(theirs == np.array(truth), ours == np.array(truth))
        keras_accuracy, accuracy = (pairs.both + pairs.first) / count, (pairs.both + pairs.second) / count
        gain = paired_difference(pairs)
        delta, interval = pairs.difference * 100, _points(gain.low, gain.high)
        loss, limit = _points(-gain.high, -gain.low), tolerance.accuracy
    return Parity(
        inputs=count,
        keras_accuracy=keras_accuracy,
        accuracy=accuracy,
        delta_points=delta,
        delta_interval=interval,
        agreement=agreeing / count,
        agreement_interval=agreement,
        max_probability_difference=float(np.abs(variant - keras).max()),
        limit_points=limit,
        verdict=judge_loss(loss, limit),
    )


def _points(low: float, high: float) -> Interval:
    return Interval(low * 100, high * 100)


def _paired(first: npt.NDArray[np.bool_], second: npt.NDArray[np.bool_]) -> Paired:
    return Paired(
        both=int((first & second).sum()),
        first=int((first & ~second).sum()),
        second=int((~first & second).sum()),
        neither=int((~first & ~second).sum()),
    )


def require(recipe: str, parities: Mapping[Variant, Parity]) -> None:
    """Raise ParityError, with the numbers, when a variant surely loses more than its recipe allows."""
    failed = [
        f"{variant}: {describe(parity.to_json())}"
        for variant, parity in parities.items()
        if parity.verdict is Verdict.FAIL
    ]
    if failed:
        raise ParityError(
            f"{recipe} loses too much: {'; '.join(failed)}. "
            "Do: check that mean, std and labels fit the model, or leave the variant out with --variants"
        )
