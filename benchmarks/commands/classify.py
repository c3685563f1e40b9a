"""`python -m benchmarks classify photo.jpg`: what every stage says of one picture, and where they part."""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.adb.discovery import Found
from benchmarks.adb.errors import NoPhoneError
from benchmarks.commands.classify_stages import (
    TOP,
    Classified,
    EncodedPicture,
    StageAnswer,
    StageDistance,
    compare,
    on_desktop,
    on_phone,
)
from benchmarks.console.arguments import names
from benchmarks.console.places import Build, add_build_option
from benchmarks.console.terminal import Terminal, quiet
from benchmarks.formats.errors import BenchmarkError, InputsError
from benchmarks.formats.manifest import ExportedRecipe, ExportedVariant, Manifest
from benchmarks.phones import choice as phones
from benchmarks.phones.admission import Admission, admit_all, describe
from benchmarks.phones.preflight import OVERRIDABLE, Needs

EXAMPLES = """examples:
  python -m benchmarks classify dog.jpg                                every recipe's default variant, every phone
  python -m benchmarks classify dog.jpg --model efficientnet_lite0 --variants fp32,int8
  python -m benchmarks classify seven.png --model digits_cnn --device virtual
"""


def add_parser(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subcommands.add_parser(
        "classify",
        help="one picture on the desktop and on the phones, and where they part",
        description="Classify one picture with Keras, desktop TFLite, and each phone on tensors and on the picture.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("picture", type=Path, metavar="PICTURE", help="JPEG, PNG, WebP, GIF or BMP")
    parser.add_argument("--model", action="append", default=[], metavar="RECIPE", help="repeatable (default: all)")
    parser.add_argument("--variants", type=names, default=(), metavar="A,B", help="default: the one that the app gets")
    phones.add_options(parser)
    parser.add_argument("--json", action="store_true", help="machine-readable")
    add_build_option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print every variant's answers; 2 where a phone could not be asked."""
    picture = _read(options.picture)
    chosen = _chosen(Manifest.read(options.build.models), options)
    try:
        with phones.attached(options) as attached:
            asked, silent = _admit(attached.found, chosen, options.build)
            problems = [*attached.unusable, *silent, *(describe(one) for one in asked if one.stopping)]
            found = _classify(picture, chosen, [one for one in asked if not one.stopping], options.build)
    except NoPhoneError as error:
        if options.device or options.serial:
            raise
        print(f"{error}: this computer only", file=sys.stderr)
        problems, found = [], _classify(picture, chosen, [], options.build)
    problems += [problem for one in found for problem in one.problems]
    for problem in problems:
        print(problem, file=sys.stderr)
    _print(found, options.json)
    return 2 if problems else 0


def _read(path: Path) -> EncodedPicture:
    try:
        return EncodedPicture(path.name, path.read_bytes())
    except OSError as error:
        raise InputsError(f"{path} cannot be read, {error.strerror}; give a picture") from error


def _chosen(manifest: Manifest, options: argparse.Namespace) -> list[tuple[ExportedRecipe, ExportedVariant]]:
    variants = manifest.select(options.model, options.variants)
    pairs = [(manifest.recipes[variant.recipe], variant) for variant in variants]
    return [
        (recipe, variant) for recipe, variant in pairs if options.variants or variant.name == recipe.default_variant
    ]


def _admit(
    found: Sequence[Found], chosen: Sequence[tuple[ExportedRecipe, ExportedVariant]], build: Build
) -> tuple[list[Admission], list[str]]:
    """One picture is no measurement: heat, battery and the like do not matter."""
    needs = Needs(chosen, sum(variant.file.size_bytes for _, variant in chosen), None)
    return admit_all(found, needs, OVERRIDABLE, False, build.apk, lambda _: False)


def _classify(
    picture: EncodedPicture,
    chosen: Sequence[tuple[ExportedRecipe, ExportedVariant]],
    admitted: Sequence[Admission],
    build: Build,
) -> list[Classified]:
    log = build.logs / f"classify-{time.strftime('%Y%m%d-%H%M%S')}.log"
    with quiet(log) as terminal:
        return [_one(picture, recipe, variant, admitted, terminal) for recipe, variant in chosen]


def _one(
    picture: EncodedPicture,
    recipe: ExportedRecipe,
    variant: ExportedVariant,
    admitted: Sequence[Admission],
    terminal: Terminal,
) -> Classified:
    desktop = on_desktop(picture, recipe, variant)
    stages, arrows, problems = list(desktop), list(compare(desktop)), []
    for phone in admitted:
        try:
            with tempfile.TemporaryDirectory() as work:
                bar = terminal.bar(phone.title)
                there, fed_values = on_phone(picture, recipe, variant, phone, Path(work), bar)
        except BenchmarkError as error:
            problems.append(str(error))
            continue
        stages += there
        arrows += compare((desktop[-1], *there), fed_values)
    return Classified(variant, recipe.labels, tuple(stages), tuple(arrows), tuple(problems))


def _print(found: Sequence[Classified], as_json: bool) -> None:
    if as_json:
        print(json.dumps([_to_json(one) for one in found], indent=2))
        return
    console = Console(soft_wrap=True)
    wide = Console(width=max(console.width, 120))
    for one in found:
        wide.print(_table(one))
        for arrow in one.arrows:
            console.print(sentence(arrow), highlight=False, markup=False)
        console.print()


def _table(one: Classified) -> Table:
    table = Table(title=one.variant.title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("", no_wrap=True)
    for stage in one.stages:
        table.add_column(stage.name if stage.phone is None else f"{stage.phone}\n{stage.name}", justify="right")
    for index in leaders(one.stages):
        cells = (f"{stage.probabilities[index]:.2%}{' ◂' if stage.top == index else '  '}" for stage in one.stages)
        table.add_row(one.labels[index], *cells)
    return table


def leaders(stages: Sequence[StageAnswer]) -> list[int]:
    """Every label that is among the five best of any stage, in the first stage's order; ties by the lower index."""
    best = {int(index) for stage in stages for index in (-stage.probabilities).argsort(kind="stable")[:TOP]}
    return sorted(best, key=lambda index: (-float(stages[0].probabilities[index]), index))


def sentence(arrow: StageDistance) -> str:
    """One arrow in words."""
    where = arrow.to if arrow.phone is None else f"{arrow.phone}, {arrow.to}"
    fed = "" if arrow.fed_values is None else f"; {arrow.fed_values} fed values differ"
    change = "another answer" if arrow.top_changed else "the same answer"
    mark = "parts here: " if arrow.parts else ""
    return f"{where}: {mark}{change}, max |Δp| {arrow.max_difference:.1e} by {arrow.cause}{fed}"


def _to_json(one: Classified) -> dict[str, Any]:
    return {
        "recipe": one.variant.recipe,
        "variant": one.variant.name,
        "stages": [
            {
                "stage": stage.name,
                "phone": stage.phone,
                "top": [
                    {"index": index, "label": one.labels[index], "probability": float(stage.probabilities[index])}
                    for index in leaders([stage])
                ],
            }
            for stage in one.stages
        ],
        "arrows": [{**asdict(arrow), "parts": arrow.parts} for arrow in one.arrows],
    }
