"""`python -m export.classify`: a folder of pictures in, what a packed model sees in them out."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.console.interrupts import leave
from benchmarks.console.terminal import quiet
from benchmarks.formats.errors import BenchmarkError
from export import answer_table, classifier, contact_sheet
from export.answers import ClassifyOptions, PictureAnswers, classify
from export.data import pictures
from export.errors import ClassifyError, ExportError
from export.recipe import Variant
from metadata.command_line import BAD_INPUT, INTERRUPTED, OneLineParser
from metadata.errors import MetadataError
from metadata.output import write_whole

ROOT = Path(__file__).parent.parent
SOME_SKIPPED = 1
SHEET_OPTION = "--contact-sheet"
EPILOG = """--json prints one array; "top" begins with the most probable label, "index" is its
place in the model's label file, "door" is null without --door:
  [{"file": "photos/rex.jpg",
    "top": [{"label": "beagle", "index": 162, "probability": 0.91}, …],
    "door": "come in"}, …]

--door: dogs "come in", cats "stay inside", everything else is to "stay outside".

exit code:
  0    every picture was classified
  1    some files could not be read; they are named on standard error
  2    nothing could be classified, or the input cannot be used
  130  interrupted

examples:
  python -m export.classify photos/
  python -m export.classify photos/ rex.jpg --variant int8 --door
  python -m export.classify digits/ --model digits_cnn --top 1 --json
  python -m export.classify photos/ --model mobilenet_packed.tflite
  python -m export.classify photos/ --contact-sheet sheet.png
"""


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line as given; names and paths are not yet checked."""
    parser = OneLineParser(
        prog="python -m export.classify",
        description="Classify pictures with a packed model, on this computer, as a phone would.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("images", nargs="+", type=Path, metavar="IMAGES", help="pictures, and folders that are searched for pictures")
    add(
        "--model",
        default="efficientnet_lite0",
        help="an exported model's name, or the path of a packed .tflite file (default: %(default)s)",
    )
    add("--variant", help=f"one of {', '.join(Variant)} (default: the one that the app uses)")
    add("--top", type=_count, default=5, metavar="K", help="labels a picture (default: %(default)s)")
    add("--json", action="store_true", help="print one JSON array instead of the table")
    add(
        SHEET_OPTION,
        type=Path,
        metavar="SHEET.png",
        help=f"also draw the pictures with their labels, the first {contact_sheet.LIMIT} of them",
    )
    add("--door", action="store_true", help="also say who may come in through the doggy door")
    add("--models", type=Path, default=ROOT / "build" / "models", metavar="DIR", help="where make export put them")
    return parser.parse_args(arguments)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no count; give 1 or more")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Classify, print, draw; the exit code."""
    files = pictures.find(options.images)
    chosen = classifier.find(options.model, options.variant, options.models)
    _check_sheet(options.contact_sheet, files)
    asked = ClassifyOptions(options.top, options.door, contact_sheet.LIMIT if options.contact_sheet else 0)
    with quiet(ROOT / "build" / "logs" / f"classify-{time.strftime('%Y%m%d-%H%M%S')}.log") as terminal:
        found = classify(files, chosen, asked, terminal)
    try:
        if options.contact_sheet:
            write_whole(options.contact_sheet, contact_sheet.png(chosen.title, found), SHEET_OPTION)
            print(f"contact sheet: {options.contact_sheet}", file=sys.stderr)
    finally:  # a full disk takes the sheet, not the answers
        _print(found, options.json)
    return SOME_SKIPPED if found.skipped else 0


def _check_sheet(sheet: Path | None, files: Sequence[Path]) -> None:
    """ClassifyError, before any work, when the sheet's place is surely wrong."""
    if sheet is None:
        return
    if sheet.suffix.lower() != ".png" or sheet.is_dir():
        raise ClassifyError(f"{SHEET_OPTION} {sheet}: a sheet is a PNG file; give a name that ends in .png")
    if sheet.resolve() in {file.resolve() for file in files}:
        raise ClassifyError(f"{SHEET_OPTION} {sheet} is one of the pictures to classify; give another name")


def _print(found: PictureAnswers, as_json: bool) -> None:
    console = Console(markup=False, highlight=False)
    if as_json:
        console.out(json.dumps([answer.to_json() for answer in found.answers], indent=1), highlight=False)
        return
    for page in answer_table.pages(found.answers, console.width):
        console.print(page)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0; 1 when files were skipped; 2 for bad input, with one line; 130 when interrupted."""
    options = parse(arguments)
    try:
        return run(options)
    except (ExportError, MetadataError, BenchmarkError) as error:
        print(f"classify: {error}", file=sys.stderr)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"classify: {where}{error.strerror or error}; mend that and run again", file=sys.stderr)
    except KeyboardInterrupt:
        print("classify: interrupted", file=sys.stderr)
        return INTERRUPTED
    return BAD_INPUT


if __name__ == "__main__":
    leave(main())
