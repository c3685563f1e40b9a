"""One recipe, all the way: sources → Keras model → variants → metadata → checks → parity → a record of it all.

Every stage leaves files in the staging folder; nothing outside of it changes before the store commits it.
"""

import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import inputs
from benchmarks.desktop import KerasRunner, Runner, TfliteRunner, answer
from export import convert, sources, verify
from export.assets import default_variant
from export.errors import RecipeError, VariantError
from export.fingerprint import tools
from export.recipe import Built, Choices, Ingredients, Progress, Recipe, Variant
from export.store import Record, describe_file
from metadata import reader, writer
from metadata.runtimes import Runtime


def export(recipe: Recipe, choices: Choices, runtime: Runtime, staged: Path, progress: Progress) -> Record:
    """Fill `staged` with the recipe's models and reference, and return its record; ExportError when one must not ship.

    Paths in the record are relative to `staged`.
    """
    started = time.monotonic()
    files = {
        source.name: sources.obtain(source, choices.given.get(source.option or ""), progress.say)
        for source in recipe.sources
    }
    given = Ingredients(files, choices, progress)
    evaluation = recipe.evaluation(given)
    (staged / "reference").mkdir()
    evaluated = inputs.write(staged / "reference", evaluation.entries)
    built = _built(recipe, given)
    variants = _convert(recipe, built, choices.variants, runtime, staged, progress)
    parity = _compare(recipe, built, evaluated, staged, progress, tuple(variants))
    for variant, record in variants.items():
        record["parity"] = parity[variant].to_json()
    verify.require(recipe.name, parity)
    return {
        "card": recipe.card.to_json(),
        "screen": str(recipe.screen),
        "shipped": recipe.shipped,
        "door": recipe.door.to_json() if recipe.door else None,
        "parameters": built.model.count_params(),
        "app_runtime": runtime.name,
        "seed": choices.seed,
        "tools": tools(),
        "sources": [file.to_json() for group in files.values() for file in group],
        "training": built.training,
        "evaluation": {"name": evaluation.name, "inputs": len(evaluated.ids), "labelled": evaluated.labelled},
        "variants": {str(variant): record for variant, record in variants.items()},
        "default_variant": default_variant({str(name): record for name, record in variants.items()}),
        "reference": _reference(staged),
        "seconds": round(time.monotonic() - started, 1),
    }


def _built(recipe: Recipe, given: Ingredients) -> Built:
    built = recipe.build(given)
    if recipe.parameters not in (None, got := built.model.count_params()):
        raise RecipeError(f"{recipe.name} has {got} parameters, its recipe says {recipe.parameters}; correct one")
    return built


def _convert(
    recipe: Recipe, built: Built, variants: tuple[Variant, ...], runtime: Runtime, staged: Path, progress: Progress
) -> dict[Variant, Record]:
    image, calibration = recipe.card.image, convert.with_black_and_white(built.calibration)
    records: dict[Variant, Record] = {}
    with progress.stage("convert and pack", len(variants)) as stage:
        frozen = convert.freeze(built.model, image)
        for variant in variants:
            stage.advance(0, str(variant))
            started = time.monotonic()
            packed = writer.pack(convert.convert(frozen, variant, calibration, image), recipe.card)
            path = staged / f"{recipe.name}_{variant}.tflite"
            path.write_bytes(packed)
            model = reader.read_bytes(packed)
            verify.admit(path.name, model, runtime, built.model.count_params())
            seconds = round(time.monotonic() - started, 2)
            records[variant] = describe_file(staged, path) | {"seconds": seconds} | _described(model)
            stage.advance(1, f"{len(records)} variants")
    return records


def _described(model: reader.PackedModel) -> Record:
    """What the manifest tells of a file beside its hash."""
    return {
        "input": _tensor(model.file.inputs[0]),
        "output": _tensor(model.file.outputs[0]),
        "operators": [
            {"name": operator.name, "version": operator.version, "count": operator.count}
            for operator in model.file.operators
        ],
        "minimum_runtime": model.file.min_runtime_version,
    }


def _tensor(tensor: Any) -> Record:
    record: Record = {"name": tensor.name, "shape": list(tensor.shape), "dtype": str(tensor.dtype)}
    if tensor.quantization is not None:
        record["scale"] = tensor.quantization.scales[0]
        record["zero_point"] = tensor.quantization.zero_points[0]
    return record


def _compare(
    recipe: Recipe,
    built: Built,
    evaluated: inputs.Inputs,
    staged: Path,
    progress: Progress,
    variants: tuple[Variant, ...],
) -> dict[Variant, verify.Parity]:
    """Answer the whole evaluation set with Keras, as saved and loaded again, and with every packed file."""
    import keras

    image, reference = recipe.card.image, staged / "reference"
    # A new Model has no optimizer and no compiled loss: inference only.
    keras.Model(built.model.inputs, built.model.outputs, name=recipe.name).save(reference / "model.keras")
    with progress.stage("compare with Keras", len(evaluated.ids)) as stage:
        runners: dict[str, Runner] = {variant: _runner(recipe, variant, staged) for variant in variants}
        runners["keras"] = KerasRunner(reference / "model.keras", image)
        answers = answer(evaluated, image, runners, stage.advance)
        stage.advance(0, f"{len(evaluated.ids)} inputs, {len(runners)} models")
    expected = answers.pop("keras")
    np.save(reference / "probabilities.npy", expected)
    tolerances = recipe.tolerances
    return {
        variant: verify.compare(expected, answers[variant], evaluated.truth, tolerances[variant])
        for variant in variants
    }


def _runner(recipe: Recipe, variant: Variant, staged: Path) -> TfliteRunner:
    path = staged / f"{recipe.name}_{variant}.tflite"
    try:
        return TfliteRunner(path.read_bytes(), recipe.card.image)
    except (RuntimeError, ValueError) as error:
        raise VariantError(f"{path.name} does not load in desktop TensorFlow Lite: {error}") from error


def _reference(staged: Path) -> Record:
    names = {
        "model": "model.keras",
        "inputs": inputs.ARCHIVE,
        "truth": inputs.TRUTH,
        "probabilities": "probabilities.npy",
    }
    return {key: describe_file(staged, staged / "reference" / name) for key, name in names.items()}
