"""The tables and lines that an export prints at its end. Rendering never computes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.console.places import short
from benchmarks.console.terminal import uncut
from benchmarks.evaluation.number_format import NUMERICALLY_SAME, inputs_needed, percent, size
from benchmarks.evaluation.stats import Verdict
from benchmarks.formats.models_file import ExportRecord, RecipeRecord
from benchmarks.formats.variant_record import ParityRecord, RemedyRecord, TrainedWithRecord, VariantRecord
from export.recipe import Recipe, Variant

# An export passes, warns or stops. An interval that contains the limit is a warning.
VERDICTS = {Verdict.PASS: "[green]PASS[/]", Verdict.INCONCLUSIVE: "[yellow]WARN[/]", Verdict.FAIL: "[red]FAIL[/]"}

MEANING = {Verdict.PASS: "is enough", Verdict.INCONCLUSIVE: "may be enough", Verdict.FAIL: "loses too much"}

# The library of a reference model, by its file's suffix.
REFERENCES = {".keras": "Keras", ".pb": "TensorFlow"}
# Every column with its least width: wider cells, of 100 % or of few inputs, make it wider.
COLUMNS = (
    ("", 13), ("size", 7), ("top-1", 6), ("Δ pp", 5), ("95 %", 14), ("agree", 7), ("max |Δp|", 8), ("s", 3), ("", 4),
)  # fmt: skip


def print_export(records: Mapping[str, ExportRecord], assets: Path, more: Iterable[str] = ()) -> None:
    """Print the records' tables, their footnotes, `more` lines, and where the app's assets are."""
    console = Console()
    for table in parity_tables(records):
        uncut(console).print(table)
    for line in (*footnotes(records), *more, f"app assets: {short(assets)}"):
        console.print(line, highlight=False, soft_wrap=True)


def parity_tables(records: Mapping[str, ExportRecord]) -> Iterator[Table]:
    """For every recipe, Keras and every variant on the recipe's evaluation set.

    All tables have the same widths: 75 columns, and more where a cell needs them.
    """
    rows = {name: tuple(_rows(record)) for name, record in records.items()}
    cells = [row for listed in rows.values() for row in listed]
    widths = [
        max([least, *(Text.from_markup(row[place]).cell_len for row in cells)])
        for place, (_, least) in enumerate(COLUMNS)
    ]
    for name, listed in rows.items():
        table = Table(title=name, title_justify="left", title_style="bold", box=SIMPLE_HEAD, padding=0, show_edge=False)
        for (column, _), width in zip(COLUMNS, widths, strict=True):
            table.add_column(column, justify="right" if column else "left", no_wrap=True, width=width)
        for row in listed:
            table.add_row(*row)
        yield table


def _rows(record: ExportRecord) -> Iterator[tuple[str, ...]]:
    """The cells of Keras and of every variant, in the order of `COLUMNS`."""
    reference, parity = record.reference.model, next(iter(record.variants.values())).parity
    if parity is not None:
        title, accuracy = REFERENCES[Path(reference.path).suffix], percent(parity.keras_accuracy)
        yield title, size(reference.size_bytes), accuracy, "", "", "", "", f"{record.seconds:.0f}", ""
    for variant, model in record.variants.items():
        mark = " ◂ app" if variant == record.default_variant else ""
        yield f"{variant}{mark}", *_measured(model)


def _measured(model: VariantRecord) -> tuple[str, ...]:
    parity = model.parity
    if parity is None:
        nothing = ("–",) * 4
        return (size(model.size_bytes), percent(model.accuracy), *nothing, f"{model.seconds:.1f}", "")
    delta = interval = "–"
    if parity.delta_points is not None and parity.delta_interval is not None:
        low, high = parity.delta_interval
        delta, interval = f"{parity.delta_points:+.2f}", f"{low:+.2f} to {high:+.2f}"
    return (
        size(model.size_bytes),
        percent(parity.accuracy),
        delta,
        interval,
        percent(parity.agreement),
        f"{parity.max_probability_difference:.0e}",
        f"{model.seconds:.1f}",
        VERDICTS[Verdict(parity.verdict)] + (" same" if _passes_as_same(parity) else ""),
    )


def _passes_as_same(parity: ParityRecord) -> bool:
    """Whether its interval is too wide for a verdict, and it passes because it is numerically the same as Keras."""
    return parity.verdict == Verdict.PASS and parity.inputs_to_decide is not None


def model_table(recipes: Mapping[str, Recipe], records: Mapping[str, RecipeRecord]) -> Table:
    """Every recipe and every other model of the manifest, with the accuracy that its last export measured.

    It is the Keras model's accuracy; for a ready `.tflite` file, that file's.
    """
    table = Table(box=SIMPLE_HEAD, padding=0, show_edge=False)
    for column in ("model", "parameters", "input", "data and weights", "top-1", "of", "measured"):
        justify: Literal["left", "right"] = "right" if column in ("parameters", "top-1", "of") else "left"
        table.add_column(column, justify=justify, no_wrap=column != "data and weights", overflow="fold")
    for name in [*recipes, *(name for name in records if name not in recipes)]:
        recipe, record = recipes.get(name), records.get(name)
        if recipe is not None:
            image, parameters = recipe.card.image, recipe.parameters
            if record is not None and recipe.resolve is not None:  # its backbone may not be the first choice
                image, parameters = record.card.spec(), record.parameters
            # A source with the name of its model holds the weights.
            sources = ["weights" if source.name == name else source.name for source in recipe.sources]
        else:
            image, parameters = records[name].card.spec(), records[name].parameters
            sources = [source.source for source in records[name].sources]
        shape = f"{image.height}×{image.width}×{image.channels}"
        described = "–" if parameters is None else f"{parameters:,}"
        table.add_row(name, described, shape, ", ".join(dict.fromkeys(sources)), *_last_measured(record))
    return table


def _last_measured(record: RecipeRecord | None) -> tuple[str, str, str]:
    """Accuracy, on how many inputs, and when; a dash where the inputs had no labels."""
    if record is None:
        return "", "", "not yet"
    model = next(iter(record.variants.values()))
    accuracy = model.accuracy if model.parity is None else model.parity.keras_accuracy
    return percent(accuracy), f"{record.evaluation.inputs:,}", record.exported_at[:10]


def footnotes(records: Mapping[str, ExportRecord]) -> Iterator[str]:
    """Lines about the columns, the evaluation sets, inconclusive verdicts, remedies, notes and preprocessing."""
    yield "Δ pp: percentage points of accuracy against Keras; s: seconds to convert, and for Keras to do everything"
    yield "◂ app: the app's default, the smallest variant within its tolerance"
    for name, record in records.items():
        evaluation = record.evaluation
        claim = "" if evaluation.labelled else ": no labels, so agreement is judged and no accuracy claimed"
        yield f"{name}: {evaluation.inputs} inputs, {evaluation.name}{claim}"
        for variant, model in record.variants.items():
            if model.parity is None:
                yield f"{name}: the model it was converted from is not known, so nothing says what that cost"
            elif model.parity.verdict == Verdict.INCONCLUSIVE:
                needed = inputs_needed(model.parity.inputs_to_decide)
                yield f"warning: {name} {variant}: {model.parity.in_words}; {needed}"
            elif _passes_as_same(model.parity):
                yield f"{name} {variant}: {NUMERICALLY_SAME}: {model.parity.in_words}"
        yield from _remedies(name, record.remedies)
        yield from (f"note: {name}: {note.id}: {note.summary}; {note.remedy}" for note in record.notes)
        if record.trained_with is not None:
            yield f"{name}: {_preprocessing_cost(record.trained_with)}"


def _remedies(name: str, tried: Sequence[RemedyRecord]) -> Iterator[str]:
    """What int8 lost or why there is none, and what each remedy changed."""
    for attempt in tried:
        title = "" if attempt.remedy == Variant.INT8 else "remedy "
        if attempt.parity is None or attempt.size_bytes is None:
            what = "could not be tried" if title else "is refused"
            yield f"{name}: {title}{attempt.remedy} {what}: {attempt.refused}"
            continue
        judged = MEANING[Verdict(attempt.parity.verdict)]
        cost = f"{size(attempt.size_bytes)}, {attempt.seconds:.1f} s, {attempt.calibration_samples} samples"
        yield f"{name}: {title}{attempt.remedy} {judged}: {attempt.parity.in_words} ({cost})"


def _preprocessing_cost(cost: TrainedWithRecord) -> str:
    """What the change from the training's preprocessing to the ImageSpec costs, in words."""
    agreement = f"{cost.agreement:.1%} of {cost.inputs} inputs are answered alike"
    arrow = f"from {cost.preprocessing}, as trained, to the ImageSpec"
    if cost.delta_points is None or cost.delta_interval is None:
        return f"{arrow}: {agreement}; no labels, so no accuracy claimed"
    low, high = cost.delta_interval
    changed = f"accuracy {cost.delta_points:+.2f} points (95 %: {low:+.2f} to {high:+.2f})"
    return f"{arrow}: {changed}, {percent(cost.training_accuracy)} to {percent(cost.accuracy)}; {agreement}"
