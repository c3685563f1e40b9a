"""Findings about the graph: operators that a runtime cannot load or compute, and weights that are not there."""

from collections import Counter
from collections.abc import Iterator

from metadata.finding import Finding, error
from metadata.model_file import ModelFile
from metadata.operators import Operator, OperatorUse, Scales
from metadata.runtimes import Runtime

LEAST_BYTES_A_WEIGHTED_OPERATOR = 8
PER_CHANNEL_DENSE_VERSION = 12
PER_CHANNEL_DENSE_REMEDY = (
    "convert with converter._experimental_disable_per_channel_quantization_for_dense_layers = True, "
    "which writes version 9; TensorFlow 2.18 and later quantise dense layers per channel"
)


def graph_findings(file: ModelFile, runtime: Runtime) -> Iterator[Finding]:
    """What keeps the graph from running in `runtime`."""
    for operator in runtime.unsupported(file.operators):
        yield _unsupported(operator, runtime)
    for use, count in Counter(runtime.not_computed(file.uses)).items():
        yield _not_computed(use, count, runtime)
    for operator in file.operators:
        if operator.custom:
            yield _custom(operator)
    yield from _weights(file)


def _unsupported(operator: Operator, runtime: Runtime) -> Finding:
    if operator.name not in runtime.operators:
        return error(
            "OPERATOR-UNKNOWN",
            f"{operator.name} does not exist in TensorFlow Lite {runtime.name}",
            "convert with an older TensorFlow, or replace the layer that needs it",
        )
    _, highest = runtime.operators[operator.name]
    dense = operator.name == "FULLY_CONNECTED" and operator.version >= PER_CHANNEL_DENSE_VERSION
    return error(
        "OPERATOR-TOO-NEW",
        f"{operator.name} version {operator.version}: TensorFlow Lite {runtime.name} loads up to version {highest}",
        PER_CHANNEL_DENSE_REMEDY if dense else "convert with an older TensorFlow, or ship a newer runtime in the app",
    )


def _not_computed(use: OperatorUse, count: int, runtime: Runtime) -> Finding:
    types = " and ".join(f"{dtype or 'a type newer than this kit'}" for dtype in use.types)
    scales = f", one scale a {use.scales}" if use.scales is not Scales.NONE else ""
    return error(
        "OPERATOR-TYPES",
        f"{use.name} of {types}{scales} ({count} in the graph): TensorFlow Lite {runtime.name} refuses it or computes "
        "something else",
        "quantise weights to int8, convolutions with a scale for each channel, or leave them in float32",
    )


def _custom(operator: Operator) -> Finding:
    if operator.flex:
        return error(
            "FLEX-OPERATOR",
            f"{operator.name} runs only in the Flex delegate, some 20 MB of TensorFlow that the app does not have",
            "replace the layer by one of builtin operators, and convert without SELECT_TF_OPS",
        )
    return error(
        "CUSTOM-OPERATOR",
        f"{operator.name} is a custom operator, which the app would have to bring along",
        "replace the layer by one of builtin operators, and convert without allow_custom_ops",
    )


def _weights(file: ModelFile) -> Iterator[Finding]:
    names = {operator.name for operator in file.operators if operator.count}
    weighted = sum(use.needs_weights for use in file.uses)
    remedy = "freeze the function with convert_variables_to_constants_v2, or convert with from_keras_model"
    if "READ_VARIABLE" in names and "ASSIGN_VARIABLE" not in names:
        yield error("NO-WEIGHTS", "weights are read from variables to which the file never gives a value", remedy)
    elif file.weights_bytes < LEAST_BYTES_A_WEIGHTED_OPERATOR * weighted:
        summary = f"{weighted} operators need weights but the file holds {file.weights_bytes} bytes of them"
        yield error("NO-WEIGHTS", summary, remedy)
