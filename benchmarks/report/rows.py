"""A Comparison arranged for reading: every row with its model, phone, gates and name, and rows in groups.

All renderings hide the same values here: a virtual phone has no latency, no memory and no ratios.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.compare.accuracy import Arrow, ArrowName, Stage, StageName
from benchmarks.compare.comparison import Cause, ComparedPhone, Comparison, Gate, Model, Row
from benchmarks.compare.latency import Latency, Ratio
from benchmarks.evaluation.number_format import plural
from benchmarks.evaluation.stats import Interval, Verdict, worst
from benchmarks.formats.job import Accelerator

ON_PHONE = (StageName.IMAGES, StageName.TENSORS)


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A row of the comparison, `compared`, with its model, phone and gates.

    `name` is unique within its group, `anchor` within a page.
    """

    compared: Row
    model: Model
    phone: ComparedPhone
    gates: tuple[Gate, ...]
    anchor: str
    name: str

    @property
    def title(self) -> str:
        """Unique among the rows of its phone."""
        return f"{self.model.recipe} {self.name}"

    @property
    def phone_title(self) -> str:
        """The phone's title, with "virtual" where it is."""
        title = self.phone.title
        return f"{title} · virtual" if self.phone.is_virtual and "virtual" not in title.lower() else title

    @property
    def context(self) -> str:
        return _context(self.compared)

    @property
    def delegated(self) -> str | None:
        """What really ran: how much of the graph the accelerator took; None where none was asked for, or not known."""
        row = self.compared
        share = None if row.accelerator_asked == Accelerator.CPU else row.delegated
        if share is None:
            return None
        if row.accelerator_obtained != row.accelerator_asked:
            return f"none, {row.accelerator_obtained}"
        parts = "" if row.partitions is None else f", {plural(row.partitions, 'part')}"
        return f"{row.delegated_nodes}/{row.total_nodes} nodes{parts}"

    @property
    def latency(self) -> Latency | None:
        return None if self.phone.is_virtual else self.compared.latency

    @property
    def peak_bytes(self) -> int | None:
        return None if self.phone.is_virtual else self.compared.peak_bytes

    @property
    def last(self) -> Stage | None:
        """The phone on pictures, else on tensors; None where neither has answers."""
        stages = (self.stage(name) for name in ON_PHONE)
        return next((stage for stage in stages if stage is not None and stage.evaluated), None)

    @property
    def agreement(self) -> float | None:
        """The share of inputs on which the last stage has the same top-1 as the first."""
        return None if self.last is None else self.last.agreement

    @property
    def whole(self) -> Arrow | None:
        return self.arrow(ArrowName.WHOLE)

    @property
    def delta_points(self) -> float | None:
        """Accuracy of the last stage minus that of the first, in percentage points."""
        return None if self.whole is None else self.whole.delta_points

    @property
    def delta_interval(self) -> Interval | None:
        return None if self.whole is None else self.whole.delta_interval

    @property
    def is_labelled(self) -> bool:
        """Whether the truth is known, so that accuracy is shown; otherwise agreement with Keras is."""
        return any(stage.accuracy is not None for stage in self.compared.stages)

    @property
    def first_cause(self) -> Cause | None:
        return next(iter(self.compared.causes), None)

    def accuracy(self, name: StageName) -> float | None:
        stage = self.stage(name)
        return None if stage is None else stage.accuracy

    def kernel_difference(self, abi: str) -> float | None:
        """The largest difference of a probability between desktop and phone on the same tensors; None on other ABIs."""
        arrow = self.arrow(ArrowName.RUNTIME)
        return None if arrow is None or self.compared.abi != abi else arrow.max_difference

    def stage(self, name: StageName) -> Stage | None:
        return next((stage for stage in self.compared.stages if stage.name is name), None)

    def arrow(self, name: ArrowName) -> Arrow | None:
        return next((arrow for arrow in self.compared.arrows if arrow.name is name), None)


@dataclass(frozen=True, slots=True)
class RowGroup:
    """The rows of one recipe on one phone, which may be compared. `ratios` are (row, against, ratio)."""

    recipe: str
    phone: ComparedPhone
    rows: tuple[ReportRow, ...]
    ratios: tuple[tuple[ReportRow, ReportRow, Ratio], ...]
    anchor: str

    @property
    def shared_remarks(self) -> tuple[str, ...]:
        """The remarks that all of its rows have."""
        first, *others = (row.compared.remarks for row in self.rows)
        return tuple(remark for remark in first if all(remark in remarks for remarks in others))

    @property
    def verdict(self) -> Verdict:
        """The worst of its rows."""
        return worst(row.compared.verdict for row in self.rows)


def report_rows(comparison: Comparison) -> tuple[ReportRow, ...]:
    """Every row in the Comparison's order.

    A row's name is its variant; where its group has two of that, its context too; where that is not enough, its run.
    """
    models = {model.id: model for model in comparison.models}
    phones = {phone.id: phone for phone in comparison.phones}
    gates: dict[str, list[Gate]] = {}
    for gate in comparison.gates:
        gates.setdefault(gate.row, []).append(gate)
    names = [_names(row, models[row.model]) for row in comparison.rows]
    counts = Counter(
        (row.phone, models[row.model].recipe, name)
        for row, own in zip(comparison.rows, names, strict=True)
        for name in own
    )
    made = []
    for number, (row, own) in enumerate(zip(comparison.rows, names, strict=True), start=1):
        model, phone = models[row.model], phones[row.phone]
        name = next((name for name in own if counts[row.phone, model.recipe, name] == 1), own[-1])
        made.append(ReportRow(row, model, phone, tuple(gates.get(row.id, ())), f"row-{number}", name))
    return tuple(made)


def _names(row: Row, model: Model) -> tuple[str, ...]:
    """Possible names, the shortest first."""
    with_context = f"{model.variant} · {_context(row)}"
    return model.variant, with_context, f"{with_context} · {row.run}"


def _context(row: Row) -> str:
    """ "cpu, 4 threads", and the accelerator that was asked for where another was obtained."""
    asked = "" if row.accelerator_asked == row.accelerator_obtained else f" (asked for {row.accelerator_asked})"
    return f"{row.accelerator_obtained}{asked}, {plural(row.threads, 'thread')}"


def row_groups(comparison: Comparison) -> tuple[RowGroup, ...]:
    """The rows by phone and recipe, in the order of their first rows."""
    by_id = {row.compared.id: row for row in report_rows(comparison)}
    groups: dict[tuple[str, str], list[ReportRow]] = {}
    for row in by_id.values():
        groups.setdefault((row.phone.id, row.model.recipe), []).append(row)
    ratios: dict[tuple[str, str], list[tuple[ReportRow, ReportRow, Ratio]]] = {}
    for ratio in comparison.ratios:
        row, against = by_id[ratio.row], by_id[ratio.against]
        if not row.phone.is_virtual:
            ratios.setdefault((row.phone.id, row.model.recipe), []).append((row, against, ratio))
    return tuple(
        RowGroup(key[1], rows[0].phone, tuple(rows), tuple(ratios.get(key, ())), f"group-{number}")
        for number, (key, rows) in enumerate(groups.items(), start=1)
    )


def processors(rows: Sequence[ReportRow]) -> tuple[str, ...]:
    """The ABIs of the phones that answered tensors, in the order in which they first appear."""
    abis = (row.compared.abi for row in rows if row.arrow(ArrowName.RUNTIME) is not None)
    return tuple(dict.fromkeys(abi for abi in abis if abi is not None))
