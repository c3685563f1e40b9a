"""From raw results to a `Comparison`: every row of one run or several, each read once. Computing here, no printing.

Rows of different contexts stand beside each other and are never averaged. Besides the comparison come the answers by
input, which a later run is compared with. No TensorFlow.
"""

import platform
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from itertools import zip_longest

import numpy as np
import numpy.typing as npt

from benchmarks.compare import answers as answering
from benchmarks.compare import thumbnails, timing
from benchmarks.compare.accuracy import Differing
from benchmarks.compare.answers import Answers
from benchmarks.compare.comparison import Comparison, Model, Row
from benchmarks.compare.phone_names import phones, refusals
from benchmarks.compare.row_results import UNKNOWN, RowResults, collect_rows
from benchmarks.console.places import BUILD, ROOT, Build
from benchmarks.evaluation.stats import Verdict
from benchmarks.formats.fields import line_of
from benchmarks.formats.result import Device
from benchmarks.formats.run_folder import RunFolder

TOOLS = ("numpy", "pillow", "tensorflow", "keras")
MOST_DIFFERING = 2400
"""Of all rows together: a report is read by people."""
FEWEST_A_ROW, MOST_A_ROW = 12, 100


@dataclass(frozen=True, slots=True)
class TopAnswers:
    """Each input's top-1 label index at the end of a row's way, and the truth where all of it is known."""

    inputs_sha256: str
    top: npt.NDArray[np.int64]
    truth: npt.NDArray[np.int64] | None


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison, what every row answered, by its id, and what it was made from: nothing where it was read again."""

    comparison: Comparison
    answers: Mapping[str, TopAnswers]
    evidence: tuple[RowResults, ...] = ()


def compare(runs: Sequence[RunFolder], build: Build = BUILD) -> Compared:
    """What the runs mean, without gates; ResultError or RunError when something in them cannot be read.

    `build` is where the exported models lie, whose inputs are shown where they are still those of the run.
    """
    evidence = collect_rows(runs)
    most = max(FEWEST_A_ROW, min(MOST_A_ROW, MOST_DIFFERING // max(1, len(evidence))))
    models = _models(evidence)
    rows: list[Row] = []
    places: list[tuple[str, tuple[int, ...]]] = []
    kept: dict[str, TopAnswers] = {}
    for one in evidence:
        answers = answering.judge(one, most)
        rows.append(_row(one, models[_key(one)], answers))
        places.append((one.model["inputs_sha256"], answers.places))
        if any(stage.evaluated for stage in answers.stages[2:]):
            kept[one.id] = TopAnswers(one.model["inputs_sha256"], answers.top, answers.truth)
    worst_first = (one for rank in zip_longest(*map(_named, places)) for one in rank if one is not None)
    pictures = thumbnails.drawn(thumbnails.recipes_by_inputs(build.models), worst_first)
    comparison = Comparison(
        runs=tuple(run.id for run in runs),
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        kit_version=_kit_version(),
        tools=_tools(),
        complete=all(run.is_complete for run in runs),
        verdict=Verdict.INCONCLUSIVE,
        phones=tuple(phones(runs, _devices(evidence), {one.phone_id for one in evidence if one.is_virtual})),
        models=tuple(dict.fromkeys(models.values())),
        rows=tuple(_shown(row, place, pictures) for row, place in zip(rows, places, strict=True)),
        ratios=tuple(timing.ratios([(one, row.latency) for one, row in zip(evidence, rows, strict=True)])),
        sustained=tuple(found for one in evidence if (found := timing.sustained(one)) is not None),
        baseline=None,
        changes=(),
        gates=(),
        remarks=(*_unfinished(runs), *refusals(runs)),
        pictures=pictures,
    )
    return Compared(comparison, kept, evidence)


def _row(one: RowResults, model: Model, answers: Answers) -> Row:
    context = one.context
    return Row(
        id=one.id,
        run=one.run.id,
        model=model.id,
        phone=one.phone_id,
        runner=context.runner,
        runtime=context.runtime,
        abi=context.abi,
        accelerator_asked=context.asked,
        accelerator_obtained=context.obtained,
        delegated_nodes=context.delegated_nodes,
        total_nodes=context.total_nodes,
        threads=context.threads,
        complete=_rounds(one) is None and all(stage.evaluated == stage.expected for stage in answers.stages),
        verdict=Verdict.INCONCLUSIVE,
        stages=answers.stages,
        arrows=answers.arrows,
        flips=answers.flips,
        differing=answers.differing,
        confusions=answers.confusions,
        latency=timing.latency(one),
        peak_bytes=timing.peak_bytes(one),
        causes=(),
        layers=(),
        remarks=tuple(_row_remarks(one, answers)),
    )


def _row_remarks(one: RowResults, answers: Answers) -> Iterator[str]:
    if one.context.obtained not in (one.context.asked, UNKNOWN):
        reasons = {stored.result.accelerator.reason for stored in one.results if stored.result.accelerator is not None}
        why = "; ".join(sorted(reason for reason in reasons if reason)) or "no reason given"
        yield f"{one.context.asked} was asked for, {one.context.obtained} obtained: {why}"
    for stage in answers.stages:
        if stage.evaluated == 0 < stage.expected:
            yield f"no result on {stage.name}"
    missing = _rounds(one)
    if missing is not None:
        yield missing
    if one.is_virtual and one.timed():
        yield "a virtual phone: its times and memory are this computer's, and are left out"


def _devices(evidence: Sequence[RowResults]) -> dict[str, Device]:
    return {one.phone_id: one.results[0].result.device for one in evidence if one.results}


def _rounds(one: RowResults) -> str | None:
    """What is missing of the rounds of latency; None where nothing is."""
    done, wanted = len(one.timed()), int(one.run.record["rounds"])
    return None if done >= wanted else f"{done} of {wanted} rounds of latency"


def _named(one: tuple[str, tuple[int, ...]]) -> list[tuple[str, int]]:
    return [(one[0], place) for place in one[1]]


def _shown(row: Row, place: tuple[str, tuple[int, ...]], pictures: Mapping[str, str]) -> Row:
    """The row with the keys of those pictures that there was room for."""

    def with_picture(differing: Differing, number: int) -> Differing:
        key = thumbnails.key(place[0], number)
        return replace(differing, picture=key if key in pictures else None)

    pairs = zip(row.differing, place[1], strict=True)
    return replace(row, differing=tuple(with_picture(differing, number) for differing, number in pairs))


def _key(one: RowResults) -> tuple[str, str, str, str]:
    model = one.model
    return model["recipe"], model["variant"], model["sha256"], model["inputs_sha256"]


def _models(evidence: Sequence[RowResults]) -> dict[tuple[str, str, str, str], Model]:
    """Each model file once; two of one name carry the start of their hashes."""
    keys = list(dict.fromkeys(map(_key, evidence)))
    records = {_key(one): one.model for one in evidence}
    names = [f"{recipe}_{variant}" for recipe, variant, *_ in keys]
    made = {}
    for key, name in zip(keys, names, strict=True):
        recipe, variant, sha256, inputs_sha256 = key
        own = name if names.count(name) == 1 else f"{name}-{sha256[:8]}-{inputs_sha256[:8]}"
        record = records[key]
        evaluation = line_of(str(record["evaluation"])) or "unnamed"
        made[key] = Model(own, recipe, variant, sha256, int(record["bytes"]), evaluation, inputs_sha256)
    return made


def _unfinished(runs: Sequence[RunFolder]) -> Iterator[str]:
    for run in runs:
        if not run.is_complete:
            yield f"run {run.id} is not complete; the same command again finishes it"


def _tools() -> dict[str, str]:
    found = {tool: _version(tool) for tool in TOOLS}
    return {"python": platform.python_version(), **{tool: one for tool, one in found.items() if one is not None}}


def _kit_version() -> str:
    """As pyproject.toml has it: the kit runs from its repository and is not installed."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
