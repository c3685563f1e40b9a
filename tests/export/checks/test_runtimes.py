"""The command that asks the app's runtime: what keeps it from asking is one line. CI lets it ask for real."""

import math
import sys
from pathlib import Path

import numpy as np
import pytest

from export import runtimes
from export.output.store import Store
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


FLOAT, INTEGER = "float32", "uint8"


def test_nan_and_a_lost_top_1_are_not_right_and_a_tie_is() -> None:
    here = np.array([[0.2, 0.8], [0.6, 0.4]], np.float32)
    right = runtimes._outcome(here + np.float32(1e-4), here, FLOAT)
    assert (right.agreement, right.is_right) == (1.0, True)
    lost = runtimes._outcome(here[:, ::-1], here, FLOAT)
    assert (lost.agreement, lost.is_right) == (0.0, False)
    nan = runtimes._outcome(np.full_like(here, np.nan), here, FLOAT)
    assert (nan.agreement, nan.is_right) == (0.0, False)
    assert math.isnan(nan.max_difference)
    steps = np.array([[100, 101]], np.uint8)
    assert runtimes._outcome(steps[:, ::-1], steps, INTEGER).is_right
    assert not runtimes._outcome(np.array([[101, 99]], np.uint8), np.array([[99, 101]], np.uint8), INTEGER).is_right


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
