"""The export of one recipe: sources → Keras model → variants → metadata → checks → parity → record.

Every stage writes into the staging folder only; the store makes it the recipe's folder when all is done.
"""

import gc
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec import structs

from benchmarks.evaluation.desktop import ModelRunner, Probabilities, answer, reference_runner
from benchmarks.formats import inputs
from benchmarks.formats.inputs import Inputs
from benchmarks.formats.models_file import CardRecord, EvaluationRecord, ExportRecord, ReferenceRecord
from benchmarks.formats.variant_record import VariantRecord
from export.checks import selftest, verify
from export.checks.trained_with import measure
from export.convert import remedies
from export.convert.converted import Converted, convert_all
from export.convert.range_notes import range_notes
from export.convert.remedies import Remedy, RemedyResult
from export.convert.variants import Workbench
from export.data import sources
from export.errors import RecipeError
from export.output.fingerprint import tools
from export.output.store import describe_file
from export.recipe import BuildContext, Built, Choices, Progress, Recipe, Variant
from metadata.preprocess import Pixels
from metadata.runtimes import Runtime


def export(recipe: Recipe, choices: Choices, runtime: Runtime, staged: Path, progress: Progress) -> ExportRecord:
    """Fill `staged` with the recipe's models and reference, and return its record; ExportError when one must not ship.

    Paths in the record are relative to `staged`.
    """
    begun = begin(recipe, choices, runtime, staged, progress)
    context, evaluated = begun.context, begun.evaluated
    few = verify.few_pictures(recipe, choices.variants, begun.evaluation)
    if few is not None:
        progress.say(f"  warning: {few}")
    built = _built(recipe, context)
    with progress.stage("convert and pack", len(choices.variants)) as stage:
        workbench = Workbench.of(recipe, built.model, runtime, staged)
        built = replace(built, model=None)  # one copy of the weights less: the reference is loaded again
        gc.collect()
        converted = convert_all(workbench, built, choices.variants, stage)
    for line in converted.left_out:
        progress.say(line)
    expected = _compare(workbench, evaluated, converted, progress)
    result = _with_remedies(workbench, built, evaluated, expected, converted, progress)
    cost = None
    if choices.trained_with is not None:
        reference = reference_runner(workbench.reference, recipe.card.image)
        cost = measure(
            choices.trained_with, reference.run_model_input, evaluated, recipe.card.image, expected, progress
        )
    kept = {str(variant): record for variant, record in result.variants.items()}
    return begun.finished(
        workbench.reference,
        expected,
        {variant: workbench.path(Variant(variant)) for variant in kept},
        parameters=workbench.parameters,
        training=built.training,
        variants=kept,
        notes=range_notes(converted.ranges),
        default_variant=verify.default_variant(kept),
        remedies=tuple(result.tried),
        trained_with=cost,
    )


@dataclass(frozen=True, slots=True)
class BegunExport:
    """An export whose sources and evaluation set are there; `started` is `time.monotonic()` at its beginning."""

    recipe: Recipe
    context: BuildContext
    runtime: Runtime
    staged: Path
    started: float
    evaluation: EvaluationRecord
    evaluated: Inputs

    def finished(self, model: Path, answers: Probabilities, packed: Mapping[str, Path], **made: Any) -> ExportRecord:
        """Write the self-test of the `packed` variants and the `answers` of the reference `model`; the whole record."""
        recipe, folder = self.recipe, self.staged / "reference"
        probabilities = folder / "probabilities.npy"
        np.save(probabilities, answers)
        self_test = self.staged / f"{recipe.name}.selftest"
        selftest.write(self_test, self.evaluated, recipe.card.image, packed)
        files = {
            "model": model,
            "inputs": folder / inputs.ARCHIVE,
            "truth": folder / inputs.TRUTH,
            "probabilities": probabilities,
            "self_test": self_test,
        }
        return ExportRecord(
            card=msgspec.convert(recipe.card.to_json(), CardRecord),
            screen=recipe.screen,
            door=recipe.door,
            shipped=recipe.shipped,
            app_runtime=self.runtime.name,
            seed=self.context.choices.seed,
            tools=tools(),
            sources=tuple(file.record for group in self.context.files.values() for file in group),
            evaluation=self.evaluation,
            reference=ReferenceRecord(**{name: describe_file(self.staged, path) for name, path in files.items()}),
            seconds=round(time.monotonic() - self.started, 1),
            **made,
        )


