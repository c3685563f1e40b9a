"""`python -m metadata`: show, check, pack and bindings, from the command line."""

import argparse
import shutil
import sys
import unicodedata
from collections.abc import Iterator, Sequence

from metadata.arguments import parser
from metadata.bindings import generate
from metadata.card import DigitLayout, ImageSpec, ModelCard, per_channel
from metadata.check import check
from metadata.command_line import BAD_INPUT, run_main
from metadata.descriptions import CheckReport, ModelFindings, describe, json_text
from metadata.errors import CardError, MetadataError, ModelFileError
from metadata.finding import Finding, Severity
from metadata.labels import class_names, read_labels
from metadata.output import write_whole
from metadata.reader import PackedModel, read, read_bytes, read_file
from metadata.resize import with_input_size
from metadata.runtimes import load_runtime
from metadata.show import findings_text, model_text, printable
from metadata.writer import pack

KEPT = {"description": "", "version": "1", "author": "", "license": ""}
"""What `pack` keeps of a packed file where no option states it, and the default of each."""
ERRORS_FOUND = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 is well, 1 is errors found by `check`, 2 is input that cannot be used."""
    options = parser().parse_args(arguments)
    try:
        return COMMANDS[options.command](options)
    except MetadataError as error:
        return _refuse(error)


def run_show(options: argparse.Namespace) -> int:
    """Print one model."""
    model = read(options.model)
    if options.json:
        print(json_text(describe(model)))
    else:
        print(model_text(str(options.model), model, shutil.get_terminal_size().columns))
    return 0


def run_check(options: argparse.Namespace) -> int:
    """Print what is wrong with each model; a file that cannot be read does not hide the others."""
    runtime = load_runtime(options.runtime)
    code = 0
    found: dict[str, tuple[Finding, ...]] = {}
    for path in options.models:
        try:
            found[str(path)] = check(read(path), runtime)
        except ModelFileError as error:
            code = _refuse(error)
    if options.json:
        print(json_text(CheckReport(runtime.name, tuple(ModelFindings(*pair) for pair in found.items()))))
    else:
        for path, findings in found.items():
            print(findings_text(path, findings))
    errors = any(finding.severity is Severity.ERROR for findings in found.values() for finding in findings)
    return code or (ERRORS_FOUND if errors else 0)


def run_pack(options: argparse.Namespace) -> int:
    """Write the packed model, then say what `check` makes of it."""
    out = options.out or options.model.with_name(f"{options.model.stem}_packed.tflite")
    data, before = read_file(options.model), read(options.model)
    if options.size is not None and before.file.inputs[:1] and before.file.inputs[0].is_any_size:
        data = with_input_size(data, *options.size)
    card = _card(read_bytes(data), options)
    packed = pack(data, card)
    write_whole(out, packed)
    print(f"packed {options.model} into {out}, {len(packed):,} bytes")
    for line in _replaced(before, card):
        print(line)
    print(findings_text(str(out), check(read_bytes(packed), load_runtime())))
    return 0


def run_bindings(options: argparse.Namespace) -> int:
    """Write the wrapper module and name its files."""
    bindings = generate(options.model, options.package, options.out)
    for path in bindings.files:
        print(path)
    for note in bindings.notes:
        print(f"generator: {note}", file=sys.stderr)
    return 0


COMMANDS = {"show": run_show, "check": run_check, "pack": run_pack, "bindings": run_bindings}


def _card(model: PackedModel, options: argparse.Namespace) -> ModelCard:
    """The card that the options and the model's own input describe."""
    inputs = model.file.inputs
    shape = inputs[0].shape if len(inputs) == 1 else ()
    if shape and inputs[0].is_any_size:
        raise CardError("the model takes pictures of any size; choose one with --size, such as 224x224")
    if len(shape) == 4 and options.size not in (None, shape[1:3]):
        raise CardError(f"the model's input is {shape}, which --size cannot change; leave it out")
    if len(shape) != 4:
        shapes = ", ".join(str(tensor.shape) for tensor in inputs) or "none"
        raise CardError(f"inputs of shape {shapes}; only classifiers of one picture (1, h, w, 1 or 3) can be packed")
    _, height, width, channels = shape
    image = ImageSpec(
        height=height,
        width=width,
        channels=channels,
        mean=per_channel(options.mean, channels),
        std=per_channel(options.std, channels),
        crop=options.crop,
        resize=options.resize,
        digit=None if options.digit is None else DigitLayout(options.digit),
    )
    outputs = model.file.outputs
    labels = class_names(read_labels(options.labels), (outputs[0].numbers if outputs else None) or 0)
    stem = unicodedata.normalize("NFC", options.model.stem)  # macOS names é by its parts, e and an accent
    kept = {name: getattr(model.metadata, name, None) or default for name, default in KEPT.items()}
    stated = {name: getattr(options, name) for name in KEPT if getattr(options, name) is not None}
    return ModelCard(name=options.name or stem, image=image, labels=labels, **{**kept, **stated})


def _replaced(before: PackedModel, card: ModelCard) -> Iterator[str]:
    """A line for everything that the file said before and says otherwise now."""
    for name in ("name", *KEPT):
        said, says = getattr(before.metadata, name, None), getattr(card, name)
        if said and said != says:
            yield f"  {name}: {printable(says) or 'nothing'} instead of {printable(said)}"
    if before.labels is not None and before.labels != card.labels:
        yield f"  labels: {len(card.labels)} other ones instead of {len(before.labels)}"
    if before.image is not None and before.image != card.image:
        yield "  preprocessing: as the options say instead of what the file said"


def _refuse(error: MetadataError) -> int:
    print(f"metadata: {error}", file=sys.stderr)
    return BAD_INPUT


if __name__ == "__main__":
    run_main(main)
