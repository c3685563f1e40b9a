"""What is wrong with a model file for a runtime: values in, findings out, errors first; none for a good file.

The graph and the picture input have modules of their own; here are the metadata as a whole, archive and labels.
"""

from collections.abc import Iterator

from metadata.archive import ArchivedFile, ArchiveProblem
from metadata.check_graph import graph_findings
from metadata.check_image import image_findings, input_findings, is_picture
from metadata.check_output import output_findings, output_problem
from metadata.errors import LabelError
from metadata.finding import Finding, Severity, error, warning
from metadata.labels import explain_count, read_labels
from metadata.reader import PackedModel
from metadata.runtimes import Runtime
from metadata.support_metadata import FileType


def check(model: PackedModel, runtime: Runtime) -> tuple[Finding, ...]:
    """Every finding about `model`, errors before warnings."""
    found = (*_metadata(model), *graph_findings(model.file, runtime), *_archive(model))
    return tuple(sorted(found, key=lambda finding: finding.severity is not Severity.ERROR))


def _metadata(model: PackedModel) -> Iterator[Finding]:
    yield from input_findings(model)
    yield from output_findings(model.file)
    if model.metadata is None:
        yield error(
            "NO-METADATA",
            "the file says nothing about its labels, normalisation or preprocessing",
            "pack it: python -m metadata pack MODEL.tflite --labels labels.txt --mean … --std …",
        )
        return
    described = (len(model.metadata.inputs), len(model.metadata.outputs))
    if described != (len(model.file.inputs), len(model.file.outputs)):
        yield error(
            "METADATA-MISFIT",
            f"the metadata describes {described[0]} inputs and {described[1]} outputs, "
            f"the model has {len(model.file.inputs)} and {len(model.file.outputs)}",
            "pack the model again",
        )
        return
    yield from _labels(model)
    if is_picture(model):
        yield from image_findings(model, model.metadata.inputs[0])


def _archive(model: PackedModel) -> Iterator[Finding]:
    """What is wrong with the archive itself, and names in the metadata that the archive does not have."""
    for file in model.archive.files:
        yield from _archived(file)
    names = {file.name for file in model.archive.files}
    for named in model.metadata.all_files() if model.metadata else ():
        if named.name not in names:
            finding_id = "LABELS-MISSING" if named.name == model.label_file else "FILE-MISSING"
            yield error(
                finding_id,
                f"the metadata names {named.name!r} but the file does not hold it",
                "pack the model again; tools that rewrite a model drop the archive at its end",
            )


def _archived(file: ArchivedFile) -> Iterator[Finding]:
    match file.problem:
        case ArchiveProblem.ESCAPES:
            yield error(
                "ARCHIVE-ESCAPE",
                f"the archive holds {file.name!r}, a name that leads out of the folder it is unpacked into",
                "do not unpack it; get the model from a source you trust and pack it again",
            )
        case ArchiveProblem.TOO_LARGE:
            yield error(
                "ARCHIVE-FILE",
                f"{file.name!r} in the archive is too large to read, claiming {file.size_bytes} bytes",
                "pack the model again without it",
            )
        case ArchiveProblem.UNREADABLE:
            yield error("ARCHIVE-FILE", f"{file.name!r} in the archive cannot be read", "pack the model again")
        case None if not file.stored:
            yield warning(
                "COMPRESSED-FILE",
                f"{file.name!r} is compressed; Google's Task Library reads only stored files",
                "pack the model again",
            )


def _labels(model: PackedModel) -> Iterator[Finding]:
    """What is wrong with the labels of a model that has metadata."""
    if model.label_file is None:
        yield error(
            "NO-LABELS",
            "no label file is named for the output",
            "pack the model with --labels labels.txt, one label a line",
        )
        return
    content = model.archive.content(model.label_file)
    if content is None or model.labels is None:
        return
    files = model.metadata.outputs[0].files if model.metadata else ()
    if not any(file.type is FileType.AXIS_LABELS for file in files):
        yield warning(
            "LABELS-UNNAMED",
            f"labels are taken from a file named {model.label_file!r}, which the metadata does not call the labels of "
            "the output's axis; Google's Task Library takes none",
            "pack the model again",
        )
    if output_problem(model.file) is not None:
        return
    mismatch = explain_count(len(model.labels), model.file.outputs[0].numbers or 0)
    if mismatch is not None:
        yield error("LABEL-COUNT", mismatch, "correct the label file and pack the model again")
    try:
        read_labels(content, model.label_file)
    except LabelError as refusal:
        yield warning("LABELS-UNCLEAN", str(refusal), "correct the label file and pack the model again")
