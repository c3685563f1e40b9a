"""What became of a comparison's rows since an older one. Values in, values out; what differs besides is said."""

from collections.abc import Iterator
from dataclasses import replace

from benchmarks.compare.change import Change
from benchmarks.compare.compare import Compared, TopAnswers
from benchmarks.compare.comparison import Comparison, Model, Row
from benchmarks.compare.latency import Latency
from benchmarks.evaluation.stats import (
    Interval,
    judge_ratio,
    mcnemar,
    paired,
    paired_difference,
    welch_interval,
    wilson,
)

MARGIN = 0.05
"""Two runs are two days: what the phone was like on each is in no interval."""

Key = tuple[str, str, str, str, int]


def changed(new: Compared, old: Compared, name: str) -> Comparison:
    """The comparison of `new` with its changes since `old`, which is called `name`; what has no partner is a remark."""
    before = {_key(old.comparison, row): row for row in old.comparison.rows}
    changes, alone = [], []
    for row in new.comparison.rows:
        older = before.get(_key(new.comparison, row))
        if older is None:
            alone.append(row.id)
        else:
            changes.append(_change(new, old, row, older))
    remarks = tuple(_without_partner(new.comparison, old.comparison, alone, name))
    return replace(new.comparison, baseline=name, changes=tuple(changes), remarks=(*new.comparison.remarks, *remarks))


def _key(comparison: Comparison, row: Row) -> Key:
    """What a row and its partner have to share."""
    phone = next(one.serial_hash for one in comparison.phones if one.id == row.phone)
    model = _model(comparison, row)
    return phone, model.recipe, model.variant, row.accelerator_obtained, row.threads


def _model(comparison: Comparison, row: Row) -> Model:
    return next(one for one in comparison.models if one.id == row.model)


def _without_partner(new: Comparison, old: Comparison, alone: list[str], name: str) -> Iterator[str]:
    there, before = ({one.serial_hash: one.title for one in each.phones} for each in (new, old))
    if there and before and not there.keys() & before.keys():
        titles = " and ".join(", ".join(each.values()) for each in (there, before))
        yield f"not compared with {name}: they are of different phones, {titles}"
    elif alone:
        yield f"{name} has no row of the same model, phone, accelerator and threads as {', '.join(alone)}"


def _change(new: Compared, old: Compared, row: Row, older: Row) -> Change:
    now, before = _model(new.comparison, row), _model(old.comparison, older)
    ratio, interval = _ratio(row.latency, older.latency)
    change = Change(
        row=row.id,
        against=older.id,
        differences=tuple(_differences(row, older, now, before)),
        inputs=None,
        lost=None,
        gained=None,
        delta_points=None,
        delta_interval=None,
        mcnemar_p=None,
        agreement=None,
        agreement_interval=None,
        ratio=ratio,
        ratio_interval=interval,
        speed=judge_ratio(interval, MARGIN),
    )
    mine, theirs = new.answers.get(row.id), old.answers.get(older.id)
    if mine is None or theirs is None or mine.inputs_sha256 != theirs.inputs_sha256:
        return change
    return _with_answers(change, mine, theirs)


def _with_answers(change: Change, mine: TopAnswers, theirs: TopAnswers) -> Change:
    """The change with what became of the answers, on the inputs that both answered."""
    count = min(len(mine.top), len(theirs.top))
    now, before = mine.top[:count], theirs.top[:count]
    alike = int((now == before).sum())
    change = replace(change, inputs=count, agreement=alike / count, agreement_interval=wilson(alike, count))
    if mine.truth is None:
        return change
    truth = mine.truth[:count]
    pairs = paired(before == truth, now == truth)
    gain = paired_difference(pairs)
    return replace(
        change,
        lost=pairs.first,
        gained=pairs.second,
        delta_points=100 * pairs.difference,
        delta_interval=Interval(100 * gain.low, 100 * gain.high),
        mcnemar_p=mcnemar(pairs),
    )


def _ratio(now: Latency | None, before: Latency | None) -> tuple[float | None, Interval | None]:
    """Newer over older; no interval where either series drifts or switches, or is worth too little."""
    if now is None or before is None:
        return None, None
    ours, theirs = ([one.median_ms for one in each.rounds] for each in (now, before))
    ratio, interval = welch_interval(ours, theirs)
    return ratio, interval if now.interval_ms is not None and before.interval_ms is not None else None


def _differences(row: Row, older: Row, now: Model, before: Model) -> Iterator[str]:
    if now.sha256 != before.sha256:
        yield f"another model file: {before.sha256[:8]} before, {now.sha256[:8]} now"
    if now.inputs_sha256 != before.inputs_sha256:
        yield f"another input set, whose answers are not compared: {before.evaluation} before, {now.evaluation} now"
    if row.runtime != older.runtime:
        yield f"another runtime: {older.runtime} before, {row.runtime} now"
    if row.abi != older.abi:
        yield f"another processor: {older.abi or 'unknown'} before, {row.abi or 'unknown'} now"
    if row.runner != older.runner:
        yield f"another runner: {older.runner} before, {row.runner} now"
