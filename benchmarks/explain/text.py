"""An explanation in plain words: the verdict, arrow by arrow, then causes and what to do. Nothing is computed."""

from collections.abc import Iterator

from benchmarks.compare.accuracy import ArrowName
from benchmarks.compare.comparison import Cause, Layer
from benchmarks.compare.row_results import RowResults
from benchmarks.explain.explanation import ArrowFacts, Explanation
from benchmarks.formats.run_folder import Record

STEPS = {
    ArrowName.CONVERSION: "Keras → TFLite on this computer",
    ArrowName.RUNTIME: "→ the phone on the same tensors",
    ArrowName.PREPROCESSING: "→ the phone on the pictures",
}
CHANGES = {
    ArrowName.CONVERSION: "conversion and quantisation",
    ArrowName.RUNTIME: "the phone's runtime and kernels",
    ArrowName.PREPROCESSING: "decoding, turning, cropping, resizing and normalising on the phone",
}
LAYERS = 5


def lines(one: Explanation, row: RowResults) -> Iterator[str]:
    """The explanation of the row, line by line."""
    yield f"{one.model} on {one.phone_title}: {_verdict(one)}"
    yield ""
    for fact in one.arrows:
        yield f"  {STEPS[fact.name]:32}  {_numbers(fact)}{f'  ◂ {fact.share:.0%}' if fact.parts else ''}"
    if one.causes:
        yield ""
        yield "  Causes, by the share of all differences that each reproduces:"
        for number, cause in enumerate(one.causes, start=1):
            yield from _cause(number, cause)
        yield ""
        yield f"  To check: change that one thing, then {_again(row.model, one.causes[0].arrow)}"
    if one.layers:
        yield ""
        yield "  Layers furthest from float (RMS error over RMS; share of values that the range cuts off):"
        yield from (
            f"    {_layer(layer)}" for layer in sorted(one.layers, key=lambda one: -one.relative_error)[:LAYERS]
        )
    for remark in one.remarks:
        yield f"  {remark}"


def _verdict(one: Explanation) -> str:
    if one.arrow is None:
        return one.causes[0].summary if one.causes else "nothing to explain, no arrow changes an answer"
    if not one.causes:
        return f"the answers part on {CHANGES[one.arrow]}"
    first = one.causes[0]
    tried = "" if first.score > 0 else "perhaps "
    return f"{tried}{first.summary} ({first.id}, {first.score:.0%})"


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


def _again(model: Record, arrow: ArrowName) -> str:
    recipe, variant = model["recipe"], model["variant"]
    if arrow is ArrowName.CONVERSION:
        return f"make export RECIPES={recipe}, make benchmark MODELS={recipe}, and explain again"
    return f"python -m benchmarks run --models {recipe} --variants {variant} --limit 32 --fed, and explain again"
