"""A phone's own tensors against this computer's: from results of probes to `layers.json` of one model on one phone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.compare.accuracy import StageName
from benchmarks.compare.row_results import RowResults
from benchmarks.evaluation.all_tensors import ReadWhenAsked, Values
from benchmarks.evaluation.number_format import plural, small
from benchmarks.explain.compared_row import ComparedRow
from benchmarks.explain.conversion import FLOAT
from benchmarks.explain.layer_comparison import LayerComparison
from benchmarks.explain.layer_records import layers_of
from benchmarks.formats.classifier import Classifier
from benchmarks.formats.layers_file import Layers
from benchmarks.formats.manifest import ExportedRecipe, ExportedVariant
from benchmarks.formats.probe_result import OkProbe
from benchmarks.formats.results import StoredResult
from metadata.graph import Graph
from metadata.preprocess import normalised
from metadata.probabilities import probabilities
from metadata.resize import with_one_size


@dataclass(frozen=True, slots=True)
class ProbedTensors:
    """What one probe gave; `outputs` are the model's tensors, by index, in the order of the probe's."""

    result: StoredResult
    outputs: tuple[int, ...]


def compare_with_phone(
    row: ComparedRow,
    recipe: ExportedRecipe,
    variant: ExportedVariant,
    places: Sequence[int],
    parts: Sequence[Sequence[ProbedTensors]],
    advance: Callable[[int], None],
) -> Layers:
    """All layers of a row, on the inputs at these `places` of the evaluation set.

    `parts` are the inputs in parts, and for each part the probes of all groups of tensors; `advance` is called with 1
    after each input. ManifestError or ResultError where files are damaged.
    """
    inputs = recipe.evaluation_set(None).at(places)
    model = _model(variant)
    fp32 = recipe.variants.get(FLOAT) if variant.name != FLOAT else None
    comparison = LayerComparison(model, None if fp32 is None else _model(fp32))
    graph, quantization = comparison.graph, Classifier.of(model).quantization
    answers = []
    for levels, given in zip(inputs.batches(recipe.image, 1), _given(parts, graph), strict=True):
        model_input = normalised(levels, recipe.image, quantization)
        comparison.add({graph.inputs[0]: model_input, **given}, normalised(levels, recipe.image))
        answers += [given[index].reshape(-1) for index in graph.outputs if index in given]
        advance(1)
    probe = parts[0][0].result.probe
    changed = _changed_by_probing(row.stored, places, answers)
    return layers_of(
        comparison,
        model=variant.title,
        sha256=variant.file.sha256,
        seen=_seen_on(row.stored, probe),
        inputs=inputs.ids,
        remarks=(*_computed_elsewhere(row.stored, probe), *changed),
    )


def _model(variant: ExportedVariant) -> bytes:
    return with_one_size(variant.file.checked().read_bytes())


def _given(parts: Sequence[Sequence[ProbedTensors]], graph: Graph) -> Iterator[Values]:
    """The tensors of each input, by index; those that the phone calls otherwise are left out."""
    for part in parts:
        places = [_by_name(probe, graph) for probe in part]
        for by_group in zip(*(probe.result.values() for probe in part), strict=True):
            pairs = zip(places, by_group, strict=True)
            yield ReadWhenAsked(
                {index: partial(stored.__getitem__, place) for known, stored in pairs for index, place in known.items()}
            )


def _by_name(probe: ProbedTensors, graph: Graph) -> Mapping[int, int]:
    """By index of a tensor that was asked for, which of the phone's it is; of equal names, all or none are known."""
    told = [tensor.name for tensor in probe.result.probe.tensors]
    asked = [graph.tensors[index].name for index in probe.outputs]
    places = {
        name: iter([place for place, other in enumerate(told) if other == name])
        for name in asked
        if told.count(name) == asked.count(name)
    }
    return {index: next(places[name]) for index, name in zip(probe.outputs, asked, strict=True) if name in places}


def _seen_on(row: RowResults, probe: OkProbe) -> str:
    where = f"{row.phone.title or row.folder.name}, {probe.runtime.name} {probe.runtime.version}"
    return f"{where}, {probe.accelerator.obtained}, {plural(probe.job.threads, 'thread')}"


def _computed_elsewhere(row: RowResults, probe: OkProbe) -> Iterator[str]:
    """A line where the copy that shows its tensors did not get the accelerator that the model itself got."""
    here, there = str(probe.accelerator.obtained), row.context.accelerator_obtained
    if here != there:
        why = probe.accelerator.reason or "no reason given"
        yield f"these tensors were computed on {here}, the model's own answers on {there}: {why}"


def _changed_by_probing(row: RowResults, places: Sequence[int], answers: Sequence[npt.NDArray[Any]]) -> Iterator[str]:
    """A line on what probing did to the model's own answers, which an accelerator may compute otherwise in a copy."""
    plain = row.evaluation(StageName.TENSORS)
    if plain is None or len(answers) < len(places):
        yield "whether probing changes this phone's answers is not known: it has no answers without it"
        return
    before, after = plain.outputs()[list(places)], np.stack(answers)
    if np.array_equal(before, after, equal_nan=True):
        return
    output = plain.run.output
    apart = np.abs(np.subtract(*(probabilities(one, output.scale, output.zero_point) for one in (before, after))))
    largest = small(float(np.nan_to_num(apart, nan=1.0).max()))
    why = "it computes a model that shows its tensors otherwise"
    yield f"probing changed this phone's answers by up to {largest}: {why}"
