"""One model run twice on this computer and compared layer by layer: by its usual kernels, and in some other way."""

from dataclasses import dataclass

from benchmarks.evaluation.all_tensors import ProbedModel
from benchmarks.explain.layer_comparison import LayerComparison
from benchmarks.formats.classifier import Classifier
from benchmarks.formats.errors import ModelError
from metadata.card import ImageSpec
from metadata.graph import Graph, read_graph
from metadata.preprocess import Pixels, normalised


@dataclass(frozen=True, slots=True)
class OtherRun:
    """What runs the second time: a file of the same graph, and how."""

    name: str
    model: bytes
    threads: int
    xnnpack: bool


def compare(model: bytes, other: OtherRun, fp32: bytes | None, levels: Pixels, image: ImageSpec) -> LayerComparison:
    """Both runs over `levels`, uint8 (n, height, width, channels), and fp32 beside them where it is there.

    ModelError where the other file has another graph, or one of the models does not run.
    """
    _require_same_graph(other, read_graph(model))
    quantization = Classifier.of(model).quantization
    try:
        comparison = LayerComparison(model, fp32)
        seen = ProbedModel(other.model, other.threads, other.xnnpack)
        pairs = zip(normalised(levels, image, quantization), normalised(levels, image), strict=True)
        for model_input, real in pairs:
            comparison.add(seen.run(model_input[None]), real[None])
    except (RuntimeError, ValueError) as error:
        reason = (str(error).strip().splitlines() or ["no reason given"])[0]
        raise ModelError(f"{other.name} cannot be run layer by layer: {reason}; convert it again") from error
    return comparison


def _require_same_graph(other: OtherRun, graph: Graph) -> None:
    theirs = outline(read_graph(other.model))
    if theirs != outline(graph):
        raise ModelError(
            f"{other.name} is no other file of this model: its operators or tensors differ; give the variant that it "
            "was made as with --variants"
        )


def outline(graph: Graph) -> object:
    """What two files of one model share, whatever their weights and scales are."""
    return graph.operators, [(tensor.shape, tensor.dtype) for tensor in graph.tensors], graph.inputs, graph.outputs
