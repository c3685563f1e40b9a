"""The command that asks the app's runtime: what keeps it from asking is one line. CI lets it ask for real."""

import math
import sys
from pathlib import Path

import numpy as np
import pytest

from export import runtimes
from export.output.store import Store
from metadata.graph import read_graph
from tests.benchmarks.models import MODELS, is_exported
from tests.export.output.test_assets import export


def test_no_models_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert runtimes.main(["--build", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"runtimes: {tmp_path}/models holds no exported models; run make export first\n"


def test_a_reference_that_is_gone_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "models").mkdir()
    export(Store(tmp_path / "models"), "tiny")
    monkeypatch.setattr(runtimes, "environment", lambda *_: Path(sys.executable))
    assert runtimes.main(["--build", str(tmp_path), "--force"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("runtimes: ")
    assert line.endswith("; run make export")


FLOAT, INTEGER, TIE = "float32", "uint8", runtimes.PROBABILITY_TIE


def test_nan_and_a_lost_top_1_are_not_right_and_a_tie_is() -> None:
    here = np.array([[0.2, 0.8], [0.6, 0.4]], np.float32)
    right = runtimes._outcome(here + np.float32(1e-4), here, FLOAT, TIE)
    assert (right.agreement, right.is_right) == (1.0, True)
    lost = runtimes._outcome(here[:, ::-1], here, FLOAT, TIE)
    assert (lost.agreement, lost.is_right) == (0.0, False)
    nan = runtimes._outcome(np.full_like(here, np.nan), here, FLOAT, TIE)
    assert (nan.agreement, nan.is_right) == (0.0, False)
    assert math.isnan(nan.max_difference)
    steps = np.array([[100, 101]], np.uint8)
    assert runtimes._outcome(steps[:, ::-1], steps, INTEGER, 1).is_right
    assert not runtimes._outcome(np.array([[101, 99]], np.uint8), np.array([[99, 101]], np.uint8), INTEGER, 1).is_right


@pytest.mark.skipif(not is_exported(), reason="build/models holds no models: run make export first")
def test_kernels_that_quantise_while_they_run_may_differ_by_more() -> None:
    def tie(variant: str, dtype: str) -> float:
        path = MODELS / "digits_cnn" / f"digits_cnn_{variant}.tflite"
        return runtimes._tie(read_graph(path.read_bytes()), dtype)

    assert (tie("fp32", FLOAT), tie("dynamic", FLOAT)) == (runtimes.PROBABILITY_TIE, runtimes.DYNAMIC_TIE)
    assert tie("int8", INTEGER) == runtimes.STEPS_TIE


def test_a_model_that_is_not_right_is_named_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "models").mkdir()
    export(Store(tmp_path / "models"), "tiny")
    monkeypatch.setattr(runtimes, "environment", lambda *_: Path(sys.executable))
    outcomes = {
        "tiny_fp32": runtimes.RuntimeOutcome(1.0, 1e-7, "probability"),
        "tiny_int8": runtimes.RuntimeOutcome(0.0, math.nan, "steps"),
    }
    monkeypatch.setattr(runtimes, "compare", lambda *_: outcomes)
    assert runtimes.main(["--build", str(tmp_path), "--force"]) == 1
    out, err = capsys.readouterr()
    assert "nan" in out
    assert err.startswith("runtimes: tiny_int8: TensorFlow Lite 2.16.1 answers otherwise than here, or with NaN; ")
    assert not (tmp_path / runtimes.PASSED).exists()
