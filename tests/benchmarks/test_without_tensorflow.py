"""TensorFlow is for Keras and for conversion. Where it cannot be imported, everything else works as ever."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.evaluation.interpreter import runtime
from benchmarks.formats.run_folder import find
from tests.benchmarks.commands.test_explain_command import QUICK, measured
from tests.benchmarks.conftest import Start
from tests.benchmarks.rig import start_with_app
from tests.test_architecture import HEAVY, ROOT

BLOCKED = f"import sys; sys.modules.update(dict.fromkeys({sorted(HEAVY)}))\n"
COMMAND = BLOCKED + "from {package}.__main__ import main; sys.exit(main(sys.argv[1:]))"


def without(package: str, *arguments: str | Path) -> str:
    """Standard output of `python -m package` in a process where TensorFlow cannot be imported; it exits with 0."""
    command = [sys.executable, "-c", COMMAND.format(package=package), *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_here_it_really_cannot_be_imported() -> None:
    done = subprocess.run([sys.executable, "-c", f"{BLOCKED}import keras"], capture_output=True, text=True, check=False)
    assert "ModuleNotFoundError: import of keras halted" in done.stderr


def test_a_phone_is_measured_compared_and_reported(start: Start, export: Path, tmp_path: Path) -> None:
    """Keras's answers came with the export; those of desktop TFLite are computed in this process."""
    build = tmp_path / "build"
    shutil.copytree(export, build / "models")
    where = ("--build", build)
    without("benchmarks", "run", *where, "--tcp", start_with_app(start).address, *QUICK)
    run = find(None, build / "results")
    results = [json.loads(path.read_text())["runtime"] for path in run.path.rglob("*.result.json")]
    assert results
    assert {(one["name"], one["version"]) for one in results} == {runtime()}
    compared = json.loads(without("benchmarks", "compare", run.id, *where, "--json"))
    assert {row["runtime"] for row in compared["rows"]} == {" ".join(runtime())}
    without("benchmarks", "report", run.id, *where)
    assert (run.path / "report.html").is_file()


def test_a_virtual_phone_is_measured(export: Path, tmp_path: Path) -> None:
    shutil.copytree(export, tmp_path / "models")
    out = without("benchmarks", "run", "--build", tmp_path, "--device", "virtual", *QUICK)
    assert [row["runtime"] for row in json.loads(out)["rows"]] == [" ".join(runtime())] * 2


def test_a_fault_is_explained(start: Start, export: Path, tmp_path: Path) -> None:
    build = measured(start, export, tmp_path / "build", "inverted")
    assert "1. POLARITY (" in without("benchmarks", "explain", "--build", build)


def test_every_tensor_of_a_model_can_be_looked_at(export: Path) -> None:
    script = BLOCKED + (
        "import numpy as np; from pathlib import Path; from benchmarks.explain.tensor_probe import TensorProbe\n"
        "probe = TensorProbe(Path(sys.argv[1]).read_bytes())\n"
        "probe.run(np.full((28, 28, 1), 200, np.uint8))\n"
        "print(probe.nodes[-1].operator, float(probe.values(probe.nodes[-1]).sum()))"
    )
    command = [sys.executable, "-c", script, str(export / ".tiny-1" / "tiny_int8.tflite")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    operator, total = done.stdout.split()
    assert operator == "QUANTIZE"
    assert float(total) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("given", ["tiny", ".tiny-1/tiny_fp32.tflite"])
def test_a_picture_is_classified_by_name_and_by_file(given: str, export: Path, tmp_path: Path) -> None:
    shutil.copytree(export, tmp_path / "models")
    shutil.copy(ROOT / "docs" / "images" / "report.png", tmp_path / "picture.png")
    model = str(tmp_path / "models" / given) if "/" in given else given
    out = without(
        "benchmarks",
        "classify",
        tmp_path / "picture.png",
        "--models",
        model,
        "--top",
        "10",
        "--build",
        tmp_path,
        "--json",
    )
    (answer,) = json.loads(out)
    assert sum(guess["probability"] for guess in answer["top"]) == pytest.approx(1, abs=0.05)


def test_a_model_file_is_shown_and_checked(export: Path) -> None:
    model = export / ".tiny-1" / "tiny_int8.tflite"
    assert "uint8" in without("metadata", "show", model)
    without("metadata", "check", model)
