"""Judge a packed model for a runtime: values in, findings out, errors first. An empty answer is a clean file."""

from collections.abc import Iterator

from metadata.check_files import archive_findings, label_findings
from metadata.check_graph import graph_findings
from metadata.check_image import image_findings, input_findings, is_picture
from metadata.finding import Finding, Severity, error
from metadata.reader import PackedModel
from metadata.runtimes import Runtime


def check(model: PackedModel, runtime: Runtime) -> tuple[Finding, ...]:
    """Everything found about `model`, errors before warnings."""
    found = (*_metadata(model), *graph_findings(model.file, runtime), *archive_findings(model))
    return tuple(sorted(found, key=lambda finding: finding.severity is not Severity.ERROR))


def _metadata(model: PackedModel) -> Iterator[Finding]:
    yield from input_findings(model)
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
    yield from label_findings(model)
    if is_picture(model):
        yield from image_findings(model, model.metadata.inputs[0])
