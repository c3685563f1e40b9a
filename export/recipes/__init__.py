"""The kit's models, one file each. A recipe is found by its file's name; importing one imports no TensorFlow."""

import difflib
from importlib import import_module
from pathlib import Path

from export.errors import RecipeError
from export.recipe import Recipe, Variant

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


def variants(text: str) -> tuple[Variant, ...]:
    """The variants of "fp32,int8", each once; RecipeError for a name that does not exist, and for none at all."""
    names = tuple(dict.fromkeys(filter(None, text.split(","))))
    for name in names:
        if name not in list(Variant):
            raise RecipeError(unknown("variant", name, tuple(Variant)))
    if not names:
        raise RecipeError(f"--variants is empty; choose from: {', '.join(Variant)}")
    return tuple(map(Variant, names))


def unknown(kind: str, name: str, known: tuple[str, ...]) -> str:
    """One line for a name that does not exist: the nearest that does, and the whole list."""
    near = difflib.get_close_matches(name, known, n=1)
    guess = f"; did you mean {near[0]}?" if near else ";"
    return f"unknown {kind} {name!r}{guess} choose from: {', '.join(known)}"
