"""Ask an installed TensorFlow which operators its Lite runtime loads and computes, and print that as a runtime table.

Runs alone, in any environment that has TensorFlow, this one's or an older one's; it imports nothing of this package:

    python metadata/probe_runtime.py > metadata/runtimes/2.16.1.json

Each builtin operator is named, version by version, in a model that holds one operator code and nothing else. The
runtime's own resolver then accepts the model or says "Didn't find op for builtin opcode"; only that sentence counts
as a refusal.

Operators that take weights are also run, by probe_types.py.
"""

import json
import runpy
import sys
from pathlib import Path

import flatbuffers  # type: ignore[import-untyped]
import tensorflow as tf
from tensorflow.lite.python import schema_py_generated as schema

FORMAT = "handset.runtime/1"
VERSIONS = range(1, 31)
DEPRECATED_CODE_LIMIT = 127
REFUSAL = "Didn't find op for builtin opcode"
NOT_BUILTIN = {"CUSTOM", "DELEGATE", "PLACEHOLDER_FOR_GREATER_OP_CODES"}


def single_operator_model(code: int, version: int) -> bytes:
    """A .tflite file whose only content is the operator code `code` at `version`."""
    operator = schema.OperatorCodeT()
    operator.deprecatedBuiltinCode = min(code, DEPRECATED_CODE_LIMIT)
    operator.builtinCode = code
    operator.version = version
    graph = schema.SubGraphT()
    graph.tensors, graph.operators, graph.inputs, graph.outputs = [], [], [], []
    model = schema.ModelT()
    model.version = 3
    model.operatorCodes, model.subgraphs, model.buffers = [operator], [graph], [schema.BufferT()]
    builder = flatbuffers.Builder(256)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def loads(code: int, version: int) -> bool:
    """Whether the runtime's resolver knows the operator; ValueError on any other objection to the model."""
    try:
        tf.lite.Interpreter(model_content=single_operator_model(code, version))
    except ValueError as error:
        if REFUSAL not in str(error):
            raise
        return False
    return True


def version_range(name: str, code: int) -> list[int] | None:
    """[lowest, highest] version that loads, or None; ValueError when there is a hole between them."""
    known = [version for version in VERSIONS if loads(code, version)]
    if not known:
        return None
    if known != list(range(known[0], known[-1] + 1)):
        raise ValueError(f"{name} loads in versions {known}, which is not one range; the table cannot say that")
    return [known[0], known[-1]]


def main() -> None:
    if sys.platform != "linux":
        sys.exit(
            "probe_runtime: runs models in forks of a process with TensorFlow, which only Linux allows; run it there"
        )
    names = {name: code for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)}
    ranges = {
        name: version_range(name, code)
        for name, code in sorted(names.items(), key=lambda item: item[1])
        if name not in NOT_BUILTIN
    }
    lines = [f'  "{name}": {json.dumps(versions)}' for name, versions in ranges.items() if versions is not None]
    beside = runpy.run_path(str(Path(__file__).with_name("probe_types.py")))  # as nothing of the package is imported
    types = []
    for name in beside["SHAPES"]:
        computed = ",\n   ".join(json.dumps(combination) for combination in beside["types_computed"](name))
        types.append(f'  "{name}": [\n   {computed}\n  ]')
    source = (
        f"metadata/probe_runtime.py, asking the operator resolver of tf.lite.Interpreter, TensorFlow {tf.__version__}"
    )
    sys.stdout.write(
        f'{{\n "format": "{FORMAT}",\n "runtime": "{tf.__version__}",\n "source": "{source}",\n "operators": {{\n'
    )
    sys.stdout.write(",\n".join(lines) + '\n },\n "types": {\n' + ",\n".join(types) + "\n }\n}\n")


if __name__ == "__main__":
    main()
