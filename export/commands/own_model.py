"""`python -m export MODEL`: from a command line to a recipe, once the file has been looked at."""

import argparse
from pathlib import Path

from export import recipes
from export.commands.arguments import trained_with, variants
from export.commands.own_arguments import FILES, is_model
from export.errors import OwnModelError, SourceError
from export.networks import saved_model
from export.own_models import keras_file, tflite_file
from export.own_models.recipe import recipe_of
from export.recipe import Choices, Recipe


def choose(options: argparse.Namespace) -> tuple[dict[str, Recipe], Choices]:
    """The recipe, by its name, and the choices; ExportError or MetadataError, one line, for what cannot be exported."""
    path: Path = options.model
    if not path.exists():
        raise SourceError(f"{path}: no such file or folder; give a model")
    for option, folder in (("--calibration", options.calibration), ("--eval-dir", options.eval_dir)):
        if folder is not None and not folder.is_dir():
            raise SourceError(f"{option} {folder}: no such folder; give a folder of pictures")
    recipe = _recipe(path, options)
    recipes.check_new_name(recipe.name)
    choices = Choices(
        variants=variants(options.variants),
        seed=options.seed,
        eval_dir=options.eval_dir,
        trained_with=trained_with(options),
    )
    return {recipe.name: recipe}, choices


def _recipe(path: Path, options: argparse.Namespace) -> Recipe:
    if path.is_dir():
        if not saved_model.is_saved_model(path):
            raise OwnModelError(f"{path} is a folder without {saved_model.GRAPH}; give a model file or a SavedModel")
        return recipe_of(options, saved_model.read(path))
    if not is_model(path):
        raise OwnModelError(f"{path} is no model that can be exported; give one of {', '.join(FILES)}, or a SavedModel")
    if path.suffix.lower() == ".tflite":
        return tflite_file.recipe_of(options)
    return recipe_of(options, keras_file.read(path, trust=options.trust))
