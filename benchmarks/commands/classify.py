"""`python -m benchmarks classify`: what packed models see in pictures, here and on phones, and where stages part."""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from benchmarks.classify import answer_table, contact_sheet, packed
from benchmarks.classify.answers import ClassifyOptions, PictureAnswer, PictureAnswers, classify
from benchmarks.classify.packed import PackedClassifier
from benchmarks.classify.stages import REFERENCES, distances, sentence, to_json
from benchmarks.console.arguments import add_model_options, count
from benchmarks.console.places import add_build_option
from benchmarks.console.terminal import Terminal, quiet, uncut
from benchmarks.evaluation import picture_files
from benchmarks.formats.errors import BenchmarkError, InputsError
from benchmarks.phones import options as phones
from metadata.output import write_whole

if TYPE_CHECKING:
    from benchmarks.phones.admission import Admission

SOME_SKIPPED, PHONE_FAILED = 1, 2
DEFAULT_MODEL = "efficientnet_lite0"
SHEET_OPTION = "--contact-sheet"
EPILOG = """Without --keras and without an option that names a phone, only TensorFlow Lite on
this computer answers. With one of them, each picture gets a table with a column a stage,
and the step on which the answers part is named. --device all asks every attached phone.

--json prints one array; "top" begins with the most probable label, "index" is its
place in the model's label file, "door" is null without --door:
  [{"file": "photos/rex.jpg", "model": "efficientnet_lite0", "variant": "int8",
    "top": [{"label": "beagle", "index": 162, "probability": 0.91}, …],
    "door": "come in"}, …]
With --keras or a phone also "stages", and "arrows": the steps between them.

--door: dogs "come in", cats "stay inside", everything else is to "stay outside".

exit code:
  0    every picture was classified
  1    some pictures could not be read; standard error names them, or their kind
  2    nothing could be classified, a phone did not answer, or the input cannot be used
  130  interrupted

examples:
  python -m benchmarks classify photos/
  python -m benchmarks classify photos/ rex.jpg --variants int8 --door
  python -m benchmarks classify digits/ --models digits_cnn --top 1 --json
  python -m benchmarks classify photos/ --models mobilenet_packed.tflite
  python -m benchmarks classify photos/ --contact-sheet sheet.png
  python -m benchmarks classify dog.jpg --variants fp32,int8 --keras --device all
  python -m benchmarks classify seven.png --models digits_cnn --device virtual
"""


