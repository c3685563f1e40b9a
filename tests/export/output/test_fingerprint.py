"""A changed line exports again all that it can change; one in a command, a report or another recipe does not."""

import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import grimp
import pytest

from export import recipes
from export.commands import own_model
from export.commands.own_model import parse
from export.data.split_names import Split
from export.output import fingerprint as module
from export.output.fingerprint import fingerprint
from export.recipe import Choices, Recipe
from export.recipes import efficientnet_lite0
from export.transfer.backbones import EFFICIENTNET_LITE0
from export.transfer.splits import Splits
from export.transfer.task import TransferTask, recipe_of

ROOT = Path(__file__).parents[3]
TASK = TransferTask("my_pets", "Pets.", Splits(("cat", "dog"), dict.fromkeys(Split, ())), EFFICIENTNET_LITE0, "mine")
READY = [str(ROOT / "tests/golden/models/colour_fp32.tflite"), "--name", "ready"]


def find(name: str) -> Recipe:
    """A recipe of the kit, or one that is put together for a user."""
    if name == "taught":
        return recipe_of(TASK)
    if name == "ready":
        chosen, _ = own_model.choose(parse(READY))
        return chosen["ready"]
    return recipes.find(name)


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The repository's Python, to be changed."""
    for room in ("benchmarks", "export", "metadata"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(module, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("recipe", "file", "decides"),
    [
        ("digits_cnn", "export/recipes/digits_cnn.py", True),
        ("digits_cnn", "export/networks/train.py", True),
        ("digits_cnn", "export/convert/convert.py", True),
        ("digits_cnn", "metadata/preprocess.py", True),
        ("digits_cnn", "metadata/labels/digits.txt", True),
        ("digits_cnn", "metadata/runtimes/2.16.1.json", True),
        ("digits_cnn", "benchmarks/evaluation/stats/proportions.py", True),
        ("digits_cnn", "benchmarks/formats/inputs.py", True),
        ("digits_cnn", "benchmarks/formats/variant_record.py", True),
        ("digits_cnn", "benchmarks/formats/run_folder.py", False),
        ("digits_cnn", "benchmarks/report/summary_md.py", False),
        ("digits_cnn", "benchmarks/phones/vitals.py", False),
        ("digits_cnn", "export/recipes/digits_mlp.py", False),
        ("digits_cnn", "export/own_models/tflite_file.py", False),
        ("digits_cnn", "export/transfer/head.py", False),
        ("digits_cnn", "export/commands/table.py", False),
        ("digits_cnn", "export/teach.py", False),
        ("digits_mlp_subclass", "export/networks/digits.py", True),
        ("taught", "export/transfer/head.py", True),
        ("taught", "export/networks/saved_model.py", True),
        ("taught", "export/networks/efficientnet_lite0.py", True),
        ("ready", "export/own_models/tflite_file.py", True),
        ("ready", "export/own_models/sets.py", True),
        ("ready", "export/transfer/head.py", False),
        ("taught", "export/own_models/tflite_file.py", False),
        ("cats_vs_dogs", "export/recipes/cats_vs_dogs.py", True),
        ("cats_vs_dogs", "export/transfer/head.py", True),
        ("cats_vs_dogs", "export/networks/efficientnet_lite0.py", True),
    ],
)
def test_the_code_of_a_model_decides_it(sources: Path, recipe: str, file: str, decides: bool) -> None:
    before = fingerprint(find(recipe), Choices())
    assert fingerprint(find(recipe), Choices()) == before
    assert (sources / file).is_file()
    with (sources / file).open("a") as changed:
        changed.write("\n")
    assert (fingerprint(find(recipe), Choices()) != before) == decides


@pytest.mark.parametrize("name", [*recipes.names(), "taught", "ready"])
def test_nothing_is_imported_for_a_model_that_does_not_count(name: str) -> None:
    recipe = find(name)
    own = f"export.recipes.{name}"
    modules = {"export.pipeline", own if own in imports().modules else recipe.build.__module__}
    imported = modules.union(*map(imports().find_upstream_modules, modules)) - NEUTRAL
    counted = {file.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for file in module._code(recipe)}
    assert {name for name in imported - counted if not is_bare_package(name)} == set()


NEUTRAL = {
    *("benchmarks.console.locks", "benchmarks.console.places"),
    *("benchmarks.formats.errors", "benchmarks.formats.mismatch"),
}
"""Who may write, where files lie, and what errors say: none changes a model."""


@cache
def imports() -> grimp.ImportGraph:
    """Every import of the kit, those inside functions too."""
    return grimp.build_graph("export", "metadata", "benchmarks", cache_dir=None)


def is_bare_package(name: str) -> bool:
    """Whether the module is a package that holds only a docstring."""
    return (ROOT / name.replace(".", "/")).is_dir() and not imports().find_modules_directly_imported_by(name)


def test_what_a_model_says_of_itself_decides_it_too() -> None:
    recipe = efficientnet_lite0.RECIPE
    said = replace(recipe, card=replace(recipe.card, description="Something else."))
    assert fingerprint(said, Choices()) != fingerprint(recipe, Choices())
