"""The command that asks the app's runtime: what keeps it from asking is one line. CI lets it ask for real."""

import sys
from pathlib import Path

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
