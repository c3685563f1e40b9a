"""Makes a `Comparison` of one run or several. Computing here, no printing.

Rows of different contexts stand beside each other and are never averaged. Besides the comparison it gives the answers
by input, which a later run is compared with. No TensorFlow.
"""

import platform
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from itertools import zip_longest

from msgspec.structs import replace

from benchmarks.compare import thumbnails, timing
from benchmarks.compare.answers import TopAnswers, pack
from benchmarks.compare.comparison import UNKNOWN, Comparison, Model, Row
from benchmarks.compare.phone_names import compared_phones, refusals
from benchmarks.compare.row_results import RowResults, collect_rows
from benchmarks.compare.stages import RowAnswers, compare_stages
from benchmarks.console.places import BUILD, ROOT, Build
from benchmarks.evaluation.stats import Verdict
from benchmarks.formats.run_folder import RunFolder

TOOLS = ("numpy", "pillow", "ai-edge-litert", "tensorflow", "keras")
MOST_DIFFERING = 2400
"""Inputs listed as differing, of all rows together: people read the report."""
FEWEST_A_ROW, MOST_A_ROW = 12, 100
IN_FRONT_REMEDY = (
    "leave the phone alone while it measures, and on a Xiaomi, Redmi or POCO let the app "
    "“Display pop-up windows while running in the background”"
)


def compare(runs: Sequence[RunFolder], build: Build = BUILD) -> Comparison:
    """The runs, compared, without gates; ResultError or RunError when a file of theirs cannot be read."""
    return compare_rows(runs, collect_rows(runs), build)


