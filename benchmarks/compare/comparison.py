"""The values of a comparison, `handset.comparison/1`. Nothing is computed and nothing is rendered here.

`compare` makes a `Comparison` from one run or several, `explain` adds causes, and reports read nothing else.
One row is one model on one phone in one context: results of different contexts (another model hash, input set, runtime,
processor, accelerator or thread count) are different rows and are never averaged. Shares are fractions;
differences of accuracy are in percentage points; what is not known is None. docs/formats.md has the file field by
field.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

from benchmarks.compare.accuracy import Arrow, ArrowName, Confusion, Differing, Stage
from benchmarks.compare.answers import PackedAnswers
from benchmarks.compare.latency import Latency, Ratio, Sustained
from benchmarks.evaluation.stats import Interval, Speed, Verdict
from benchmarks.formats.declared import Count, Declared, Line, Number, Share, Text, about, text
from benchmarks.formats.layers_file import Layers

FORMAT = "handset.comparison/1"
FILE = "comparison.json"
UNKNOWN = "unknown"
"""What a row without a result ran on."""

Png = Annotated[str, text(r"iVBORw0KGgo[A-Za-z0-9+/]*={0,2}", "a PNG in base64")]


class Gate(Declared, frozen=True):
    """One limit and its verdict for one row. `message` gives value, limit and interval in a sentence."""

    row: Line
    name: Annotated[Line, about("as in `gates.toml`")]
    value: float | None
    limit: float
    interval: Interval | None
    verdict: Verdict
    message: Annotated[Line, about("value, limit and interval in a sentence")]
    inputs_to_decide: Annotated[
        Count | None, about("how many inputs like these its interval needs; null where it decides, or nothing is known")
    ] = None


class Cause(Declared, frozen=True):
    """One explanation of a row's differences. `score`, 0 to 1, is the share of them that it explains."""

    id: Line
    arrow: ArrowName
    summary: Line
    evidence: Line
    remedy: Line
    score: Annotated[Share, about("the share of all differences that it explains; 0: not tried")]


class Layer(Declared, frozen=True):
    """How far one tensor of a variant is from float: RMS of the difference over the RMS of the float values."""

    index: Count
    name: Line
    operator: Line
    relative_error: Annotated[Number, about("RMS of the difference over RMS of float")]
    saturated: Annotated[Share | None, about("share of values that the quantised range cuts off; null for floats")]


class ComparedPhone(Declared, frozen=True, kw_only=True):
    """A phone as a report may show it: `serial_hash` instead of its serial number."""

    id: Line
    title: Line
    serial_hash: Annotated[Line, about("the start of the hash of its serial number")]
    is_virtual: bool
    android: Line | None
    sdk: Count | None
    soc: Line | None
    abi: Line | None
    allowed: Annotated[tuple[Line, ...], about("ids of findings that were overridden")]
    failures: Annotated[tuple[Line, ...], about("one line each")]
    notes: Annotated[
        tuple[Line, ...], about("what may distort its numbers, or is not known, and did not stop it: its id, then it")
    ] = ()


class Model(Declared, frozen=True):
    """A model file; `Row.model` is its `id`."""

    id: Annotated[Line, about("`<recipe>_<variant>`, and the start of its hash where two files have one name")]
    recipe: Line
    variant: Line
    sha256: Line
    size_bytes: Count
    evaluation: Annotated[Line, about("name of the evaluation set")]
    inputs_sha256: Line
    notes: Annotated[tuple[Line, ...], about("of its export: an id, then what was found")] = ()


class Row(Declared, frozen=True, kw_only=True):
    """One model on one phone in one context."""

    id: Line
    run: Line
    model: Annotated[Line, about("id")]
    phone: Annotated[Line, about("id")]
    runner: Line
    runtime: Line
    abi: Annotated[Line | None, about("of the process that ran the model: its kernels depend on it")]
    accelerator_asked: Line
    accelerator_obtained: Line
    delegated_nodes: Annotated[Count | None, about("that the accelerator took; 0 on the CPU; null where not known")]
    total_nodes: Count | None
    threads: Count
    complete: Annotated[bool, about("every result is there")]
    verdict: Annotated[Verdict, about("the worst verdict of its gates; INCONCLUSIVE where results are missing")]
    stages: tuple[Stage, ...]
    arrows: Annotated[tuple[Arrow, ...], about("as far as both ends answered")]
    flips: Annotated[Count, about("inputs whose top-1 on pictures (else on tensors) is not Keras's")]
    differing: Annotated[tuple[Differing, ...], about("the worst of them, and a few without")]
    confusions: Annotated[tuple[Confusion, ...], about("of Keras and the last stage")]
    latency: Annotated[Latency | None, about("null on a virtual phone")]
    peak_bytes: Annotated[Count | None, about("of the app, the most of all jobs")]
    causes: Annotated[tuple[Cause, ...], about("what explains the differences, by rank")]
    layers: Annotated[tuple[Layer, ...], about("tensors against float")]
    remarks: Annotated[tuple[Line, ...], about("what has to be known of this row alone")]
    probed: Annotated[Layers | None, about("its layers as the phone computed them; null where it was not asked")] = None
    partitions: Annotated[
        Count | None, about("parts of the graph between which data changes hands; null where not known")
    ] = None

    @property
    def delegated(self) -> float | None:
        """The share of the graph's nodes that the accelerator took: 0 where the CPU ran all, None where not known."""
        if self.accelerator_obtained == UNKNOWN:
            return None
        if self.accelerator_obtained != self.accelerator_asked:
            return 0.0
        if self.delegated_nodes is None or not self.total_nodes:
            return None
        return self.delegated_nodes / self.total_nodes


