"""The seam to a comparison: fill in the causes and layers of its rows. Rows without a difference cost nothing."""

from collections.abc import Mapping
from dataclasses import replace

from benchmarks.explain.case import Case
from benchmarks.explain.explanation import Explanation, explain
from benchmarks.formats.manifest import Manifest
from benchmarks.report.comparison import Comparison, Row


def with_causes(comparison: Comparison, cases: Mapping[str, Case], manifest: Manifest) -> Comparison:
    """`comparison` with causes and layers in every row that has an arrow which parts. `cases` are by the row's id.

    TensorFlow is imported only when one does. BenchmarkError where the export's files are damaged.
    """
    rows = (_explained(row, explain(cases[row.id], manifest)) if row.id in cases else row for row in comparison.rows)
    return replace(comparison, rows=tuple(rows))


def _explained(row: Row, explanation: Explanation) -> Row:
    return replace(row, causes=explanation.causes, layers=explanation.layers)
