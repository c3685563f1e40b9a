"""Findings about what rides along: the archive and the labels."""

from collections.abc import Iterator

from metadata.archive import ArchivedFile, ArchiveProblem
from metadata.errors import LabelError
from metadata.finding import Finding, error, warning
from metadata.labels import explain_count, read_labels
from metadata.reader import PackedModel


def archive_findings(model: PackedModel) -> Iterator[Finding]:
    """What is wrong with the archive itself, and with names that lead to nothing in it."""
    for file in model.archive.files:
        yield from _archived(file)
    there = {file.name for file in model.archive.files}
    for named in model.metadata.all_files() if model.metadata else ():
        if named.name not in there:
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


def label_findings(model: PackedModel) -> Iterator[Finding]:
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
    shape = model.file.outputs[0].shape if model.file.outputs else ()
    misfit = explain_count(len(model.labels), shape[-1] if shape else 0)
    if misfit is not None:
        yield error("LABEL-COUNT", misfit, "correct the label file and pack the model again")
    try:
        read_labels(content, model.label_file)
    except LabelError as refusal:
        yield warning("LABELS-UNCLEAN", str(refusal), "correct the label file and pack the model again")
