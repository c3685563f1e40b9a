"""Compares the rows of a comparison with those of an older one. Values in, values out."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from benchmarks.compare.answers import TopAnswers
from benchmarks.compare.comparison import Change, Comparison, Model, Row
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
"""Wider than within one run: the interval does not hold how the phone's state differed between the two runs."""

Key = tuple[str, str, str, str, int]


def add_changes(new: Comparison, old: Comparison, name: str) -> Comparison:
    """The comparison of `new` with its changes since `old`, which is called `name`; rows without one are remarked."""
    changes, remarks = _find_changes(new, old, new.rows, name)
    return replace(new, baseline=name, changes=changes, remarks=(*new.remarks, *remarks))


def add_baseline_changes(new: Comparison, baselines: Sequence[Comparison], name: str) -> Comparison:
    """The comparison of `new` with the changes of each row since the saved baseline of its phone, if there is one."""
    for old in baselines:
        hashes = {phone.serial_hash for phone in old.phones}
        phones = {phone.id for phone in new.phones if phone.serial_hash in hashes}
        changes, remarks = _find_changes(new, old, [row for row in new.rows if row.phone in phones], name)
        new = replace(new, baseline=name, changes=(*new.changes, *changes), remarks=(*new.remarks, *remarks))
    return new


def _find_changes(
    new: Comparison, old: Comparison, rows: Sequence[Row], name: str
) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """The changes of `rows` since `old`, and a remark about the rows that are not in `old`."""
    older = {_key(old, row): row for row in old.rows}
    pairs = [(row, older.get(_key(new, row))) for row in rows]
    alone = [row.id for row, before in pairs if before is None]
    changes = tuple(_change(new, old, row, before) for row, before in pairs if before is not None)
    return changes, tuple(_without_partner(new, old, alone, name))


def _key(comparison: Comparison, row: Row) -> Key:
    """What two rows must have in common to be compared."""
    phone = next(one.serial_hash for one in comparison.phones if one.id == row.phone)
    model = _model(comparison, row)
    return phone, model.recipe, model.variant, row.accelerator_obtained, row.threads


def _model(comparison: Comparison, row: Row) -> Model:
    return next(one for one in comparison.models if one.id == row.model)


def _without_partner(new: Comparison, old: Comparison, alone: list[str], name: str) -> Iterator[str]:
    new_phones, old_phones = ({phone.serial_hash: phone.title for phone in side.phones} for side in (new, old))
    if new_phones and old_phones and not new_phones.keys() & old_phones.keys():
        titles = " and ".join(", ".join(side.values()) for side in (new_phones, old_phones))
        yield f"not compared with {name}: they are of different phones, {titles}"
    elif alone:
        yield f"{name} has no row of the same model, phone, accelerator and threads as {', '.join(alone)}"


def _change(new: Comparison, old: Comparison, row: Row, older: Row) -> Change:
    model, older_model = _model(new, row), _model(old, older)
    ratio, interval = _ratio(row.latency, older.latency)
    change = Change(
        row=row.id,
        against=older.id,
        differences=tuple(_differences(row, older, model, older_model)),
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
    answers, older_answers = _answers(new, row), _answers(old, older)
    if answers is None or older_answers is None or answers.inputs_sha256 != older_answers.inputs_sha256:
        return change
    return _with_answers(change, answers, older_answers)


def _answers(comparison: Comparison, row: Row) -> TopAnswers | None:
    packed = comparison.answers.get(row.id)
    return None if packed is None else TopAnswers.unpack(packed, comparison.truths)


def _with_answers(change: Change, new: TopAnswers, old: TopAnswers) -> Change:
    """The change with the differences of the answers, on the inputs that both answered."""
    count = min(len(new.top), len(old.top))
    now, before = new.top[:count], old.top[:count]
    same = int((now == before).sum())
    change = replace(change, inputs=count, agreement=same / count, agreement_interval=wilson(same, count))
    if new.truth is None:
        return change
    pairs = paired(before == new.truth[:count], now == new.truth[:count])
    return replace(
        change,
        lost=pairs.first,
        gained=pairs.second,
        delta_points=100 * pairs.difference,
        delta_interval=paired_difference(pairs).scaled(100),
        mcnemar_p=mcnemar(pairs),
    )


def _ratio(now: Latency | None, before: Latency | None) -> tuple[float | None, Interval | None]:
    """Newer over older; None where either cannot be compared.

    No interval where the times of either drift, switch or are too few.
    """
    if now is None or before is None or not (now.comparable and before.comparable):
        return None, None
    medians = [[one.median_ms for one in latency.rounds] for latency in (now, before)]
    ratio, interval = welch_interval(*medians)
    return ratio, interval if now.interval_ms is not None and before.interval_ms is not None else None


def _differences(row: Row, older: Row, now: Model, before: Model) -> Iterator[str]:
    if now.sha256 != before.sha256:
        yield f"another model file: {before.sha256[:8]} before, {now.sha256[:8]} now"
    if now.inputs_sha256 != before.inputs_sha256:
        yield f"another input set, whose answers are not compared: {before.evaluation} before, {now.evaluation} now"
    for name, new, old in (
        ("runtime", row.runtime, older.runtime),
        ("processor", row.abi, older.abi),
        ("runner", row.runner, older.runner),
    ):
        if new != old:
            yield f"another {name}: {old or 'unknown'} before, {new or 'unknown'} now"
