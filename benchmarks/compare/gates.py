"""Whether the rows of a comparison keep the limits of `benchmarks/gates.toml`, judged by their intervals.

FAIL when the whole interval lies beyond the limit; an interval on both sides of it is INCONCLUSIVE, and so is a value
that was not measured. The file is read strictly: a misspelt name is an error, because its limit would not be applied.
"""

import dataclasses
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from msgspec.structs import replace

from benchmarks.compare.accuracy import Arrow, ArrowName, StageName
from benchmarks.compare.comparison import Comparison, Gate, Model, Row
from benchmarks.evaluation.number_format import NUMERICALLY_SAME, inputs_needed
from benchmarks.evaluation.stats import AnswerChanges, Interval, Loss, Paired, Verdict, judge_loss, worst
from benchmarks.formats import declared
from benchmarks.formats.declared import Declared, Number, Share, about
from benchmarks.formats.errors import ComparisonError
from benchmarks.formats.job import Accelerator

FILE = Path(__file__).parent.parent / "gates.toml"

TIMES = ("p90_ms", "init_ms")


@dataclass(frozen=True, slots=True)
class Threshold:
    """One kind of limit. `text` names the value, `unit` follows every number, which is multiplied by `scale`.

    `is_minimum`: the value must be at least the limit, not at most. `needs_phone`: a virtual phone has no such value.
    `needs_evaluation`: a sustained run, which evaluates no inputs, has no such value.
    """

    name: str
    text: str
    unit: str
    scale: float = 1.0
    is_minimum: bool = False
    needs_phone: bool = False
    needs_evaluation: bool = False


THRESHOLDS = {
    threshold.name: threshold
    for threshold in (
        Threshold("accuracy_drop_points", "the drop of accuracy", " points", needs_evaluation=True),
        Threshold("agreement", "agreement with Keras", " %", 100, is_minimum=True, needs_evaluation=True),
        Threshold("min_delegated", "the share of nodes on the accelerator", " %", 100, is_minimum=True),
        Threshold("p90_ms", "the 90th percentile", " ms", needs_phone=True, needs_evaluation=True),
        Threshold("init_ms", "loading the model", " ms", needs_phone=True, needs_evaluation=True),
        Threshold("memory_bytes", "memory at its peak", " MB", 1e-6, needs_phone=True),
        Threshold("size_bytes", "the model file", " MB", 1e-6),
    )
}


class GateLimits(Declared, frozen=True, forbid_unknown_fields=True):
    """A table of limits; what it does not name is limited elsewhere, or not at all."""

    accuracy_drop_points: Annotated[Number | None, about("at most, in points; see below")] = None
    agreement: Annotated[Share | None, about("at least: share of pictures answered as by Keras")] = None
    min_delegated: Annotated[
        Share | None, about("at least: share of nodes on the accelerator; judged where one was asked for")
    ] = None
    p90_ms: Annotated[Number | None, about("at most; not judged on a virtual phone")] = None
    init_ms: Annotated[Number | None, about("at most; not judged on a virtual phone")] = None
    memory_bytes: Annotated[Number | None, about("at most; not judged on a virtual phone")] = None
    size_bytes: Annotated[Number | None, about("at most: the model file")] = None


class RecipeLimits(GateLimits, frozen=True, forbid_unknown_fields=True):
    """Those of one recipe, and of its variants."""

    variant: Mapping[str, GateLimits] = {}


class Limits(Declared, frozen=True, forbid_unknown_fields=True):
    """All of `gates.toml`: for everything, by variant, and by recipe."""

    default: GateLimits = GateLimits()
    variant: Mapping[str, GateLimits] = {}
    recipe: Mapping[str, RecipeLimits] = {}

    @classmethod
    def read(cls, path: Path = FILE) -> "Limits":
        """The limits in the file at `path`; ComparisonError, one line, if it is not as docs/formats.md describes."""
        try:
            record = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ComparisonError(f"{path} cannot be read, {error.strerror}; give another with --gates") from error
        except ValueError as error:
            raise ComparisonError(f"{path} is not TOML ({' '.join(str(error).split())}); mend it") from error
        return declared.convert(record, cls, str(path), ComparisonError, "mend it")

    def of(self, model: Model) -> Mapping[str, float]:
        """The limits of a model by name: those of its recipe and variant, its recipe, its variant, then the default."""
        of_recipe = self.recipe.get(model.recipe, RecipeLimits())
        tables = (self.default, self.variant.get(model.variant), of_recipe, of_recipe.variant.get(model.variant))
        named = [(name, getattr(table, name)) for table in tables if table is not None for name in THRESHOLDS]
        return {name: limit for name, limit in named if limit is not None}


@dataclass(frozen=True, slots=True)
class JudgedValue:
    """A value of a row and its interval, None where they were not measured; `loss` where it is a value of answers."""

    value: float | None = None
    interval: Interval | None = None
    loss: Loss | None = None


