"""The manifest as values: what an export wrote is read, what it did not write is refused with what to do."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.formats.errors import InputsError, ManifestError
from benchmarks.formats.manifest import Manifest
from tests.benchmarks.exports import COUNT, IMAGE, LABELS, RECIPE, empty_inputs


def test_an_export_is_read_with_everything_a_run_needs(export: Path) -> None:
    recipe = Manifest.read(export).recipes[RECIPE]
    assert (recipe.image, recipe.labels, recipe.input_count) == (IMAGE, LABELS, COUNT)
    assert list(recipe.variants) == ["fp32", "int8"]
    assert (recipe.variants["fp32"].input.scale, recipe.variants["int8"].input.dtype) == (None, "uint8")
    assert recipe.variants["int8"].file.checked().name == "tiny_int8.tflite"
    assert len(recipe.evaluation_set(3).ids) == 3
    assert recipe.evaluation_set(None).labelled


def test_a_missing_manifest_says_to_export_first(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"manifest\.json is not there; run make export first"):
        Manifest.read(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "handset.models/1", "recipes": {"x": {}}}', "null"])
def test_a_damaged_manifest_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(ManifestError, match=r"manifest\.json( is not JSON|:) .*; run make export") as caught:
        Manifest.read(tmp_path)
    assert "\n" not in str(caught.value)


def test_another_format_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"format": "handset.models/2", "recipes": {}}))
    with pytest.raises(ManifestError, match=r"format is 'handset\.models/2', not 'handset\.models/1'"):
        Manifest.read(tmp_path)


def test_a_file_that_changed_is_not_used(own_export: Path) -> None:
    file = Manifest.read(own_export).recipes[RECIPE].variants["fp32"].file
    file.path.write_bytes(file.path.read_bytes()[:-1] + b"x")
    with pytest.raises(ManifestError, match="is missing or is not what the manifest says; run make export"):
        file.checked()


def test_names_choose_variants_and_wrong_ones_are_listed(export: Path) -> None:
    manifest = Manifest.read(export)
    assert [one.title for one in manifest.select()] == ["tiny fp32", "tiny int8"]
    assert [one.title for one in manifest.select(["tiny"], ["int8"])] == ["tiny int8"]
    with pytest.raises(ManifestError, match="no model 'large' is exported; choose from tiny"):
        manifest.select(["large"])
    nearest = r"no variant 'int4' is exported; did you mean int8\? choose from fp32, int8"
    with pytest.raises(ManifestError, match=nearest):
        manifest.select([], ["int4"])


def test_an_evaluation_set_without_inputs_is_refused(own_export: Path) -> None:
    empty_inputs(own_export)
    with pytest.raises(InputsError, match="tiny has no evaluation inputs; export it again with --eval-dir"):
        Manifest.read(own_export).recipes[RECIPE].evaluation_set(None)


def test_neither_help_nor_a_manifest_nor_a_table_imports_tensorflow(export: Path) -> None:
    script = (
        "import sys, pathlib, benchmarks.__main__, benchmarks.commands.after_run, benchmarks.evaluation.reference; "
        f"benchmarks.formats.manifest.Manifest.read(pathlib.Path({str(export)!r})); "
        "sys.exit(any(name in sys.modules for name in ('tensorflow', 'keras', 'export')))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
