"""The export of one recipe: sources → Keras model → variants → metadata → checks → parity → record.

Every stage writes into the staging folder only; the store makes it the recipe's folder when all is done.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec import structs

from benchmarks.evaluation.desktop import GraphRunner, ModelRunner, Probabilities, answer, reference_runner
from benchmarks.formats import inputs
from benchmarks.formats.inputs import Inputs
from benchmarks.formats.models_file import CardRecord, EvaluationRecord, ExportRecord, ReferenceRecord
from benchmarks.formats.variant_record import VariantRecord
from export.checks import selftest, verify
from export.checks.trained_with import measure
from export.convert import convert, remedies
from export.convert.calibration import Ranges
from export.convert.range_notes import range_notes
from export.convert.remedies import Remedy, RemedyResult
from export.convert.single_precision import fake_quantisation_step
from export.convert.variants import CALIBRATED, Workbench
from export.data import sources
from export.errors import RecipeError, VariantError
from export.output.fingerprint import tools
from export.output.store import describe_file
from export.recipe import BuildContext, Built, Choices, Progress, Recipe, Variant
from metadata.preprocess import Pixels
from metadata.runtimes import Runtime

QUANTISATION_AWARE = (
    "the model imitates quantisation (FakeQuant), which this converter does not join with its own; for an int8, give "
    "the model as it was before quantisation-aware training"
)


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
    workbench = Workbench(recipe, built.model.count_params(), runtime, staged)
    variants, ranges = _convert(workbench, built, choices.variants, progress)
    expected = _compare(workbench, built, evaluated, variants, progress)
    result = _with_remedies(workbench, built, evaluated, expected, variants, progress)
    cost = None
    if choices.trained_with is not None:
        cost = measure(choices.trained_with, built.model, evaluated, recipe.card.image, expected, progress)
    kept = {str(variant): record for variant, record in result.variants.items()}
    return begun.finished(
        next((staged / "reference").glob("model.*")),
        expected,
        {variant: workbench.path(Variant(variant)) for variant in kept},
        parameters=built.model.count_params(),
        training=built.training,
        variants=kept,
        notes=range_notes(ranges),
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


def _convert(
    workbench: Workbench, built: Built, variants: tuple[Variant, ...], progress: Progress
) -> tuple[dict[Variant, VariantRecord], Ranges]:
    """The packed variants' records, and the ranges of the float model's tensors where one was calibrated."""
    records: dict[Variant, VariantRecord] = {}
    image, left_out = workbench.recipe.card.image, []
    with progress.stage("convert and pack", len(variants)) as stage:
        frozen = convert.freeze(built.model, image)
        if built.original is not None and Variant.FP32 not in variants:
            verify.require_original(built.original, GraphRunner(frozen.graph_def.SerializeToString(), image))
        imitates = fake_quantisation_step(frozen.graph_def) is not None
        for index, variant in enumerate(variants):
            stage.advance(0, str(variant))
            if frozen.float_model is not None and set(variants[index:]) <= set(CALIBRATED):
                frozen.graph_def = None  # one copy of the weights less: those are made of the fp32 file
            try:
                records[variant] = workbench.make(
                    frozen, variant, built.calibration, lambda note: stage.advance(0, note)
                )
                if variant in CALIBRATED:
                    workbench.runner(variant)  # VariantError where it does not load
            except VariantError as error:
                if variant not in CALIBRATED or not records or not imitates:
                    raise
                records.pop(variant, None)
                workbench.path(variant).unlink(missing_ok=True)
                left_out.append(f"  {variant} is left out: {error}; {QUANTISATION_AWARE}")
            if built.original is not None and variant is Variant.FP32:
                verify.require_original(built.original, workbench.runner(variant))
            stage.advance(1, f"{len(records)} variants")
    for line in left_out:
        progress.say(line)
    return records, frozen.ranges


def _compare(
    workbench: Workbench, built: Built, evaluated: Inputs, variants: dict[Variant, VariantRecord], progress: Progress
) -> Probabilities:
    """Run the evaluation set through the Keras model, saved and loaded again, and through every packed file.

    Returns the Keras model's probabilities, (N, labels), and adds to every variant's record its parity with them.
    """
    recipe, reference = workbench.recipe, workbench.staged / "reference"
    model = _save_reference(recipe, built, reference)
    with progress.stage("compare with Keras", len(evaluated.ids)) as stage:
        # Keras first: while it loads, it has several copies of the weights in memory.
        runners: dict[str, ModelRunner] = {"keras": reference_runner(model, recipe.card.image)}
        runners |= {variant: workbench.runner(variant) for variant in variants}
        answers = answer(evaluated, recipe.card.image, runners, stage.advance)
        stage.advance(0, f"{len(evaluated.ids)} inputs, {len(runners)} models")
    expected = answers.pop("keras")
    for variant, record in variants.items():
        parity = verify.compare(expected, answers[variant], evaluated.truth, recipe.tolerance(variant))
        variants[variant] = structs.replace(record, parity=parity)
    return expected


def _save_reference(recipe: Recipe, built: Built, folder: Path) -> Path:
    """Save the model so that it loads without code of its author: as Keras, or frozen where it is no Keras model."""
    import keras

    if isinstance(built.model, keras.Model):
        # A new Model has no optimizer and no compiled loss: inference only.
        path = folder / "model.keras"
        keras.Model(built.model.inputs, built.model.outputs, name=recipe.name).save(path)
        return path
    path = folder / "model.pb"
    path.write_bytes(convert.freeze(built.model, recipe.card.image).graph_def.SerializeToString())
    return path


def _with_remedies(
    workbench: Workbench,
    built: Built,
    evaluated: Inputs,
    expected: Probabilities,
    variants: dict[Variant, VariantRecord],
    progress: Progress,
) -> RemedyResult:
    """`variants`, with remedies in place of an int8 that fails; ParityError when a variant still fails."""
    recipe = workbench.recipe

    def attempt(remedy: Remedy, samples: Pixels) -> VariantRecord:
        variant = remedy.variant
        with progress.stage(f"remedy {remedy}", len(evaluated.ids)) as stage:
            # Frozen again, so that no second copy of the weights is in memory while models are compared.
            frozen = convert.freeze(built.model, recipe.card.image)
            record = workbench.make(frozen, variant, samples, lambda note: stage.advance(0, note))
            runners: dict[str, ModelRunner] = {variant: workbench.runner(variant)}
            answers = answer(evaluated, recipe.card.image, runners, stage.advance)[variant]
            parity = verify.compare(expected, answers, evaluated.truth, recipe.tolerance(variant))
            stage.advance(0, parity.verdict)
        return structs.replace(record, parity=parity)

    result = RemedyResult(variants)
    if remedies.needed(variants):
        result = remedies.apply_remedies(built, variants, attempt)
    parities = {variant: record.parity for variant, record in result.variants.items() if record.parity is not None}
    verify.require(recipe.name, parities, () if result.helped else result.tried)
    for variant in set(Variant) - set(result.variants):
        workbench.path(variant).unlink(missing_ok=True)
    return result