def apply_gates(comparison: Comparison, limits: Limits) -> Comparison:
    """The comparison with its gates, and the verdicts of its rows and of the whole."""
    models = {model.id: model for model in comparison.models}
    virtual = {phone.id for phone in comparison.phones if phone.is_virtual}
    gates: list[Gate] = []
    rows: list[Row] = []
    for row in comparison.rows:
        model = models[row.model]
        row_gates = tuple(_gates(row, model, limits.of(model), row.phone in virtual))
        verdicts = [gate.verdict for gate in row_gates] + ([] if row.complete else [Verdict.INCONCLUSIVE])
        rows.append(replace(row, verdict=worst(verdicts)))
        gates += row_gates
    missing = [] if comparison.complete and rows else [Verdict.INCONCLUSIVE]
    verdict = worst([*(row.verdict for row in rows), *missing])
    return replace(comparison, rows=tuple(rows), gates=tuple(gates), verdict=verdict)


def _gates(row: Row, model: Model, limits: Mapping[str, float], is_virtual: bool) -> Iterator[Gate]:
    truth_known = any(stage.accuracy is not None for stage in row.stages)
    evaluates = any(stage.name is StageName.IMAGES for stage in row.stages)
    for name, limit in limits.items():
        threshold = THRESHOLDS[name]
        if (threshold.needs_phone and is_virtual) or (threshold.needs_evaluation and not evaluates):
            continue
        if name == "accuracy_drop_points" and not truth_known:
            continue  # without a truth only agreement can be judged
        if name == "min_delegated" and row.accelerator_asked == Accelerator.CPU:
            continue
        yield _gate(row, threshold, limit, _measured(row, model, name))


def _measured(row: Row, model: Model, name: str) -> JudgedValue:
    if name in ("accuracy_drop_points", "agreement"):
        on_pictures = any(stage.name is StageName.IMAGES and stage.evaluated for stage in row.stages)
        whole = next((arrow for arrow in row.arrows if arrow.name is ArrowName.WHOLE), None)
        return _of_answers(row, whole, name) if whole is not None and on_pictures else JudgedValue()
    if name in TIMES:
        times = row.latency
        if times is None or not times.comparable:
            return JudgedValue()
        if name == "p90_ms":
            return JudgedValue(times.p90_ms, times.p90_interval_ms)
        return JudgedValue(times.init_ms, times.init_interval_ms)
    values = {"size_bytes": model.size_bytes, "memory_bytes": row.peak_bytes, "min_delegated": row.delegated}
    value = values[name]
    return JudgedValue() if value is None else JudgedValue(value, Interval(value, value))


def _of_answers(row: Row, whole: Arrow, name: str) -> JudgedValue:
    first = next(stage for stage in row.stages if stage.evaluated)
    pairs = None
    if whole.lost is not None and whole.gained is not None and first.accuracy is not None:
        both = max(0, round(first.accuracy * first.evaluated) - whole.lost)
        neither = max(0, whole.inputs - both - whole.lost - whole.gained)
        pairs = Paired(both, whole.lost, whole.gained, neither)
    agreeing = round(whole.agreement * whole.inputs)
    changes = AnswerChanges(whole.inputs, agreeing, pairs, whole.numerically_same)
    if name == "agreement":
        return JudgedValue(whole.agreement, whole.agreement_interval, changes.agreement_loss)
    if whole.delta_points is None or whole.delta_interval is None or changes.accuracy_loss is None:
        return JudgedValue()
    drop, interval = 0 - whole.delta_points, Interval(0 - whole.delta_interval.high, 0 - whole.delta_interval.low)
    return JudgedValue(drop, interval, dataclasses.replace(changes.accuracy_loss, points=drop, interval=interval))


def _gate(row: Row, threshold: Threshold, limit: float, measured: JudgedValue) -> Gate:
    needed, allowed_loss = None, 100 * (1 - limit) if threshold.is_minimum else limit
    if measured.loss is not None:
        verdict, needed = measured.loss.verdict(allowed_loss), measured.loss.inputs_to_decide(allowed_loss)
    elif measured.interval is not None:
        verdict = judge_loss(_as_loss(measured.interval, threshold), -limit if threshold.is_minimum else limit)
    else:
        verdict = Verdict.INCONCLUSIVE
    in_front = " with the app in front" if threshold.name in TIMES and row.latency is not None else ""
    message = _message(threshold, limit, measured.value, measured.interval, f"was not measured{in_front}")
    if measured.loss is not None and measured.loss.is_open(allowed_loss):
        message += f"; {NUMERICALLY_SAME if verdict is Verdict.PASS else inputs_needed(needed)}"
    return Gate(row.id, threshold.name, measured.value, limit, measured.interval, verdict, message, needed)


def _as_loss(interval: Interval, threshold: Threshold) -> Interval:
    """The interval with its sign so that more is worse."""
    return Interval(-interval.high, -interval.low) if threshold.is_minimum else interval


def _message(
    threshold: Threshold, limit: float, value: float | None, interval: Interval | None, unmeasured: str
) -> str:
    def number(value: float) -> str:
        return f"{value * threshold.scale:.4g}"

    allowed = f"{'at least' if threshold.is_minimum else 'at most'} {number(limit)}{threshold.unit} is allowed"
    if value is None:
        return f"{threshold.text} {unmeasured}; {allowed}"
    if interval is None:
        between = ", without an interval: run more --rounds"
    elif interval.low == interval.high:
        between = ""
    else:
        between = f", 95 % interval {number(interval.low)} to {number(interval.high)}"
    return f"{threshold.text} is {number(value)}{threshold.unit}{between}; {allowed}"