def add_parser(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subcommands.add_parser(
        "classify",
        help="name what is on pictures, here and on phones, and say where they part",
        description="Classify pictures with packed models on this computer, with Keras too, and on phones.",
        epilog=EPILOG,
    )
    add = parser.add_argument
    add("pictures", nargs="+", type=Path, metavar="PICTURES", help="pictures, and folders that are searched for them")
    add_model_options(
        parser,
        f"exported models by name, or paths of packed .tflite files; repeatable (default: {DEFAULT_MODEL})",
        "such as fp32,int8 (default: the one that the app uses)",
    )
    add("--top", type=count, default=5, metavar="K", help="labels a picture (default: %(default)s)")
    add("--json", action="store_true", help="print one JSON array instead of the tables")
    add("--door", action="store_true", help="also say who may come in through the doggy door")
    add(
        SHEET_OPTION,
        type=Path,
        metavar="SHEET.png",
        help=f"also draw the pictures with their labels, the first {contact_sheet.LIMIT} of them",
    )
    add("--keras", action="store_true", help="also ask the Keras or TensorFlow model that was exported")
    phones.add_options(parser)
    add_build_option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Classify, print, draw; the exit code."""
    given = picture_files.find(options.pictures)
    files = given.pictures
    classifiers = packed.find(options.models or [DEFAULT_MODEL], options.variants, options.build.models)
    _check_sheet(options.contact_sheet, files, classifiers)
    log = options.build.logs / f"classify-{time.strftime('%Y%m%d-%H%M%S')}.log"
    with _phones(options, classifiers) as (admitted, problems), quiet(log) as terminal:
        if given.others:
            terminal.say(picture_files.passed_over("classify", given.others))
        found = [(one, _classify(files, one, options, admitted, problems, terminal)) for one in classifiers]
    for problem in problems:
        print(problem, file=sys.stderr)
    try:
        if options.contact_sheet:
            ((classifier, answers),) = found
            write_whole(options.contact_sheet, contact_sheet.png(classifier.title, answers), SHEET_OPTION)
            print(f"contact sheet: {options.contact_sheet}", file=sys.stderr)
    finally:  # a full disk takes the sheet, not the answers
        _print(found, options, by_stage=options.keras or _names_phones(options))
    if problems:
        return PHONE_FAILED
    unread = any(file.suffix.lower() in picture_files.UNREAD_ENDINGS for file in given.others)
    return SOME_SKIPPED if unread or any(answers.skipped for _, answers in found) else 0


def _names_phones(options: argparse.Namespace) -> bool:
    return bool(options.device or options.serial or options.tcp or options.adb_server)


@contextmanager
def _phones(
    options: argparse.Namespace, classifiers: Sequence[PackedClassifier]
) -> "Iterator[tuple[list[Admission], list[str]]]":
    """The phones to ask, and a line for each that cannot be asked. Where none is named, nothing of phones is loaded."""
    if not _names_phones(options):
        yield [], []
        return
    from benchmarks.phones.asked import asked_phones

    with asked_phones(options, [(one.recipe, one.variant) for one in classifiers]) as found:
        yield found


def _check_sheet(sheet: Path | None, files: Sequence[Path], classifiers: Sequence[PackedClassifier]) -> None:
    """InputsError, before any work, when the sheet cannot be drawn or its place is surely wrong."""
    if sheet is None:
        return
    if len(classifiers) > 1:
        raise InputsError(f"{SHEET_OPTION} shows one model, not {len(classifiers)}; choose one variant of one model")
    if sheet.suffix.lower() != ".png" or sheet.is_dir():
        raise InputsError(f"{SHEET_OPTION} {sheet}: a sheet is a PNG file; give a name that ends in .png")
    if sheet.resolve() in {file.resolve() for file in files}:
        raise InputsError(f"{SHEET_OPTION} {sheet} is one of the pictures to classify; give another name")


def _classify(
    files: Sequence[Path],
    classifier: PackedClassifier,
    options: argparse.Namespace,
    admitted: "Sequence[Admission]",
    problems: list[str],
    terminal: Terminal,
) -> PictureAnswers:
    """The answers of this computer and of every phone; why a phone did not answer is added to `problems`."""
    if options.keras and classifier.recipe.reference not in REFERENCES:
        terminal.say(f"--keras: {classifier.title} came as a TFLite file; nothing that it was made from is known")
    thumbnails = contact_sheet.LIMIT if options.contact_sheet else 0
    found = classify(files, classifier, ClassifyOptions(options.top, options.door, thumbnails, options.keras), terminal)
    for phone in admitted:
        from benchmarks.classify.phone import on_phone

        try:
            stages = on_phone(found.files, classifier, phone, terminal.bar(phone.title))
        except BenchmarkError as error:
            problems.append(str(error))
            continue
        pairs = zip(found.answers, stages, strict=True)
        answers = tuple(replace(answer, stages=(*answer.stages, *more)) for answer, more in pairs)
        found = replace(found, answers=answers)
    return found


def _print(
    found: Sequence[tuple[PackedClassifier, PictureAnswers]], options: argparse.Namespace, by_stage: bool
) -> None:
    console = Console(markup=False, highlight=False)
    pairs = [(classifier, answer) for classifier, answers in found for answer in answers.answers]
    if options.json:
        records = [_to_json(*pair, options.top, by_stage) for pair in pairs]
        console.out(json.dumps(records, indent=1), highlight=False)
    elif by_stage:
        for pair in pairs:
            _print_stages(*pair, options.top, console)
    else:
        for classifier, answers in found:
            if len(found) > 1:
                console.print(f"\n{classifier.title}\n", style="bold")
            for page in answer_table.pages(answers.answers, console.width):
                console.print(page)


def _print_stages(classifier: PackedClassifier, answer: PictureAnswer, top: int, console: Console) -> None:
    title = f"{answer.file}, {classifier.title}"
    uncut(console).print(answer_table.stage_table(title, answer, classifier.recipe.labels, top))
    for distance in distances(answer.stages):
        console.print(sentence(distance), soft_wrap=True)
    if answer.door is not None:
        console.print(f"door: {answer.door}")
    console.print()


def _to_json(classifier: PackedClassifier, answer: PictureAnswer, top: int, by_stage: bool) -> dict[str, Any]:
    record = {
        "file": answer.file,
        "model": classifier.recipe.name,
        "variant": classifier.variant.name,
        "top": [guess.to_json() for guess in answer.top],
        "door": answer.door,
    }
    return record | (to_json(answer.stages, classifier.recipe.labels, top) if by_stage else {})
