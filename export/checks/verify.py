"""Checks of a variant: it is complete, the app's runtime has its operators, and it answers as Keras does."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from benchmarks.evaluation.desktop import ModelRunner, Probabilities
from benchmarks.evaluation.stats import Interval, Verdict, judge_loss, paired, paired_difference, wilson
from benchmarks.formats.variant_record import ParityRecord, RemedyRecord, VariantRecord
from export.errors import ParityError, VariantError
from export.recipe import OriginalAnswers, Tolerance, Variant
from metadata.check import check
from metadata.check_graph import graph_findings
from metadata.finding import Finding, Severity
from metadata.reader import PackedModel
from metadata.runtimes import Runtime

# int8 stores one byte for each parameter, and the parameters of batch normalisation are merged into other layers.
LEAST_BYTES_PER_PARAMETER = 0.9


@dataclass(frozen=True, slots=True)
class Difference:
    """How a model's answers differ from Keras's on the same inputs.

    `delta_points` is their top-1 accuracy minus Keras's, in percentage points, with its paired 95 % interval. It and
    the accuracies are None where the inputs have no labels.
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
        """From the probabilities of both, (N, labels), and the N true labels."""
        count = len(keras)
        answers_top, keras_top = answers.argmax(axis=1), keras.argmax(axis=1)
        agreeing = int((answers_top == keras_top).sum())
        accuracy = keras_accuracy = delta = interval = None
        if None not in truth:
            pairs = paired(keras_top == np.array(truth), answers_top == np.array(truth))
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
        """The loss in percentage points: of accuracy where labels are known, else of inputs with an equal top-1."""
        if self.delta_interval is not None:
            return Interval(-self.delta_interval.high, -self.delta_interval.low)
        return _points(1 - self.agreement_interval.high, 1 - self.agreement_interval.low)

    def rounded(self) -> dict[str, Any]:
        """The fields as the manifest's records have them: six digits, intervals as (low, high)."""
        return {field.name: _rounded(getattr(self, field.name)) for field in fields(self)}


def _rounded(value: Any) -> Any:
    match value:
        case Interval():
            return round(value.low, 6), round(value.high, 6)
        case float():
            return float(f"{value:.6g}")
    return value


def admit(name: str, packed: PackedModel, runtime: Runtime, parameters: int) -> None:
    """Raise VariantError, with every reason, unless the model has all weights and loads in the app's runtime."""
    weights = packed.file.weights_bytes
    if weights < parameters * LEAST_BYTES_PER_PARAMETER:
        raise VariantError(f"{name} must not ship: {parameters:,} parameters cannot be in {weights:,} bytes of weights")
    _refuse(name, check(packed, runtime))


def require_computable(name: str, packed: PackedModel, runtime: Runtime) -> None:
    """Raise VariantError, with every reason, when the app's runtime cannot load or compute the graph."""
    _refuse(name, graph_findings(packed.file, runtime))


def _refuse(name: str, findings: Iterable[Finding]) -> None:
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        reasons = "; ".join(f"{finding.id}: {finding.summary} ({finding.remedy})" for finding in errors)
        raise VariantError(f"{name} must not ship: {reasons}")


def require_original(original: OriginalAnswers, runner: ModelRunner) -> None:
    """Raise ParityError where `runner` answers otherwise than the user's file does in its own framework."""
    difference = float(np.abs(runner.run(original.levels) - original.probabilities).max())
    if not difference <= original.limit:  # in this form the condition refuses NaN too
        raise ParityError(
            f"the converted model must not ship: a probability differs by {difference:.2g} from {original.name} on the "
            f"same {len(original.levels)} pictures, and {original.limit:.2g} is allowed; save it as a SavedModel where "
            "it was made, and give that folder"
        )


def compare(
    keras: Probabilities, variant: Probabilities, truth: tuple[int | None, ...], tolerance: Tolerance
) -> ParityRecord:
    """The parity of `variant` with `keras`, both (N, labels), judged by the recipe's `tolerance`."""
    difference = Difference.of(keras, variant, truth)
    limit = tolerance.agreement if difference.delta_interval is None else tolerance.accuracy
    return ParityRecord(**difference.rounded(), limit_points=limit, verdict=judge_loss(difference.loss, limit))


def _points(low: float, high: float) -> Interval:
    return Interval(low * 100, high * 100)


def require(recipe: str, parities: Mapping[Variant, ParityRecord], tried: Sequence[RemedyRecord] = ()) -> None:
    """Raise ParityError, with the numbers, when a variant certainly loses more than its recipe allows.

    `tried` holds the records of int8 and its remedies, where no remedy helped.
    """
    failed = [f"{name}: {describe(parity)}" for name, parity in parities.items() if parity.verdict == Verdict.FAIL]
    failed += [f"{one.remedy}: {one.refused if one.parity is None else describe(one.parity)}" for one in tried]
    if failed:
        raise ParityError(
            f"{recipe} loses too much: {'; '.join(failed)}. "
            "Do: check that mean, std and labels fit the model, or leave the variant out with --variants"
        )


def describe(parity: ParityRecord) -> str:
    """A parity in words: the loss, its interval, the number of inputs, and the limit."""
    if parity.delta_points is not None and parity.delta_interval is not None:
        low, high = parity.delta_interval
        lost = f"accuracy {parity.delta_points:+.2f} points (95 %: {low:+.2f} to {high:+.2f})"
    else:
        low, high = parity.agreement_interval
        lost = f"agreement with Keras {parity.agreement:.1%} (95 %: {low:.1%} to {high:.1%})"
    return f"{lost} on {parity.inputs} inputs, {parity.limit_points:g} points may be lost"


def default_variant(variants: Mapping[str, VariantRecord]) -> str:
    """The smallest variant that is certainly within its tolerance; where none is, the largest, nearest to Keras.

    int16x8 only where no other is: XNNPACK has no 16-bit kernels, and EfficientNet-Lite0 took 33 times as long as fp32.
    """
    within = [name for name, record in variants.items() if record.verdict == Verdict.PASS]
    within = [name for name in within if name != Variant.INT16X8] or within
    size = {name: record.size_bytes for name, record in variants.items()}
    return min(within, key=size.__getitem__) if within else max(size, key=size.__getitem__)