def compare_rows(runs: Sequence[RunFolder], results: Sequence[RowResults], build: Build) -> Comparison:
    """The same of runs whose rows are collected already.

    `build` has the exported models, whose inputs are shown as pictures where they are still the inputs of the run.
    """
    most = max(FEWEST_A_ROW, min(MOST_A_ROW, MOST_DIFFERING // max(1, len(results))))
    models = _models(results)
    rows: list[Row] = []
    inputs: list[list[tuple[str, int]]] = []
    top_answers: dict[str, TopAnswers] = {}
    for one in results:
        answers = compare_stages(one, most)
        inputs_sha256 = one.model.inputs_sha256
        rows.append(_row(one, models[_model_key(one)], answers))
        inputs.append([(inputs_sha256, number) for number in answers.inputs])
        if any(stage.evaluated for stage in answers.stages[2:]):
            top_answers[one.id] = TopAnswers(inputs_sha256, answers.top, answers.truth)
    worst_first = (one for rank in zip_longest(*inputs) for one in rank if one is not None)
    pictures = thumbnails.draw_thumbnails(build.models, worst_first)
    devices = {one.phone_id: one.results[0].result.device for one in results if one.results}
    packed, truths = pack(top_answers)
    return Comparison(
        runs=tuple(run.id for run in runs),
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        kit_version=_kit_version(),
        tools=_tools(),
        complete=all(run.record.complete for run in runs),
        verdict=Verdict.INCONCLUSIVE,
        phones=tuple(compared_phones(runs, devices, {one.phone_id for one in results if one.is_virtual})),
        models=tuple(dict.fromkeys(models.values())),
        rows=tuple(_with_pictures(*pair, pictures) for pair in zip(rows, inputs, strict=True)),
        ratios=tuple(timing.ratios([(one, row.latency) for one, row in zip(results, rows, strict=True)])),
        sustained=tuple(found for one in results if (found := timing.sustained(one)) is not None),
        baseline=None,
        changes=(),
        gates=(),
        remarks=(*_unfinished(runs), *refusals(runs)),
        pictures=pictures,
        answers=packed,
        truths=truths,
    )


def _row(results: RowResults, model: Model, answers: RowAnswers) -> Row:
    return Row(
        **asdict(results.context),
        id=results.id,
        run=results.run.id,
        model=model.id,
        phone=results.phone_id,
        complete=not any(_missing_rounds(results)) and all(one.evaluated == one.expected for one in answers.stages),
        verdict=Verdict.INCONCLUSIVE,
        stages=answers.stages,
        arrows=answers.arrows,
        flips=answers.flips,
        differing=answers.differing,
        confusions=answers.confusions,
        latency=timing.latency(results),
        peak_bytes=timing.peak_bytes(results),
        causes=(),
        layers=(),
        remarks=tuple(_row_remarks(results, answers)),
        probed=results.probed(),
    )


def _row_remarks(row: RowResults, answers: RowAnswers) -> Iterator[str]:
    asked, obtained = row.context.accelerator_asked, row.context.accelerator_obtained
    if obtained not in (asked, UNKNOWN):
        reasons = {stored.run.accelerator.reason for stored in row.results}
        why = "; ".join(sorted(reason for reason in reasons if reason)) or "no reason given"
        yield f"{asked} was asked for, {obtained} obtained: {why}"
    for stage in answers.stages:
        if stage.evaluated == 0 < stage.expected:
            yield f"no result on {stage.name}"
        if count := row.not_finite(stage.name):
            yield f"{count} of {stage.evaluated} answers on {stage.name} are NaN or infinite, and count as no answer"
    yield from _missing_rounds(row)
    yield from _not_in_front(row)
    if row.is_virtual and row.timed():
        yield "a virtual phone: its times and memory are this computer's, and are left out"


def _not_in_front(row: RowResults) -> Iterator[str]:
    """A line where the app was not in front in some jobs of the row."""
    reasons = [reason for one in row.results if (reason := one.result.not_in_front) is not None]
    if reasons:
        why = ", ".join(dict.fromkeys(reasons))
        yield f"{why} in {len(reasons)} of {len(row.results)} jobs, whose times are not compared; {IN_FRONT_REMEDY}"


def _missing_rounds(row: RowResults) -> Iterator[str]:
    """A line where rounds of latency are missing."""
    done, wanted = len(row.timed()), row.run.record.rounds
    if done < wanted:
        yield f"{done} of {wanted} rounds of latency"


def _with_pictures(row: Row, inputs: Sequence[tuple[str, int]], pictures: Mapping[str, str]) -> Row:
    """The row with the keys of the pictures that were drawn; `inputs` belong to `row.differing`."""
    keys = [thumbnails.key(*one) for one in inputs]
    differing = (
        replace(one, picture=key if key in pictures else None) for one, key in zip(row.differing, keys, strict=True)
    )
    return replace(row, differing=tuple(differing))


def _model_key(row: RowResults) -> tuple[str, str, str, str]:
    model = row.model
    return model.recipe, model.variant, model.sha256, model.inputs_sha256


def _models(rows: Sequence[RowResults]) -> dict[tuple[str, str, str, str], Model]:
    """Each model file once; the ids of two files with one name have the start of their hashes."""
    records = {_model_key(row): row.model for row in rows}
    names = [f"{recipe}_{variant}" for recipe, variant, *_ in records]
    models = {}
    for (key, record), name in zip(records.items(), names, strict=True):
        recipe, variant, sha256, inputs_sha256 = key
        id_ = name if names.count(name) == 1 else f"{name}-{sha256[:8]}-{inputs_sha256[:8]}"
        notes = tuple(f"{note.id}: {note.summary}" for note in record.notes)
        models[key] = Model(id_, recipe, variant, sha256, record.size_bytes, record.evaluation, inputs_sha256, notes)
    return models


def _unfinished(runs: Sequence[RunFolder]) -> Iterator[str]:
    for run in runs:
        if not run.record.complete:
            yield f"run {run.id} is not complete; the same command again finishes it"


def _tools() -> dict[str, str]:
    """The versions of Python and of those of TOOLS that are installed."""
    versions = {"python": platform.python_version()}
    for tool in TOOLS:
        try:
            versions[tool] = version(tool)
        except PackageNotFoundError:
            continue
    return versions


def _kit_version() -> str:
    """The version in pyproject.toml: the kit runs from its repository and is not installed."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])
