"""The kit's models, one file each. A recipe is found by its file's name; importing one imports no TensorFlow."""

from importlib import import_module
from pathlib import Path

from export.errors import RecipeError, unknown
from export.recipe import Recipe

DEFAULT = ("digits_cnn", "digits_mlp", "efficientnet_lite0")  # what minutes suffice for, and every machine can have


def names() -> tuple[str, ...]:
    """Every recipe's name, in the order in which they are exported."""
    return tuple(sorted(path.stem for path in Path(__file__).parent.glob("[!_]*.py")))


def find(name: str) -> Recipe:
    """The recipe of that name; RecipeError with the nearest name and the list otherwise."""
    if name not in names():
        raise RecipeError(unknown("recipe", name, names()))
    recipe: Recipe = import_module(f"{__name__}.{name}").RECIPE
    return recipe
