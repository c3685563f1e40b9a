"""`python -m benchmarks report`: five files beside the comparison, whatever its verdict, or one line why not."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.compare import comparison_json
from benchmarks.compare.comparison import FILE
from tests.benchmarks.comparisons import comparison

ROOT = Path(__file__).parents[3]
FILES = {"report.html", "report.json", "report.csv", "junit.xml", "summary.md"}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run's folder below a build folder, with nothing in it but what was compared."""
    folder = tmp_path / "results" / "20250131-094500"
    folder.mkdir(parents=True)
    comparison_json.write(folder / FILE, comparison(models=1, phones=1))
    return folder


def test_a_run_by_its_name_gets_its_report_beside_its_comparison(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", run.name, "--build", str(run.parents[1])]) == 0
    assert {path.name for path in run.iterdir()} == {FILE, *FILES}
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "FAIL: 1 of 4 rows breaks a gate."
    assert said[1].endswith("report.html")


@pytest.mark.parametrize("given", ["", FILE])
def test_a_folder_or_a_file_may_be_named_and_the_report_put_elsewhere(run: Path, tmp_path: Path, given: str) -> None:
    out = tmp_path / "site" / "deep"
    assert main(["report", str(run / given), "--out", str(out)]) == 0
    assert {path.name for path in out.iterdir()} == FILES


def test_without_a_comparison_one_line_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "20250131-094500", "--build", str(tmp_path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "run python -m benchmarks compare" in line


def test_a_damaged_comparison_leaves_no_report(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (run / FILE).write_bytes((run / FILE).read_bytes()[:-100])
    assert main(["report", str(run)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert {path.name for path in run.iterdir()} == {FILE}


def test_a_report_needs_neither_tensorflow_nor_a_phone(run: Path) -> None:
    call = f"from benchmarks.__main__ import main; main(['report', {str(run)!r}])"
    script = f"{call}; import sys; print('tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"


def test_the_same_comparison_gives_the_same_bytes(run: Path, tmp_path: Path) -> None:
    """So that a report can be kept under version control, or compared by its hash."""
    for name in ("one", "other"):
        assert main(["report", str(run), "--out", str(tmp_path / name)]) == 0
    assert all((tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes() for name in FILES)
