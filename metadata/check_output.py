"""Findings about the output: is it one number for each label."""

from collections.abc import Iterator

from metadata.finding import Finding, error, warning
from metadata.model_file import ModelFile
from metadata.tensors import DType

OUTPUT_TYPES = (DType.FLOAT32, DType.UINT8, DType.INT8)
UNBOUNDED = frozenset(
    {
        "BATCH_MATMUL",
        "CONV_2D",
        "DEPTHWISE_CONV_2D",
        "FULLY_CONNECTED",
        "L2_NORMALIZATION",
        "LOG_SOFTMAX",
        "TANH",
        "TRANSPOSE_CONV",
    }
)
"""Operators whose results do not stay between 0 and 1: at the end of a graph they give logits or an embedding."""
CONVERT_CLASSIFIER = "convert a classifier with one float32 or 8-bit output, (1, labels)"


def output_problem(file: ModelFile) -> str | None:
    """Why the outputs are not those of a classifier, and what to do; None where they are."""
    if len(file.outputs) != 1:
        return f"{len(file.outputs)} outputs, a classifier has one; {CONVERT_CLASSIFIER}"
    (output,) = file.outputs
    if output.numbers is None or output.dtype not in OUTPUT_TYPES:
        kind = output.dtype or "unknown type"
        return f"output {kind} {output.shape}, a classifier gives one number a label; {CONVERT_CLASSIFIER}"
    if file.ends[0] in UNBOUNDED:
        return (
            f"its graph ends in {file.ends[0]}, so it answers with logits or an embedding, which are no probabilities; "
            "give the Keras file, where a softmax can be appended, or convert it with one"
        )
    if output.numbers == 1 and file.ends[0] == "SOFTMAX":
        return "a softmax over one output, which is always 1; train it with a sigmoid"
    return None


def output_findings(file: ModelFile) -> Iterator[Finding]:
    """Why the outputs cannot be labelled, or not by everybody, whatever the metadata says."""
    problem = output_problem(file)
    if problem is not None:
        summary, _, remedy = problem.partition("; ")
        yield error("NOT-A-CLASSIFIER", summary, remedy)
    elif file.outputs[0].numbers == 1:
        yield warning(
            "ONE-OUTPUT",
            "one output, taken for the probability of the second of two labels; Google's Task Library takes it with "
            "one label only",
            "export it, which makes two outputs: python -m export MODEL.tflite --labels labels.txt --mean … --std …",
        )
