"""An explanation as text for the terminal: the verdict, each arrow, then causes and what to do. Nothing is computed."""

from collections.abc import Iterator

from benchmarks.compare.accuracy import ArrowName
from benchmarks.compare.comparison import Cause, Layer
from benchmarks.compare.row_results import RowResults
from benchmarks.explain.explanation import ArrowFacts, Explanation
from benchmarks.formats.run_file import RunModel

ARROW_TITLES = {
    ArrowName.CONVERSION: "Keras → TFLite on this computer",
    ArrowName.RUNTIME: "→ the phone on the same tensors",
    ArrowName.PREPROCESSING: "→ the phone on the pictures",
}
ARROW_CHANGES = {
    ArrowName.CONVERSION: "conversion and quantisation",
    ArrowName.RUNTIME: "the phone's runtime and kernels",
    ArrowName.PREPROCESSING: "decoding, turning, cropping, resizing and normalising on the phone",
}
MAX_LAYERS = 5


def lines(explanation: Explanation, row: RowResults) -> Iterator[str]:
    """The explanation of the row, line by line."""
    yield f"{explanation.model} on {explanation.phone_title}: {_verdict(explanation)}"
    yield ""
    for fact in explanation.arrows:
        yield f"  {ARROW_TITLES[fact.name]:32}  {_numbers(fact)}{f'  ◂ {fact.share:.0%}' if fact.parts else ''}"
    if explanation.causes:
        yield ""
        yield "  Causes, by the share of all differences that each explains:"
        for number, cause in enumerate(explanation.causes, start=1):
            yield from _cause(number, cause)
        yield ""
        yield f"  To check: change that one thing, then {_next_command(row.model, explanation.causes[0].arrow)}"
    if explanation.layers:
        yield ""
        yield "  Layers furthest from float (RMS error over RMS; share of values that the range cuts off):"
        worst = sorted(explanation.layers, key=lambda layer: -layer.relative_error)[:MAX_LAYERS]
        yield from (f"    {_layer(layer)}" for layer in worst)
    for remark in explanation.remarks:
        yield f"  {remark}"


def _verdict(explanation: Explanation) -> str:
    if explanation.arrow is None:
        return explanation.causes[0].summary if explanation.causes else "nothing to explain, no arrow changes an answer"
    if not explanation.causes:
        return f"the answers differ on {ARROW_CHANGES[explanation.arrow]}"
    first = explanation.causes[0]
    certainty = "" if first.score > 0 else "perhaps "
    return f"{certainty}{first.summary} ({first.id}, {first.score:.0%})"


def _numbers(fact: ArrowFacts) -> str:
    accuracy = "" if fact.delta_points is None else f", accuracy {fact.delta_points:+.2f} points"
    return f"{fact.flips} of {fact.inputs} answers flip{accuracy}, max |Δp| {fact.max_difference:.1e}"


def _cause(number: int, cause: Cause) -> Iterator[str]:
    score = f"{cause.score:.0%}" if cause.score > 0 else "not tried"
    yield f"  {number}. {cause.id} ({score}, {cause.arrow}): {cause.summary}"
    yield f"     seen: {cause.evidence}"
    yield f"     do:   {cause.remedy}"


def _layer(layer: Layer) -> str:
    cut = "" if layer.saturated is None else f", {layer.saturated:.1%} cut off"
    return f"{layer.index:3} {layer.operator:22} {layer.relative_error:6.1%}{cut}  {layer.name}"


def _next_command(model: RunModel, arrow: ArrowName) -> str:
    recipe, variant = model.recipe, model.variant
    if arrow is ArrowName.CONVERSION:
        return f"make export RECIPES={recipe}, make benchmark MODELS={recipe}, and explain again"
    choice = f"--models {recipe} --variants {variant}"
    if arrow is ArrowName.RUNTIME:
        return f"python -m benchmarks run {choice}, and explain --layers"
    return f"python -m benchmarks run {choice} --limit 32 --model-inputs, and explain again"
