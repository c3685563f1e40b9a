"""What a .tflite file says, and what `check` found, as text. Nothing is printed here.

Plain text without rich, whose import alone would take as long as everything else that `show` does.
"""

import textwrap
from collections.abc import Sequence

from metadata.finding import Finding, Severity
from metadata.operators import Operator
from metadata.reader import PackedModel
from metadata.support_metadata import TensorMetadata
from metadata.tensors import Tensor

LABELS_SHOWN = 5
FIELD_WIDTH = 15


def model_text(name: str, model: PackedModel, width: int) -> str:
    """The model as a table of fields, wrapped at `width` columns."""
    lines = [printable(name)]
    for field, value in _fields(model):
        wrapped = textwrap.wrap(printable(value), max(width - FIELD_WIDTH, FIELD_WIDTH)) or [""]
        lines += [
            f"{head:<{FIELD_WIDTH}}{line}" for head, line in zip([field] + [""] * len(wrapped), wrapped, strict=False)
        ]
    return "\n".join(lines)


def findings_text(name: str, findings: Sequence[Finding]) -> str:
    """The findings about one model, or that there are none."""
    if not findings:
        return f"{printable(name)}: nothing found"
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    lines = [f"{printable(name)}: {_count(errors, 'error')}, {_count(len(findings) - errors, 'warning')}"]
    for finding in findings:
        lines.append(f"  {finding.severity:<7}  {finding.id}: {printable(finding.summary)}")
        lines.append(f"           do: {printable(finding.remedy)}")
    return "\n".join(lines)


def printable(text: str) -> str:
    """`text` without control characters, by which a file could change what the terminal shows."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def _fields(model: PackedModel) -> list[tuple[str, str]]:
    file, metadata = model.file, model.metadata
    fields = [
        ("size", f"{file.size_bytes:,} bytes, {file.weights_bytes:,} of them weights"),
        ("runtime", f"TensorFlow Lite {file.min_runtime_version or '(not stated)'} or newer"),
        *(("input", _tensor(tensor)) for tensor in file.inputs),
        *(("output", _tensor(tensor)) for tensor in file.outputs),
        ("operators", ", ".join(_operator(operator) for operator in file.operators) or "none"),
    ]
    if file.signatures:
        fields.append(("signatures", ", ".join(file.signatures)))
    if file.inputs[:1] and file.inputs[0].is_any_size:
        fields.append(("size used", _used_size(model)))
    if metadata is None:
        return [*fields, ("metadata", "none")]
    names = ("name", "version", "description", "author", "license")
    fields = [*((name, value) for name in names if (value := getattr(metadata, name))), *fields]
    fields += [("input is", _meaning(tensor)) for tensor in metadata.inputs]
    fields += [("output is", _meaning(tensor)) for tensor in metadata.outputs]
    if model.labels is not None:
        fields.append(("labels", _labels(model.labels)))
        if file.outputs[0].numbers == 1 and len(model.labels) == 2:
            fields.append(("one output", f"the probability of {model.labels[1]}; 1 − that is of {model.labels[0]}"))
    if model.image is not None:
        crop = "no crop" if model.image.crop is None else f"central {model.image.crop.num}/{model.image.crop.den}"
        fields.append(("preprocessing", f"{crop}, {model.image.resize}"))
    fields.append(("files", ", ".join(f"{entry.name} ({entry.size_bytes:,} bytes)" for entry in model.archive.files)))
    return fields


def _tensor(tensor: Tensor) -> str:
    text = f"{tensor.name}: {tensor.dtype or 'unknown type'} {_shape(tensor)}"
    if tensor.quantization is None:
        return text
    scales, zero_points = tensor.quantization.scales, tensor.quantization.zero_points
    if len(scales) > 1:
        return f"{text}, {len(scales)} scales along axis {tensor.quantization.axis}"
    return f"{text}, scale {scales[0]:.6g}, zero point {zero_points[0]}"


def _used_size(model: PackedModel) -> str:
    height, width = model.input_shape[1:3]
    return f"{height}×{width}" + ("" if model.stated_size else ", as the file names none")


def _shape(tensor: Tensor) -> str:
    """Sizes with × between them; height and width that are not fixed as `any`."""
    sizes = [str(size) for size in tensor.shape]
    if tensor.is_any_size:
        sizes[1:3] = ["any" if tensor.shape_signature[axis] == -1 else sizes[axis] for axis in (1, 2)]
    return "×".join(sizes) or "scalar"


def _operator(operator: Operator) -> str:
    kind = " (custom)" if operator.custom else ""
    return f"{operator.name}{kind} v{operator.version} ×{operator.count}"


def _meaning(tensor: TensorMetadata) -> str:
    words = [tensor.name or "unnamed", *(str(word) for word in (tensor.content, tensor.color_space) if word)]
    if tensor.normalization:
        words.append(f"(pixel − {_numbers(tensor.normalization.mean)}) / {_numbers(tensor.normalization.std)}")
    return ", ".join(words)


def _numbers(values: tuple[float, ...]) -> str:
    texts = list(dict.fromkeys(f"{value:.6g}" for value in values))
    return texts[0] if len(texts) == 1 else f"({', '.join(f'{value:.6g}' for value in values)})"


def _labels(labels: tuple[str, ...]) -> str:
    more = f", … {labels[-1]}" if len(labels) > LABELS_SHOWN else ""
    return f"{len(labels)}: {', '.join(labels[:LABELS_SHOWN])}{more}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
