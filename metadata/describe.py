"""Everything a .tflite file says, as one JSON object: what `show --json` prints. Values in, plain dicts out."""

import math
from dataclasses import asdict
from typing import Any

from metadata.reader import PackedModel

FORMAT = "handset.model/1"


def describe(model: PackedModel) -> dict[str, Any]:
    """The model as JSON; what the file does not say is null, and so are numbers that JSON cannot hold."""
    file = model.file
    record = {
        "format": FORMAT,
        "size_bytes": file.size_bytes,
        "weights_bytes": file.weights_bytes,
        "schema_version": file.schema_version,
        "min_runtime_version": file.min_runtime_version,
        "description": file.description,
        "inputs": [asdict(tensor) for tensor in file.inputs],
        "outputs": [asdict(tensor) for tensor in file.outputs],
        "operators": [asdict(operator) | {"flex": operator.flex} for operator in file.operators],
        "subgraph_count": file.subgraph_count,
        "signatures": file.signatures,
        "metadata_names": [entry.name for entry in file.metadata],
        "metadata": None if model.metadata is None else asdict(model.metadata),
        "files": [
            {"name": entry.name, "size_bytes": entry.size_bytes, "stored": entry.stored, "problem": entry.problem}
            for entry in model.archive.files
        ],
        "label_file": model.label_file,
        "labels": model.labels,
        "preprocess": None if model.image is None else model.image.to_json(),
        "preprocess_error": model.image_error,
    }
    return {name: _plain(value) for name, value in record.items()}


def _plain(value: Any) -> Any:
    """`value` with tuples as lists, enums as strings, and infinite or undefined numbers as None."""
    match value:
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case float():
            return value if math.isfinite(value) else None
        case str():
            return str(value)
        case _:
            return value