def begin(recipe: Recipe, choices: Choices, runtime: Runtime, staged: Path, progress: Progress) -> BegunExport:
    """Obtain the recipe's sources and write its evaluation set below `staged`; SourceError when one cannot be had."""
    started = time.monotonic()
    files = {
        source.name: sources.obtain(source, choices.local_files.get(source.option or ""), progress.say)
        for source in recipe.sources
    }
    context = BuildContext(files, choices, progress)
    evaluation = recipe.evaluation(context)
    (staged / "reference").mkdir()
    written = inputs.write(staged / "reference", evaluation.entries)
    record = EvaluationRecord(evaluation.name, len(written.ids), written.labelled)
    return BegunExport(recipe, context, runtime, staged, started, record, written)


def _built(recipe: Recipe, context: BuildContext) -> Built:
    built = recipe.build(context)
    if recipe.parameters not in (None, got := built.model.count_params()):
        raise RecipeError(f"{recipe.name} has {got} parameters, its recipe says {recipe.parameters}; correct one")
    return built


def _compare(workbench: Workbench, evaluated: Inputs, made: Converted, progress: Progress) -> Probabilities:
    """Run the evaluation set through the Keras model, loaded as it was saved, and through every packed file.

    Returns the Keras model's probabilities, (N, labels), and adds to every variant's record its parity with them.
    """
    recipe, records = workbench.recipe, made.records
    with progress.stage("compare with Keras", len(evaluated.ids)) as stage:
        # Keras first: while it loads, it has several copies of the weights in memory.
        keras = reference_runner(workbench.reference, recipe.card.image)
        for variant in records.keys() - made.runners.keys():
            made.runners[variant] = workbench.runner(variant)
        runners: dict[str, ModelRunner] = {"keras": keras, **made.runners}
        made.runners.clear()
        answers = answer(evaluated, recipe.card.image, runners, stage.advance)
        stage.advance(0, f"{len(evaluated.ids)} inputs, {len(runners)} models")
    expected = answers.pop("keras")
    for variant, record in records.items():
        parity = verify.compare(expected, answers[variant], evaluated.truth, recipe.tolerance(variant))
        records[variant] = structs.replace(record, parity=parity)
    return expected


def _with_remedies(
    workbench: Workbench,
    built: Built,
    evaluated: Inputs,
    expected: Probabilities,
    made: Converted,
    progress: Progress,
) -> RemedyResult:
    """The variants of `made`, with remedies for an int8 that fails; ParityError when a variant still fails."""
    recipe = workbench.recipe

    def attempt(remedy: Remedy, samples: Pixels) -> VariantRecord:
        variant = remedy.variant
        with progress.stage(f"remedy {remedy}", len(evaluated.ids)) as stage:
            record = workbench.make(variant, samples, lambda note: stage.advance(0, note))
            runners: dict[str, ModelRunner] = {variant: workbench.runner(variant)}
            answers = answer(evaluated, recipe.card.image, runners, stage.advance)[variant]
            parity = verify.compare(expected, answers, evaluated.truth, recipe.tolerance(variant))
            stage.advance(0, parity.verdict)
        return structs.replace(record, parity=parity)

    result = RemedyResult(made.records)
    failed = remedies.failure(made.records, made.refused)
    if failed is not None:
        result = remedies.apply_remedies(built, made.records, failed, attempt)
    parities = {variant: record.parity for variant, record in result.variants.items() if record.parity is not None}
    verify.require(recipe.name, parities, () if result.helped else result.tried)
    for variant in set(Variant) - set(result.variants):
        workbench.path(variant).unlink(missing_ok=True)
    return result
