"""The tables that end an export: what was measured, and what there is. Rendering never computes."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from rich.box import SIMPLE_HEAD
from rich.table import Table

from benchmarks.evaluation.number_format import percent, size
from benchmarks.evaluation.stats import Verdict
from export.checks.verify import describe
from export.output.store import Record
from export.recipe import Recipe, Variant

# An export passes, warns, or stops: an interval that straddles the limit is a warning.
VERDICTS = {Verdict.PASS: "[green]PASS[/]", Verdict.INCONCLUSIVE: "[yellow]WARN[/]", Verdict.FAIL: "[red]FAIL[/]"}

MEANING = {Verdict.PASS: "is enough", Verdict.INCONCLUSIVE: "may be enough", Verdict.FAIL: "loses too much"}

# What a reference model is, by its ending.
REFERENCES = {".keras": "Keras", ".pb": "TensorFlow"}
WIDTHS = {"size": 7, "top-1": 6, "Δ pp": 5, "95 %": 14, "agree": 7, "max |Δp|": 8, "s": 4}


def parity_tables(records: Mapping[str, Record]) -> Iterator[Table]:
    """For every recipe, Keras and every variant on the recipe's evaluation set; 78 columns wide."""
    for name, record in records.items():
        table = Table(title=name, title_justify="left", title_style="bold", box=SIMPLE_HEAD, padding=0, show_edge=False)
        table.add_column("", width=13)
        for column, width in WIDTHS.items():
            table.add_column(column, justify="right", no_wrap=True, width=width)
        table.add_column("", width=4)
        reference, parity = record["reference"]["model"], next(iter(record["variants"].values()))["parity"]
        if parity is not None:
            keras = percent(parity["keras_accuracy"])
            title = REFERENCES[Path(reference["path"]).suffix]
            table.add_row(title, size(reference["bytes"]), keras, "", "", "", "", f"{record['seconds']:.0f}", "")
        for variant, model in record["variants"].items():
            mark = " ◂ app" if variant == record["default_variant"] else ""
            table.add_row(f"{variant}{mark}", *_measured(model))
        yield table


def _measured(model: Record) -> tuple[str, ...]:
    parity = model["parity"]
    if parity is None:
        nothing = ("–",) * 4
        return (size(model["bytes"]), percent(model["accuracy"]), *nothing, f"{model['seconds']:.1f}", "")
    delta = interval = "–"
    if parity["delta_points"] is not None:
        low, high = parity["delta_interval"]
        delta, interval = f"{parity['delta_points']:+.2f}", f"{low:+.2f} to {high:+.2f}"
    return (
        size(model["bytes"]),
        percent(parity["accuracy"]),
        delta,
        interval,
        percent(parity["agreement"]),
        f"{parity['max_probability_difference']:.0e}",
        f"{model['seconds']:.1f}",
        VERDICTS[Verdict(parity["verdict"])],
    )


def model_table(recipes: Mapping[str, Recipe], records: Mapping[str, Record]) -> Table:
    """Every recipe, and every other model of the manifest, with the accuracy that its last export measured.

    That is Keras's; of a ready file, its own.
    """
    table = Table(box=SIMPLE_HEAD, padding=0, show_edge=False)
    for column in ("model", "parameters", "input", "data and weights", "top-1", "of", "measured"):
        justify: Literal["left", "right"] = "right" if column in ("parameters", "top-1", "of") else "left"
        table.add_column(column, justify=justify, no_wrap=column != "data and weights", overflow="fold")
    for name in [*recipes, *(name for name in records if name not in recipes)]:
        recipe, record = recipes.get(name), records.get(name)
        if recipe is not None:
            image, parameters = recipe.card.image.to_json(), recipe.parameters
            if record is not None and recipe.resolve is not None:  # it may have become another than the first choice
                image, parameters = record["card"]["image"], record["parameters"]
            # A source that has the model's own name is its weights.
            sources = ["weights" if source.name == name else source.name for source in recipe.sources]
        else:
            image, parameters = records[name]["card"]["image"], records[name]["parameters"]
            sources = [source["source"] for source in records[name]["sources"]]
        shape = "×".join(str(image[side]) for side in ("height", "width", "channels"))
        described = "–" if parameters is None else f"{parameters:,}"
        table.add_row(name, described, shape, ", ".join(dict.fromkeys(sources)), *_last_measured(record))
    return table


def _last_measured(record: Record | None) -> tuple[str, str, str]:
    """Accuracy, on how many inputs, and when; a dash where the inputs had no labels."""
    if record is None:
        return "", "", "not yet"
    model = next(iter(record["variants"].values()))
    accuracy = model["accuracy"] if model["parity"] is None else model["parity"]["keras_accuracy"]
    return percent(accuracy), f"{record['evaluation']['inputs']:,}", record.get("exported_at", "")[:10]


def footnotes(records: Mapping[str, Record]) -> Iterator[str]:
    """What the numbers were measured on, what the app gets, and what the numbers leave open."""
    yield "Δ pp: percentage points of accuracy against Keras; s: seconds to convert, and for Keras to do everything"
    yield "◂ app: the app's default, the smallest variant within its tolerance"
    for name, record in records.items():
        evaluation = record["evaluation"]
        claim = "" if evaluation["labelled"] else ": no labels, so agreement is judged and no accuracy claimed"
        yield f"{name}: {evaluation['inputs']} inputs, {evaluation['name']}{claim}"
        for variant, model in record["variants"].items():
            if model["parity"] is None:
                yield f"{name}: the model it was converted from is not known, so nothing says what that cost"
            elif model["parity"]["verdict"] == Verdict.INCONCLUSIVE:
                yield f"warning: {name} {variant}: {describe(model['parity'])}; evaluate on more pictures to be sure"
        yield from _remedies(name, record.get("remedies", ()))
        if (moved := record.get("trained_with")) is not None:
            yield f"{name}: {_moved(moved)}"


def _remedies(name: str, tried: Sequence[Record]) -> Iterator[str]:
    """What int8 lost, and what everything that was tried for it bought."""
    for one in tried:
        if one["parity"] is None:
            yield f"{name}: remedy {one['remedy']} could not be tried: {one['refused']}"
            continue
        judged = MEANING[Verdict(one["parity"]["verdict"])]
        title = "" if one["remedy"] == Variant.INT8 else "remedy "
        cost = f"{size(one['bytes'])}, {one['seconds']:.1f} s, {one['calibration_samples']} samples"
        yield f"{name}: {title}{one['remedy']} {judged}: {describe(one['parity'])} ({cost})"


def _moved(moved: Record) -> str:
    """What leaving the preprocessing of the training costs, in words."""
    agreement = f"{moved['agreement']:.1%} of {moved['inputs']} inputs are answered alike"
    arrow = f"from {moved['preprocessing']}, as trained, to the ImageSpec"
    if moved["delta_points"] is None:
        return f"{arrow}: {agreement}; no labels, so no accuracy claimed"
    low, high = moved["delta_interval"]
    changed = f"accuracy {moved['delta_points']:+.2f} points (95 %: {low:+.2f} to {high:+.2f})"
    return f"{arrow}: {changed}, {percent(moved['training_accuracy'])} to {percent(moved['accuracy'])}; {agreement}"
