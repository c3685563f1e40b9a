"""The values of a comparison, `handset.comparison/1`. Nothing is computed and nothing is rendered here.

`compare` makes a `Comparison` from one run or several, `explain` adds causes, and reports read nothing else.
One row is one model on one phone in one context: results of different contexts (another model hash, input set, runtime,
processor, accelerator or thread count) are different rows and are never averaged. Shares are fractions;
differences of accuracy are in percentage points; what is not known is None. docs/formats.md has the file field by
field.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.compare.accuracy import Arrow, ArrowName, Confusion, Differing, Stage
from benchmarks.compare.latency import Latency, Ratio, Sustained
from benchmarks.evaluation.stats import Interval, Speed, Verdict

FORMAT = "handset.comparison/1"
FILE = "comparison.json"


@dataclass(frozen=True, slots=True)
class Gate:
    """One limit and its verdict for one row. `message` gives value, limit and interval in a sentence."""

    row: str
    name: str
    value: float | None
    limit: float
    interval: Interval | None
    verdict: Verdict
    message: str


@dataclass(frozen=True, slots=True)
class Cause:
    """One explanation of a row's differences. `score`, 0 to 1, is the share of them that it reproduces."""

    id: str
    arrow: ArrowName
    summary: str
    evidence: str
    remedy: str
    score: float


@dataclass(frozen=True, slots=True)
class Layer:
    """How far one tensor of a variant is from float: RMS of the difference over the RMS of the float values."""

    index: int
    name: str
    operator: str
    relative_error: float
    saturated: float | None
    """Share of values that the quantised range cuts off; None for floats."""


@dataclass(frozen=True, slots=True)
class ComparedPhone:
    """A phone as a report may show it: `serial_hash` instead of its serial number."""

    id: str
    title: str
    serial_hash: str
    is_virtual: bool
    android: str | None
    sdk: int | None
    soc: str | None
    abi: str | None
    allowed: tuple[str, ...]
    failures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """A model file; `Row.model` is its `id`."""

    id: str
    """`<recipe>_<variant>`, with the start of its hash where two runs have different files of one name."""
    recipe: str
    variant: str
    sha256: str
    size_bytes: int
    evaluation: str
    inputs_sha256: str


@dataclass(frozen=True, slots=True)
class Row:
    """One model on one phone in one context."""

    id: str
    run: str
    model: str
    phone: str
    runner: str
    runtime: str
    abi: str | None
    """Of the process that ran the model, such as `arm64-v8a`: its kernels depend on it."""
    accelerator_asked: str
    accelerator_obtained: str
    delegated_nodes: int | None
    total_nodes: int | None
    threads: int
    complete: bool
    verdict: Verdict
    """The worst verdict of the row's gates; INCONCLUSIVE where results are missing."""
    stages: tuple[Stage, ...]
    arrows: tuple[Arrow, ...]
    flips: int
    """Inputs whose top-1 on pictures (else on tensors) is not Keras's; `differing` has the worst of them."""
    differing: tuple[Differing, ...]
    confusions: tuple[Confusion, ...]
    latency: Latency | None
    peak_bytes: int | None
    causes: tuple[Cause, ...]
    layers: tuple[Layer, ...]
    remarks: tuple[str, ...]
    """Facts about this row alone: missing results, an accelerator that was not obtained."""


@dataclass(frozen=True, slots=True)
class Change:
    """One row against the same recipe and variant on the same phone, accelerator and threads, measured earlier.

    `differences` describes what else differs: the model's hash, the input set, the runtime. Answers are compared on the
    same input set only; otherwise, and where one side has no times, the fields are None. `lost` and `gained` count
    inputs that only the older or only the newer row answered correctly. Two runs are not interleaved: `speed` is
    conclusive only where neither run drifts and the interval of `ratio`, newer over older, lies wholly beyond 5 %.
    """

    row: str
    against: str
    differences: tuple[str, ...]
    inputs: int | None
    lost: int | None
    gained: int | None
    delta_points: float | None
    delta_interval: Interval | None
    mcnemar_p: float | None
    agreement: float | None
    """Share of inputs with the same top-1 in both runs."""
    agreement_interval: Interval | None
    ratio: float | None
    ratio_interval: Interval | None
    speed: Speed


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything a report shows, from one run or several."""

    runs: tuple[str, ...]
    created_at: str
    kit_version: str
    tools: Mapping[str, str]
    complete: bool
    verdict: Verdict
    phones: tuple[ComparedPhone, ...]
    models: tuple[Model, ...]
    rows: tuple[Row, ...]
    ratios: tuple[Ratio, ...]
    sustained: tuple[Sustained, ...]
    baseline: str | None
    """The older run or saved baseline of `changes`."""
    changes: tuple[Change, ...]
    gates: tuple[Gate, ...]
    remarks: tuple[str, ...]
    """What was not compared, and why: other contexts, missing results, refused phones."""
    pictures: Mapping[str, str]
    """Small PNGs of differing inputs as base64, 96 pixels at most, by key."""
