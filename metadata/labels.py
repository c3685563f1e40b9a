"""Label files: one label a line, no index, UTF-8. Bytes in, labels out; every refusal names its line."""

import re
import unicodedata
from pathlib import Path

from metadata.errors import LabelError

LEAST_ROWS = 2
BOM = b"\xef\xbb\xbf"


def read_labels(source: Path | bytes, name: str = "labels") -> tuple[str, ...]:
    """The labels of a file, or of its bytes under `name`; LabelError says which line cannot be used and why.

    Both line endings are accepted; blanks at the end of a line and blank lines after the last label are ignored. Blank
    lines before it are not: they would shift every later label by one output. Letters are composed (NFC). The index
    that Teachable Machine writes before each label is left out.
    """
    if isinstance(source, Path):
        name, source = source.name, _read(source)
    if source.startswith(BOM):
        raise LabelError(f"{name}: line 1 begins with a byte order mark; save the file as plain UTF-8")
    labels = tuple(label.rstrip() for label in split_labels(unicodedata.normalize("NFC", _decode(source, name))))
    labels = _without_index(labels)
    if not labels:
        raise LabelError(f"{name}: the file is empty; write one label a line")
    _refuse_other_formats(labels, name)
    _refuse_unusable(labels, name)
    return labels


def split_labels(text: str) -> tuple[str, ...]:
    """The lines of `text` as labels, nothing judged: what a reader on the phone would show."""
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    while lines and not lines[-1].strip():
        lines.pop()
    return tuple(lines)


def join_labels(labels: tuple[str, ...]) -> bytes:
    """The label file that `read_labels` reads back; LabelError when a label cannot be a line of its own."""
    for index, label in enumerate(labels):
        if len(label.splitlines()) != 1 or not label.strip():
            raise LabelError(f"label {index} is {label!r}, which is not one line of text; rename it")
    return "".join(f"{label}\n" for label in labels).encode()


def class_names(labels: tuple[str, ...], outputs: int) -> tuple[str, ...]:
    """The labels of what `outputs` outputs say: those of the file; for one label of one output that, and its opposite.

    One output is the probability of the second of two labels, see `metadata.probabilities`.
    """
    return (f"not {labels[0]}", *labels) if outputs == 1 and len(labels) == 1 else labels


def explain_count(labels: int, outputs: int) -> str | None:
    """Why `labels` labels do not fit `outputs` outputs, and what to do; None when they fit."""
    if outputs == 1:
        if labels in (1, 2):
            return None
        return f"{labels} labels for one output, which is the probability of the second of two; give those two"
    if labels == outputs:
        return None
    if outputs == labels + 1:
        return (
            f"off by one: {labels} labels for {outputs} outputs: the model has a background class; "
            "add its label as the first line"
        )
    if labels == outputs + 1:
        return (
            f"off by one: {labels} labels for {outputs} outputs: the file has a background class, the model none; "
            "remove that line, usually the first"
        )
    return f"{labels} labels for {outputs} outputs; give exactly one label an output"


def _without_index(labels: tuple[str, ...]) -> tuple[str, ...]:
    """Labels without the index that Teachable Machine writes before each, as in `0 cat`; all others as they are."""
    parts = [label.partition(" ") for label in labels]
    names = tuple(name for _, _, name in parts)
    is_numbered = len(labels) >= LEAST_ROWS and [index for index, _, _ in parts] == [*map(str, range(len(labels)))]
    return names if is_numbered and len(set(names)) == len(names) and all(names) else labels


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise LabelError(f"{path}: cannot be read, {error.strerror}; give a text file with one label a line") from error


def _decode(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise LabelError(f"{name}: line {line} is not UTF-8; save the file as plain UTF-8") from error


def _refuse_other_formats(labels: tuple[str, ...], name: str) -> None:
    """Raise LabelError for JSON, one line with commas, and tables with an index, which would all become labels."""
    if (labels[0][:1], labels[-1][-1:]) in (("[", "]"), ("{", "}")):
        raise LabelError(f"{name}: line 1 begins with {labels[0][0]!r}, a list for programs; write one label a line")
    if len(labels) == 1 and "," in labels[0]:
        raise LabelError(f"{name}: line 1 is the only one and holds commas; write one label a line")
    first = f"{name}: line 1 is {labels[0]!r}"
    for rows in (labels, labels[1:]):  # without a line of headings, and with one
        if len(rows) < LEAST_ROWS:
            continue
        if all(re.match(rf"{index}[\s,:;]\s*\S", row) for index, row in enumerate(rows)):
            raise LabelError(
                f"{name}: line 1 is {labels[0]!r}, each line begins with its index; write the labels alone"
            )
        if all(re.search(rf"\S\s*[\t,;:]\s*{index}$", row) for index, row in enumerate(rows)):
            raise LabelError(f"{first}, each line ends with its index; write the labels alone")


def _refuse_unusable(labels: tuple[str, ...], name: str) -> None:
    first_line: dict[str, int] = {}
    for line, label in enumerate(labels, start=1):
        if not label.strip():
            raise LabelError(f"{name}: line {line} is blank; every line is one output, so name it or remove it")
        if len(label.splitlines()) > 1:
            raise LabelError(f"{name}: line {line} holds a line break that is not a newline; end lines with \\n")
        if label in first_line:
            raise LabelError(f"{name}: line {line} repeats {label!r} of line {first_line[label]}; make them distinct")
        first_line[label] = line


def shipped_labels(name: str) -> tuple[str, ...]:
    """The labels that the kit itself carries: `digits`, `imagenet` or `imagenet_synsets`."""
    return read_labels(Path(__file__).parent / "labels" / f"{name}.txt")
