"""Files, kernels and labels that are not those of the desktop, run for real and named as the first cause."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from msgspec import structs

from benchmarks.compare.accuracy import ArrowName
from benchmarks.compare.compare import compare
from benchmarks.console.places import Build
from benchmarks.evaluation.interpreter import Interpreter
from benchmarks.explain.explanation import explain
from benchmarks.explain.layer_records import layers_of
from benchmarks.explain.runtime import other_files
from benchmarks.explain.two_runs import OtherRun
from benchmarks.explain.two_runs import compare as compare_layers
from benchmarks.formats.catalog import Catalog, CatalogEntry
from benchmarks.formats.declared import write
from benchmarks.formats.errors import ResultError
from benchmarks.formats.job import Job
from benchmarks.formats.layers_file import probed_file
from benchmarks.formats.manifest import ExportedVariant, Manifest
from benchmarks.runners.desktop import execute
from benchmarks.runners.desktop.evaluate import evaluate
from benchmarks.runners.desktop.measure import Measured
from tests.benchmarks.explain.faulty_models import faulty
from tests.benchmarks.faulty import PHONE, Bench, named, on, unwarned
from tests.benchmarks.models import MODELS, digits, is_exported, photographs

pytestmark = pytest.mark.skipif(not is_exported(), reason="build/models holds no models: run make export first")
load = execute.load


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    home = tmp_path_factory.mktemp("digits")
    with unwarned():
        yield Bench(digits(home / "inputs", 200), ["fp32", "int8"], home)


def loading(other: bytes) -> Any:
    """A phone that verifies one file and runs another."""
    return lambda job, _data: load(job, other)


def without_xnnpack(job: Job, data: bytes) -> list[Interpreter]:
    return load(structs.replace(job, xnnpack=False), data)


def shifted(*arguments: Any) -> Measured:
    measured = evaluate(*arguments)
    return replace(measured, outputs=np.roll(measured.outputs, 1, axis=1))


def trained_longer(variant: ExportedVariant, folder: Path) -> ExportedVariant:
    """The variant after another training: a real file of other weights, made by changing each a little."""
    data = bytearray(variant.file.path.read_bytes())
    random = np.random.default_rng(3)
    weights = np.frombuffer(bytes(data[20000:200000]), "<f4")
    near = np.isfinite(weights) & (np.abs(weights) > 1e-4) & (np.abs(weights) < 1)
    moved = np.where(near, weights * random.normal(1, 1.5, weights.shape), weights).astype("<f4")
    data[20000:200000] = moved.tobytes()
    path = folder / "older.tflite"
    path.write_bytes(data)
    return replace(variant, file=named(path))


def test_an_older_file_that_a_run_remembers_is_named(bench: Bench, tmp_path: Path) -> None:
    old = trained_longer(bench.variants[0], tmp_path)
    before = bench.run("none", old)
    now = bench.run("none", load=loading(old.file.path.read_bytes()))
    found = explain(bench.row(now, [before, now]), bench.manifest)
    assert (found.arrow, found.causes[0].id) == (ArrowName.RUNTIME, "STALE-MODEL")
    assert found.causes[0].score > 0.99
    assert f"of run {before.id}" in found.causes[0].evidence


def test_a_phone_that_refuses_an_older_file_reports_its_hash(bench: Bench, tmp_path: Path) -> None:
    old = trained_longer(bench.variants[0], tmp_path)
    stale = replace(old.file, sha256=bench.variants[0].file.sha256)
    run = bench.run("none", replace(old, file=stale))
    found = explain(bench.row(run), bench.manifest)
    assert found.causes[0].id == "STALE-MODEL"
    assert old.file.sha256[:12] in found.causes[0].evidence
    assert any("no answers on tensors and on images" in line for line in found.remarks)


def test_a_file_that_was_refused_once_and_then_ran_is_no_cause(bench: Bench, tmp_path: Path) -> None:
    old = trained_longer(bench.variants[0], tmp_path)
    stale = replace(old.file, sha256=bench.variants[0].file.sha256)
    refused = bench.run("none", replace(old, file=stale))
    run = bench.run("none")
    for path in refused.phone_folder(PHONE).glob("*.failed-1.json"):
        shutil.copy(path, run.phone_folder(PHONE))
    found = explain(bench.row(run), bench.manifest)
    assert (found.arrow, found.causes) == (None, ())


def test_an_asset_of_an_older_export_is_tried(bench: Bench, tmp_path: Path) -> None:
    variant = bench.variants[0]
    old = trained_longer(variant, tmp_path)
    entry = CatalogEntry(
        recipe="digits_cnn",
        variant="fp32",
        path=old.file.path.name,
        sha256=old.file.sha256,
        screen="digit",
        default=False,
    )
    (tmp_path / "catalog.json").write_bytes(msgspec.json.encode(Catalog((entry,))))
    found = list(other_files(bench.recipe, variant, bench.manifest, tmp_path))
    assert [(one.id, one.sha256) for one in found if one.id == "STALE-MODEL"] == [("STALE-MODEL", old.file.sha256)]
    (tmp_path / "catalog.json").write_text("{")
    assert all(one.id == "OTHER-MODEL" for one in other_files(bench.recipe, variant, bench.manifest, tmp_path))


def test_another_recipes_file_is_named(bench: Bench) -> None:
    whole = Manifest.read(MODELS)
    manifest = Manifest({**whole.recipes, bench.recipe.name: bench.recipe})
    other = whole.recipes["digits_mlp"].variants["fp32"].file.path.read_bytes()
    found = explain(bench.row(bench.run("none", load=loading(other))), manifest)
    assert (found.arrow, found.causes[0].id) == (ArrowName.RUNTIME, "OTHER-MODEL")
    assert "digits_mlp fp32" in found.causes[0].evidence


@pytest.mark.parametrize("variant", [0, 1])
def test_answers_that_are_off_by_one_are_named(bench: Bench, variant: int) -> None:
    found = explain(bench.row(bench.run("none", bench.variants[variant], evaluate=shifted)), bench.manifest)
    assert (found.arrow, found.causes[0].id) == (ArrowName.RUNTIME, "LABEL-SHIFT")
    assert found.causes[0].score > 0.95
    assert "by +1 label" in found.causes[0].evidence


def test_a_truth_that_is_off_by_one_is_named_though_every_stage_agrees(bench: Bench) -> None:
    row = bench.row(bench.run("none"))
    assert row.desktop.truth is not None
    moved = replace(row.desktop, truth=(row.desktop.truth + 1) % 10)
    found = explain(replace(row, desktop=moved), bench.manifest)
    assert (found.arrow, [one.id for one in found.causes]) == (None, ["LABEL-SHIFT"])
    assert found.causes[0].arrow is ArrowName.WHOLE


def test_kernels_without_xnnpack_are_named(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("photographs")
    recipe = Manifest.read(MODELS).recipes["efficientnet_lite0"]
    with unwarned():
        bench = Bench(on(recipe, photographs(recipe, 16), home / "inputs"), ["int8"], home)
        found = explain(bench.row(bench.run("none", load=without_xnnpack)), bench.manifest)
    on_the_phone = [one for one in found.causes if one.arrow is ArrowName.RUNTIME]
    assert on_the_phone[0].id == "KERNEL-SET"
    assert "reproduces 100.0% of the difference" in on_the_phone[0].evidence


def test_a_row_without_its_export_says_so_and_tries_nothing(bench: Bench) -> None:
    row = bench.row(bench.run("inverted"))
    found = explain(replace(row, recipe=None, variant=None), bench.manifest)
    assert (found.arrow, found.causes) == (ArrowName.PREPROCESSING, ())
    assert any("the export no longer holds the file" in line for line in found.remarks)


def test_a_layer_that_is_wrong_by_itself_is_a_cause_once_the_phone_was_asked(bench: Bench, tmp_path: Path) -> None:
    variant = bench.variants[0]
    data = variant.file.path.read_bytes()
    wrong = faulty(data, "stale_weights", 2)
    run = bench.run("none", load=loading(wrong))
    before = explain(bench.row(run), bench.manifest)
    assert (before.arrow, before.causes[0].id) == (ArrowName.RUNTIME, "UNEXPLAINED")
    levels = next(bench.recipe.evaluation_set(3).batches(bench.recipe.image, 3))
    compared = compare_layers(data, OtherRun("phone", wrong, 1, True), None, levels, bench.recipe.image)
    layers = layers_of(
        compared, model="digits_cnn_fp32", sha256=variant.file.sha256, seen="a phone", inputs=["0", "1", "2"]
    )
    path = probed_file(run.phone_folder(PHONE), "digits_cnn_fp32")
    path.parent.mkdir()
    path.write_bytes(write(layers, path.name, ResultError, ""))
    found = explain(bench.row(run), bench.manifest).causes[0]
    assert (found.id, found.score > 0.99) == ("STALE-WEIGHTS", True)
    assert found.evidence.startswith("conv2d_1_2 (CONV_2D) is wrong by itself; other CONV_2D are right")
    assert compare([run], Build(tmp_path)).rows[0].probed == layers
    path.write_text("{")
    with pytest.raises(ResultError, match=r"digits_cnn_fp32\.json is not JSON .*; explain --layers again$"):
        bench.row(run).stored.probed()
