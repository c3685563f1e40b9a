"""A report of 10 models in 4 variants on 3 phones, 10,000 inputs each: from comparison.json to every file."""

import tempfile
import time
from pathlib import Path

from benchmarks.compare import comparison_json
from benchmarks.compare.comparison import FILE
from benchmarks.report.write import write_report
from tests.benchmarks.comparisons import comparison
from tests.perf.ratio import Ratio

MODELS, PHONES, INPUTS, LABELS = 10, 3, 10_000, 40
"""With 40 labels every confusion is drawn whole."""


def measure() -> list[Ratio]:
    """Seconds and megabytes; promised: 20 s and 5 MB."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        comparison_json.write(folder / FILE, comparison(MODELS, PHONES, INPUTS, LABELS))
        start = time.perf_counter()
        page = write_report(comparison_json.read(folder / FILE), folder)
        seconds = time.perf_counter() - start
        megabytes = page.stat().st_size / 1e6
        every = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
        read = (folder / FILE).stat().st_size / 1e6
    return [
        Ratio("s for a report of 120 rows, all five files", seconds, 20, at_most=True),
        Ratio("MB of its report.html", megabytes, 5, at_most=True),
        Ratio("MB of its comparison.json", read, None),
        Ratio("MB of all files together", every, None),
    ]
