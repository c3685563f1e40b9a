"""Desktop references: Keras's come with the export, and nothing is evaluated twice."""

from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from benchmarks.evaluation import reference
from benchmarks.evaluation.reference import KERAS, References
from benchmarks.formats.errors import ManifestError
from benchmarks.formats.manifest import ExportedRecipe, Manifest
from tests.benchmarks.exports import COUNT, RECIPE


def recipe_of(folder: Path) -> ExportedRecipe:
    return Manifest.read(folder).recipes[RECIPE]


def test_kerass_answers_are_the_exports_own(export: Path, tmp_path: Path) -> None:
    references = References(recipe_of(export), None, tmp_path)
    assert references.missing(()) == ()
    answers = references.answers(())
    assert np.array_equal(answers[KERAS], np.load(export / ".tiny-1/reference/probabilities.npy"))
    assert list(tmp_path.iterdir()) == []


def test_every_variant_is_answered_once_and_kept(export: Path, tmp_path: Path) -> None:
    recipe = recipe_of(export)
    variants = tuple(recipe.variants.values())
    done: list[int] = []
    first = References(recipe, None, tmp_path).answers(variants, done.append)
    assert {name: answers.shape for name, answers in first.items()} == dict.fromkeys(
        ("keras", "fp32", "int8"), (COUNT, 10)
    )
    assert np.abs(first["fp32"] - first[KERAS]).max() < 1e-5
    assert 0 < np.abs(first["int8"] - first[KERAS]).max() < 0.1
    assert sum(done) == COUNT
    again = References(recipe, None, tmp_path).answers(variants, done.append)
    assert sum(done) == COUNT, "nothing is computed a second time"
    assert all(np.array_equal(first[name], again[name]) for name in first)


def test_lost_answers_of_keras_are_computed_again_from_its_model(own_export: Path, tmp_path: Path) -> None:
    recipe = recipe_of(own_export)
    before = np.load(recipe.probabilities.path)
    recipe.probabilities.path.write_bytes(b"damaged")
    references = References(recipe, None, tmp_path)
    assert [one.name for one in references.missing(())] == [KERAS]
    assert np.allclose(references.answers(())[KERAS], before, atol=1e-6)
    assert references.missing(()) == ()


def test_a_limit_takes_the_first_inputs(export: Path, tmp_path: Path) -> None:
    recipe = recipe_of(export)
    whole = References(recipe, None, tmp_path).answers(tuple(recipe.variants.values()))
    few = References(recipe, 3, tmp_path).answers(tuple(recipe.variants.values()))
    assert all(np.allclose(few[name], whole[name][:3], atol=1e-6) for name in whole)


def test_another_model_or_other_inputs_are_another_reference(export: Path, tmp_path: Path) -> None:
    recipe = recipe_of(export)
    fp32 = recipe.variants["fp32"]
    References(recipe, None, tmp_path).answers((fp32,))
    retrained = replace(fp32, file=recipe.variants["int8"].file)
    assert len(References(recipe, None, tmp_path).missing((fp32,))) == 0
    assert len(References(recipe, None, tmp_path).missing((retrained,))) == 1
    brighter = replace(recipe, image=replace(recipe.image, mean=(0.0,)))
    assert len(References(brighter, None, tmp_path).missing((fp32,))) == 1


def test_answers_of_another_runtime_are_not_used(export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = recipe_of(export)
    References(recipe, None, tmp_path).answers((fp32 := recipe.variants["fp32"],))
    other = {"ai-edge-litert": "1.3.0"}
    monkeypatch.setattr(reference, "version", lambda package: other.get(package) or version(package))
    assert [one.name for one in References(recipe, None, tmp_path).missing((fp32,))] == ["fp32"]


def test_a_kept_answer_that_was_cut_off_is_computed_again(export: Path, tmp_path: Path) -> None:
    recipe = recipe_of(export)
    variants = (recipe.variants["fp32"],)
    References(recipe, None, tmp_path).answers(variants)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:100])
    assert len(References(recipe, None, tmp_path).missing(variants)) == 1


def test_a_model_that_is_gone_says_to_export(own_export: Path, tmp_path: Path) -> None:
    recipe = recipe_of(own_export)
    recipe.variants["fp32"].file.path.unlink()
    with pytest.raises(ManifestError, match="run make export"):
        References(recipe, None, tmp_path).answers((recipe.variants["fp32"],))
