"""A Comparison arranged for reading: every row with its model, phone and gates, and the rows that belong together.

One rule is held here for all renderings: a virtual phone has no latency, no memory and no ratios.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from benchmarks.compare.accuracy import Arrow, ArrowName, Stage, StageName
from benchmarks.compare.comparison import ComparedPhone, Comparison, Gate, Model, Row
from benchmarks.compare.latency import Latency, Ratio
from benchmarks.evaluation.number_format import plural
from benchmarks.evaluation.stats import Verdict

ON_PHONE = (StageName.IMAGES, StageName.TENSORS)
WORST_FIRST = (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS)


@dataclass(frozen=True, slots=True)
class Line:
    """A row together with what it points to. `name` is what to call it within its group, `anchor` within one page."""

    row: Row
    model: Model
    phone: ComparedPhone
    gates: tuple[Gate, ...]
    anchor: str
    name: str

    @property
    def title(self) -> str:
        return f"{self.model.recipe} {self.name}"

    @property
    def context(self) -> str:
        """ "cpu, 4 threads", and the accelerator that was asked for where another was obtained."""
        row = self.row
        asked = "" if row.accelerator_asked == row.accelerator_obtained else f" (asked for {row.accelerator_asked})"
        return f"{row.accelerator_obtained}{asked}, {plural(row.threads, 'thread')}"

    @property
    def latency(self) -> Latency | None:
        return None if self.phone.is_virtual else self.row.latency

    @property
    def peak_bytes(self) -> int | None:
        return None if self.phone.is_virtual else self.row.peak_bytes

    @property
    def last(self) -> Stage | None:
        """The phone on pictures, else on tensors; None where neither answered."""
        stages = (self.stage(name) for name in ON_PHONE)
        return next((stage for stage in stages if stage is not None and stage.evaluated), None)

    @property
    def whole(self) -> Arrow | None:
        return self.arrow(ArrowName.WHOLE)

    def kernels(self, abi: str) -> float | None:
        """The largest difference of a probability that this processor makes of the same tensors; None for another."""
        arrow = self.arrow(ArrowName.RUNTIME)
        return None if arrow is None or self.row.abi != abi else arrow.max_difference

    def stage(self, name: StageName) -> Stage | None:
        return next((stage for stage in self.row.stages if stage.name is name), None)

    def arrow(self, name: ArrowName) -> Arrow | None:
        return next((arrow for arrow in self.row.arrows if arrow.name is name), None)


@dataclass(frozen=True, slots=True)
class Group:
    """One recipe on one phone: rows that may be compared with each other."""

    recipe: str
    phone: ComparedPhone
    lines: tuple[Line, ...]
    ratios: tuple[tuple[Line, Line, Ratio], ...]
    anchor: str

    @property
    def shared_remarks(self) -> tuple[str, ...]:
        """What is remarked of every row alike, once."""
        first, *others = self.lines
        return tuple(one for one in first.row.remarks if all(one in line.row.remarks for line in others))

    @property
    def verdict(self) -> Verdict:
        """The worst of its rows'."""
        found = {line.row.verdict for line in self.lines}
        return next(verdict for verdict in WORST_FIRST if verdict in found)


def lines(comparison: Comparison) -> tuple[Line, ...]:
    """Every row that says which model and phone it is of, in the Comparison's order.

    A row's name is its variant, and where its group has that twice its context too, and its run where that is not
    enough.
    """
    every = tuple(_lines(comparison))
    taken = Counter((line.phone.id, line.model.recipe, name) for line in every for name in _names(line))
    return tuple(_named(line, taken) for line in every)


def _named(line: Line, taken: Counter[tuple[str, str, str]]) -> Line:
    names = _names(line)
    own = (name for name in names if taken[line.phone.id, line.model.recipe, name] == 1)
    return replace(line, name=next(own, names[-1]))


def _names(line: Line) -> tuple[str, ...]:
    """The shortest first."""
    used = f"{line.model.variant} · {line.context}"
    return line.model.variant, used, f"{used} · {line.row.run}"


def processors(every: Sequence[Line]) -> tuple[str, ...]:
    """The processors that answered on tensors, in the order in which they first appear."""
    answered = (line.row.abi for line in every if line.arrow(ArrowName.RUNTIME) is not None)
    return tuple(dict.fromkeys(abi for abi in answered if abi is not None))


def _lines(comparison: Comparison) -> Iterator[Line]:
    models = {model.id: model for model in comparison.models}
    phones = {phone.id: phone for phone in comparison.phones}
    gates: dict[str, list[Gate]] = {}
    for gate in comparison.gates:
        gates.setdefault(gate.row, []).append(gate)
    for number, row in enumerate(comparison.rows, start=1):
        mine = tuple(gates.get(row.id, ()))
        yield Line(row, models[row.model], phones[row.phone], mine, f"row-{number}", "")


def groups(comparison: Comparison) -> tuple[Group, ...]:
    """The rows by phone and recipe, in the order in which they first appear."""
    found: dict[tuple[str, str], list[Line]] = {}
    every = lines(comparison)
    for line in every:
        found.setdefault((line.phone.id, line.model.recipe), []).append(line)
    ratios = _ratios(comparison, {line.row.id: line for line in every})
    return tuple(
        Group(key[1], mine[0].phone, tuple(mine), tuple(ratios.get(key, ())), f"group-{number}")
        for number, (key, mine) in enumerate(found.items(), start=1)
    )


def _ratios(comparison: Comparison, by_id: Mapping[str, Line]) -> dict[tuple[str, str], list[tuple[Line, Line, Ratio]]]:
    found: dict[tuple[str, str], list[tuple[Line, Line, Ratio]]] = {}
    for ratio in comparison.ratios:
        line, against = by_id[ratio.row], by_id[ratio.against]
        if not line.phone.is_virtual:
            found.setdefault((line.phone.id, line.model.recipe), []).append((line, against, ratio))
    return found
