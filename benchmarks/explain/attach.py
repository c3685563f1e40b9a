"""The seam to a comparison: fill in the causes and layers of its rows. Rows without a difference cost nothing."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from benchmarks.compare.comparison import Comparison, Row
from benchmarks.compare.row_results import RowResults
from benchmarks.console.places import Build
from benchmarks.explain.explanation import Explanation, explanations
from benchmarks.formats.errors import ManifestError
from benchmarks.formats.manifest import Manifest


def with_causes(
    comparison: Comparison, rows: Collection[str], evidence: Sequence[RowResults], build: Build
) -> Comparison:
    """`comparison` with causes and layers in those of the `rows`, by id, that have an arrow which parts.

    `evidence` is what the comparison was made from. TensorFlow is imported only when an arrow parts. Where the export
    is gone there is nothing to try a cause on: a remark says so. BenchmarkError where its files are damaged.
    """
    wanted = [one for one in evidence if one.id in rows and not one.is_sustained]
    if not wanted:
        return comparison
    try:
        manifest = Manifest.read(build.models)
    except ManifestError as error:
        return replace(comparison, remarks=(*comparison.remarks, f"causes were not looked for: {error}"))
    found = explanations(wanted, manifest, build)
    explained = {one.id: explanation for one, explanation in zip(wanted, found, strict=True)}
    return replace(comparison, rows=tuple(_explained(row, explained.get(row.id)) for row in comparison.rows))


def _explained(row: Row, explanation: Explanation | None) -> Row:
    return row if explanation is None else replace(row, causes=explanation.causes, layers=explanation.layers)
