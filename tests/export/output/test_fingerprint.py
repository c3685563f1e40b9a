"""A changed line exports again what it can change, and nothing else."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from export import recipes
from export.commands import own_model
from export.commands.own_arguments import parse
from export.output import fingerprint as module
from export.output.fingerprint import fingerprint
from export.recipe import Choices, Recipe
from export.recipes import efficientnet_lite0
from export.transfer.backbones import EFFICIENTNET_LITE0
from export.transfer.classes import Split
from export.transfer.splits import Splits
from export.transfer.task import TransferTask, recipe_of

ROOT = Path(__file__).parents[3]
LESSON = TransferTask("my_pets", "Pets.", Splits(("cat", "dog"), dict.fromkeys(Split, ())), EFFICIENTNET_LITE0, "mine")
READY = [str(ROOT / "tests/golden/models/colour_fp32.tflite"), "--name", "ready"]


def theirs(name: str) -> Recipe:
    """A recipe of the kit, or one that is put together for a user."""
    if name == "taught":
        return recipe_of(LESSON)
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
        ("digits_cnn", "export/recipes/digits_mlp.py", False),
        ("digits_cnn", "export/transfer/head.py", False),
        ("digits_cnn", "export/commands/table.py", False),
        ("digits_cnn", "export/teach.py", False),
        ("digits_mlp_subclass", "export/recipes/digits_mlp.py", True),
        ("taught", "export/transfer/head.py", True),
        ("taught", "export/networks/saved_model.py", True),
        ("taught", "export/networks/efficientnet_lite0.py", True),
        ("taught", "export/networks/train.py", False),
        ("ready", "export/own_models/tflite_file.py", True),
        ("ready", "export/own_models/sets.py", True),
        ("ready", "export/transfer/head.py", False),
        ("cats_vs_dogs", "export/recipes/cats_vs_dogs.py", True),
        ("cats_vs_dogs", "export/networks/efficientnet_lite0.py", True),
    ],
)
def test_what_a_way_imports_decides_its_model(sources: Path, recipe: str, file: str, decides: bool) -> None:
    before = fingerprint(theirs(recipe), Choices())
    assert fingerprint(theirs(recipe), Choices()) == before
    with (sources / file).open("a") as changed:
        changed.write("\n")
    assert (fingerprint(theirs(recipe), Choices()) != before) == decides


def test_what_a_model_says_of_itself_decides_it_too() -> None:
    recipe = efficientnet_lite0.RECIPE
    said = replace(recipe, card=replace(recipe.card, description="Something else."))
    assert fingerprint(said, Choices()) != fingerprint(recipe, Choices())
