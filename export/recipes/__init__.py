"""The kit's models, one file each, named like the recipe. Importing a recipe imports no TensorFlow."""

import re
from importlib import import_module
from pathlib import Path

from export.errors import RecipeError, unknown
from export.recipe import Recipe

DEFAULT = ("digits_cnn", "digits_mlp", "efficientnet_lite0")  # these take minutes, and every machine can get their data
MODEL_NAME = re.compile(r"[a-z0-9][a-z0-9_]{0,63}")


def names() -> tuple[str, ...]:
    """Every recipe's name, in the order in which they are exported."""
    return tuple(sorted(path.stem for path in Path(__file__).parent.glob("[!_]*.py")))


def find(name: str) -> Recipe:
    """The recipe of that name; RecipeError with the nearest name and the list otherwise."""
    if name not in names():
        raise RecipeError(unknown("recipe", name, names()))
    recipe: Recipe = import_module(f"{__name__}.{name}").RECIPE
    return recipe


def check_new_name(name: str) -> None:
    """Raise RecipeError unless a user's model can have this name: a valid part of file names, and no kit recipe's."""
    if not MODEL_NAME.fullmatch(name):
        raise RecipeError(
            f"--name {name!r} cannot be a file's name everywhere; use a to z, 0 to 9 and _, at most 64, as in my_pets"
        )
    if name in names():
        raise RecipeError(f"--name {name} is a recipe of the kit's own; choose another, as in my_pets")
