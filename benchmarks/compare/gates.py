"""Whether the rows of a comparison keep the limits of `benchmarks/gates.toml`, judged by their intervals.

FAIL when the whole interval lies beyond the limit; an interval on both sides of it is INCONCLUSIVE, and so is a value
that was not measured. The file is read strictly: a misspelt name is an error, because its limit would not be applied.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from msgspec.structs import replace

from benchmarks.compare.accuracy import Arrow, ArrowName, StageName
from benchmarks.compare.comparison import Comparison, Gate, Model, Row
from benchmarks.evaluation.stats import Interval, Verdict, judge_loss, worst
from benchmarks.formats import declared
from benchmarks.formats.declared import Declared, Number, Share, about
from benchmarks.formats.errors import ComparisonError

FILE = Path(__file__).parent.parent / "gates.toml"

Measured = tuple[float | None, Interval | None]
NOT_MEASURED: Measured = (None, None)
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
        yield _gate(row, threshold, limit, *_measured(row, model, name))


def _measured(row: Row, model: Model, name: str) -> Measured:
    """The value and its interval, None where they were not measured."""
    if name in ("accuracy_drop_points", "agreement"):
        on_pictures = any(stage.name is StageName.IMAGES and stage.evaluated for stage in row.stages)
        whole = next((arrow for arrow in row.arrows if arrow.name is ArrowName.WHOLE), None)
        return _of_answers(whole, name) if whole is not None and on_pictures else NOT_MEASURED
    if name in TIMES:
        times = row.latency
        if times is None or not times.comparable:
            return NOT_MEASURED
        return (times.p90_ms, times.p90_interval_ms) if name == "p90_ms" else (times.init_ms, times.init_interval_ms)
    value = model.size_bytes if name == "size_bytes" else row.peak_bytes
    return NOT_MEASURED if value is None else (value, Interval(value, value))


def _of_answers(whole: Arrow, name: str) -> Measured:
    if name == "agreement":
        return whole.agreement, whole.agreement_interval
    if whole.delta_points is None or whole.delta_interval is None:
        return NOT_MEASURED
    return 0 - whole.delta_points, Interval(0 - whole.delta_interval.high, 0 - whole.delta_interval.low)


def _gate(row: Row, threshold: Threshold, limit: float, value: float | None, interval: Interval | None) -> Gate:
    sign = -1 if threshold.is_minimum else 1
    ends = None if interval is None else sorted((sign * interval.low, sign * interval.high))
    verdict = Verdict.INCONCLUSIVE if ends is None else judge_loss(Interval(*ends), sign * limit)
    in_front = " with the app in front" if threshold.name in TIMES and row.latency is not None else ""
    message = _message(threshold, limit, value, interval, f"was not measured{in_front}")
    return Gate(row.id, threshold.name, value, limit, interval, verdict, message)


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
