"""Checks of a variant: it is complete, the app's runtime has its operators, and it answers as Keras does."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.evaluation.desktop import ModelRunner, Probabilities
from benchmarks.evaluation.number_format import rounded_up
from benchmarks.evaluation.stats import AnswerChanges, Interval, Verdict, inputs_without_a_change
from benchmarks.formats.models_file import EvaluationRecord
from benchmarks.formats.variant_record import ParityRecord, RemedyRecord, VariantRecord
from export.errors import ParityError, VariantError
from export.recipe import OriginalAnswers, Recipe, Tolerance, Variant
from metadata.check import check
from metadata.check_graph import graph_findings
from metadata.finding import Finding, Severity
from metadata.reader import PackedModel
from metadata.runtimes import Runtime

# int8 stores one byte for each parameter, and the parameters of batch normalisation are merged into other layers.
LEAST_BYTES_PER_PARAMETER = 0.9


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
    changes = changes_between(keras, variant, truth)
    loss, limit = changes.agreement_loss, tolerance.agreement
    if changes.accuracy_loss is not None:
        loss, limit = changes.accuracy_loss, tolerance.accuracy
    return ParityRecord(
        keras_accuracy=rounded(changes.earlier_accuracy),
        **measured(changes, keras, variant),
        limit_points=limit,
        verdict=loss.verdict(limit),
        numerically_same=changes.is_same,
        inputs_to_decide=loss.inputs_to_decide(limit),
    )


def changes_between(earlier: Probabilities, later: Probabilities, truth: tuple[int | None, ...]) -> AnswerChanges:
    """Of the probabilities of two models, (N, labels), and the N true labels; the truth is not known unless all are."""
    return AnswerChanges.between(earlier, later, None if None in truth else np.array(truth, np.int64))


def measured(changes: AnswerChanges, earlier: Probabilities, later: Probabilities) -> dict[str, Any]:
    """The fields that records of two models' answers share, with six digits, and intervals as (low, high)."""
    delta = changes.delta_interval
    return {
        "inputs": changes.inputs,
        "accuracy": rounded(changes.later_accuracy),
        "delta_points": rounded(changes.delta_points),
        "delta_interval": None if delta is None else _ends(delta),
        "agreement": rounded(changes.agreement),
        "agreement_interval": _ends(changes.agreement_interval),
        "max_probability_difference": rounded(float(np.abs(later - earlier).max())),
    }


def rounded(value: float | None) -> float | None:
    """Six digits, as records hold it."""
    return None if value is None else float(f"{value:.6g}")


def _ends(interval: Interval) -> tuple[float, float]:
    return round(interval.low, 6), round(interval.high, 6)


def few_pictures(recipe: Recipe, variants: Sequence[Variant], evaluation: EvaluationRecord) -> str | None:
    """A line where the labelled pictures may be too few for a verdict, and how many would do; else None."""
    if not evaluation.labelled:
        return None
    by_limit: dict[float, list[Variant]] = {}
    for variant in variants:
        by_limit.setdefault(recipe.tolerance(variant).accuracy, []).append(variant)
    needed = {limit: inputs_without_a_change(limit) for limit in by_limit}
    few = [
        f"about {rounded_up(count)} to show that at most {limit:g} points are lost ({', '.join(by_limit[limit])})"
        for limit, count in needed.items()
        if count is not None and evaluation.inputs < count
    ]
    if not few:
        return None
    return (
        f"{evaluation.inputs} labelled pictures may be too few for a verdict: where no answer changes, it takes "
        f"{'; '.join(few)}; what is numerically the same as Keras passes with any number"
    )


def require(recipe: str, parities: Mapping[Variant, ParityRecord], tried: Sequence[RemedyRecord] = ()) -> None:
    """Raise ParityError, with the numbers, when a variant certainly loses more than its recipe allows.

    `tried` holds the records of int8 and its remedies, where no remedy helped; VariantError where none could be made.
    """
    failed = [f"{name}: {parity.in_words}" for name, parity in parities.items() if parity.verdict == Verdict.FAIL]
    attempts = [f"{one.remedy}: {one.refused if one.parity is None else one.parity.in_words}" for one in tried]
    if tried and not failed and all(one.parity is None for one in tried):
        raise VariantError(
            f"{recipe} has no int8 that runs: {'; '.join(attempts)}. Do: leave int8 out: --variants fp32,fp16,dynamic"
        )
    if failed or attempts:
        raise ParityError(
            f"{recipe} loses too much: {'; '.join(failed + attempts)}. "
            "Do: check that mean, std and labels fit the model, or leave the variant out with --variants"
        )


def default_variant(variants: Mapping[str, VariantRecord]) -> str:
    """The smallest variant that is certainly within its tolerance; where none is, the largest, nearest to Keras.

    int16x8 only where no other is: XNNPACK has no 16-bit kernels, and EfficientNet-Lite0 took 33 times as long as fp32.
    """
    within = [name for name, record in variants.items() if record.verdict == Verdict.PASS]
    within = [name for name in within if name != Variant.INT16X8] or within
    size = {name: record.size_bytes for name, record in variants.items()}
    return min(within, key=size.__getitem__) if within else max(size, key=size.__getitem__)