class Change(Declared, frozen=True, kw_only=True):
    """One row against the same recipe and variant on the same phone, accelerator and threads, measured earlier.

    `differences` describes what else differs: the model's hash, the input set, the runtime. Answers are compared on the
    same input set only; otherwise, and where one side has no times, the fields are None. `lost` and `gained` count
    inputs that only the older or only the newer row answered correctly. Two runs are not interleaved: `speed` is
    conclusive only where neither run drifts and the interval of `ratio`, newer over older, lies wholly beyond 5 %.
    """

    row: Annotated[Line, about("now")]
    against: Annotated[Line, about("before")]
    differences: Annotated[tuple[Line, ...], about("in words: model file, input set, runtime, processor, runner")]
    inputs: Annotated[Count | None, about("that both answered; null where the input sets differ, as are the next six")]
    lost: Count | None
    gained: Count | None
    delta_points: float | None
    delta_interval: Interval | None
    mcnemar_p: Share | None
    agreement: Annotated[Share | None, about("share of inputs with the same top-1 in both runs")]
    agreement_interval: Interval | None
    ratio: Annotated[Number | None, about("of medians, newer over older")]
    ratio_interval: Annotated[Interval | None, about("Welch; null where either was not steady")]
    speed: Annotated[Speed, about("as of a ratio, beyond 5 %: two runs are not interleaved")]


class Comparison(Declared, frozen=True, kw_only=True, tag_field="format", tag=FORMAT):
    """Everything a report shows, from one run or several."""

    runs: Annotated[tuple[Line, ...], about("names of the runs, in the order in which they were given")]
    created_at: Annotated[Line, about("when it was computed")]
    kit_version: Annotated[Line, about("by which Handset")]
    tools: Annotated[Mapping[Line, Text], about("versions of what took part")]
    complete: Annotated[bool, about("every run has all its results")]
    verdict: Annotated[Verdict, about("FAIL where a gate fails, else INCONCLUSIVE where one is or a result is missing")]
    phones: tuple[ComparedPhone, ...]
    models: tuple[Model, ...]
    rows: tuple[Row, ...]
    ratios: tuple[Ratio, ...]
    sustained: tuple[Sustained, ...]
    baseline: Annotated[Line | None, about("the older run or saved baseline of `changes`")]
    changes: tuple[Change, ...]
    gates: tuple[Gate, ...]
    remarks: Annotated[tuple[Line, ...], about("what was not compared, and why")]
    pictures: Annotated[Mapping[Line, Png], about("differing inputs, 96 pixels at most and 1.5 MB together, by key")]
    answers: Annotated[Mapping[Line, PackedAnswers], about("by row, for a later run to be paired with")] = {}
    truths: Annotated[Mapping[Line, bytes], about("the right answers to the inputs of `answers`")] = {}

    def __post_init__(self) -> None:
        for problem in self._problems():
            raise ValueError(problem)

    def _problems(self) -> Iterator[str]:
        """What cannot be though every field is of its type: names that are there twice, and names of nothing."""
        rows, phones, models = ([one.id for one in listed] for listed in (self.rows, self.phones, self.models))
        yield from _twice("phone", phones)
        yield from _twice("model", models)
        yield from _twice("row", rows)
        yield from _unknown("phone", (row.phone for row in self.rows), phones)
        yield from _unknown("model", (row.model for row in self.rows), models)
        yield from _unknown("row", (name for ratio in self.ratios for name in (ratio.row, ratio.against)), rows)
        yield from _unknown("row", (one.row for one in self.sustained), rows)
        yield from _unknown("row", (one.row for one in self.changes), rows)
        yield from _unknown("row", (one.row for one in self.gates), rows)
        yield from _unknown("row", self.answers, rows)
        named = (one.truth for one in self.answers.values() if one.truth is not None)
        yield from _unknown("truth", named, self.truths)
        pictured = (input_.picture for row in self.rows for input_ in row.differing if input_.picture is not None)
        yield from _unknown("picture", pictured, self.pictures)


def _twice(what: str, names: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield f"{what} {name!r:.200} stands there twice"
        seen.add(name)


def _unknown(what: str, names: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    there = set(known)
    yield from (f"{what} {name!r:.200} is named, but is not there" for name in names if name not in there)
