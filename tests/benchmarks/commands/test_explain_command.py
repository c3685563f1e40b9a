"""`python -m benchmarks explain` as it is typed, and the causes that a comparison names."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.__main__ import main
from benchmarks.explain.causes import CAUSE_TEXTS
from benchmarks.formats.manifest import Reference
from benchmarks.formats.run_folder import find
from benchmarks.runners.desktop import execute
from tests.benchmarks.conftest import Start
from tests.benchmarks.faulty import preparing
from tests.benchmarks.rig import start_with_app
from tests.benchmarks.runs_made import edit_models

ROOT = Path(__file__).parents[3]
QUICK = ["--rounds", "1", "--num-runs", "1", "--min-secs", "0", "--json"]


def measured(start: Start, export: Path, home: Path, fault: str, *options: str) -> Path:
    """A build folder with one run of a virtual phone that has this fault."""
    if not (home / "models").exists():
        shutil.copytree(export, home / "models")
    virtual = start_with_app(start, serial=f"virtual-{fault}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(execute, "preparer", preparing(fault))
        assert main(["run", "--build", str(home), "--tcp", virtual.address, *QUICK, *options]) == 0
    return home


def explain(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main(["explain", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_a_fault_on_a_phone_is_named_with_what_to_do(
    start: Start, export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build = measured(start, export, tmp_path / "build", "inverted", "--model-inputs")
    code, out, err = explain(capsys, "--build", str(build))
    assert (code, err) == (0, "")
    first = out.splitlines()[0]
    assert first.startswith("tiny_fp32 on Virtual phone (virtual-inverted): the phone feeds the negative")
    assert "◂ 100%" in out
    assert "1. POLARITY (" in out
    assert f"do:   {CAUSE_TEXTS['POLARITY'].remedy}" in out
    assert "10 of 10 fed tensors differ" in out
    assert "--limit 32 --model-inputs, and explain again" in out


def test_json_has_causes_arrows_and_layers(
    start: Start, export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build = measured(start, export, tmp_path / "build", "inverted")
    run = find(None, build / "results").id
    code, out, _ = explain(capsys, run, "--models", "tiny_fp32", "--json", "--build", str(build))
    record = json.loads(out)
    assert (code, record["format"], record["run"]) == (0, "handset.explanation/1", run)
    (one,) = record["explanations"]
    assert (one["model"], one["arrow"], one["causes"][0]["id"]) == ("tiny_fp32", "preprocessing", "POLARITY")
    assert [arrow["name"] for arrow in one["arrows"]] == ["conversion", "runtime", "preprocessing"]


def test_a_healthy_run_is_not_explained_and_loads_no_tensorflow(start: Start, export: Path, tmp_path: Path) -> None:
    build = measured(start, export, tmp_path / "build", "none")
    script = (
        "import sys; from benchmarks.__main__ import main; code = main(sys.argv[1:]); "
        "print('tensorflow' in sys.modules, code)"
    )
    command = [sys.executable, "-c", script, "explain", "--build", str(build)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    run = find(None, build / "results").id
    assert done.stdout == f"run {run}: nothing to explain in 2 of 2 models on phones\nFalse 0\n"


def test_unknown_names_are_one_line_and_exit_2(
    start: Start, export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build = measured(start, export, tmp_path / "build", "none")
    run = find(None, build / "results").id
    code, out, err = explain(capsys, run, "--models", "enormous", "--build", str(build))
    assert (code, out) == (2, "")
    assert err == "no model 'enormous' in this run; choose from tiny_fp32, tiny_int8\n"
    code, _, err = explain(capsys, "never", "--build", str(build))
    assert (code, err.count("\n")) == (2, 1)
    assert f"no run never below {build / 'results'}; there are: {run}" in err
    code, _, err = explain(capsys, "--build", str(tmp_path / "empty"))
    assert (code, err) == (2, f"no run below {tmp_path / 'empty' / 'results'}; run make benchmark first\n")


def test_a_run_whose_export_is_gone_says_what_cannot_be_tried(
    start: Start, export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build = measured(start, export, tmp_path / "build", "inverted")
    path = build / "models" / "manifest.json"
    record = json.loads(path.read_text())
    for variant in record["recipes"]["tiny"]["variants"].values():
        variant["sha256"] = "0" * 64
    path.write_text(json.dumps(record))
    code, out, _ = explain(capsys, "--build", str(build))
    assert code == 0
    assert "the answers differ on decoding, turning, cropping" in out
    assert "the export no longer holds the file or the inputs of this run" in out


def test_a_variant_whose_name_has_an_underscore_is_of_its_recipe(
    start: Start, export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build = measured(start, export, tmp_path / "build", "inverted", "--variants", "fp32")
    manifest = build / "models" / "manifest.json"
    record = json.loads(manifest.read_text())
    variants = record["recipes"]["tiny"]["variants"]
    variants["int8_mixed"] = variants.pop("fp32")
    manifest.write_text(json.dumps(record))
    run = find(None, build / "results")
    edit_models(run, variant="int8_mixed")
    (run.path / "references" / "tiny-fp32.npy").rename(run.path / "references" / "tiny-int8_mixed.npy")
    code, out, err = explain(capsys, run.id, "--models", "tiny", "--build", str(build))
    assert (code, err) == (0, "")
    assert "run --models tiny --variants int8_mixed --limit 32 --model-inputs" in out
    code, _, err = explain(capsys, run.id, "--models", "tiny_int8", "--build", str(build))
    assert (code, err) == (2, "no model 'tiny_int8' in this run; choose from tiny_int8_mixed\n")


def test_every_cause_is_documented() -> None:
    page = (ROOT / "docs" / "explain.md").read_text("utf-8")
    assert [id_ for id_ in CAUSE_TEXTS if f"`{id_}`" not in page] == []


def test_a_comparison_says_why_where_a_gate_fails_and_elsewhere_only_when_asked(
    start: Start, export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build = measured(start, export, tmp_path / "build", "inverted")
    strict = tmp_path / "gates.toml"
    strict.write_text("[default]\nagreement = 0.999\n")
    capsys.readouterr()
    main(["compare", "--build", str(build), "--gates", str(strict), "--json"])
    failing = rows_of(capsys.readouterr().out)
    assert [row["causes"][0]["id"] for row in failing if row["verdict"] == "FAIL"] != []
    assert all(row["causes"][0]["id"] == "POLARITY" for row in failing if row["verdict"] == "FAIL")
    strict.write_text("")
    main(["compare", "--build", str(build), "--gates", str(strict), "--json"])
    assert all(row["causes"] == [] for row in rows_of(capsys.readouterr().out) if row["verdict"] == "PASS")
    main(["compare", "--build", str(build), "--gates", str(strict), "--json", "--explain"])
    assert [row["causes"][0]["id"] for row in rows_of(capsys.readouterr().out) if row["causes"]] != []


def test_causes_are_looked_for_in_a_ready_file_too(
    start: Start, export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build = measured(start, export, tmp_path / "build", "inverted")
    run = find(None, build / "results")
    edit_models(run, reference=Reference.TFLITE)
    capsys.readouterr()
    main(["compare", "--build", str(build), "--json", "--explain"])
    assert [cause["id"] for row in rows_of(capsys.readouterr().out) for cause in row["causes"]] == ["POLARITY"]
    code, out, _ = explain(capsys, "--json", "--build", str(build))
    arrows = [[arrow["name"] for arrow in one["arrows"]] for one in json.loads(out)["explanations"]]
    assert (code, arrows) == (0, [["runtime", "preprocessing"]] * 2)


def rows_of(out: str) -> list[dict[str, Any]]:
    return list(json.loads(out)["rows"])
