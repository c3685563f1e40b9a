"""The seam to a comparison: fill in the causes and layers of its rows. Rows without a difference cost nothing."""

import time
from collections.abc import Collection, Sequence
from dataclasses import replace

from benchmarks.errors import ManifestError
from benchmarks.explain.case import case_of, failed
from benchmarks.explain.explanation import Explanation, explain
from benchmarks.formats.manifest import Manifest
from benchmarks.places import Build
from benchmarks.report.comparison import Comparison, Row
from benchmarks.report.evidence import gather
from benchmarks.runs import folder
from benchmarks.runs.folder import RunFolder
from benchmarks.silence import silenced


def with_causes(comparison: Comparison, rows: Collection[str], runs: Sequence[RunFolder], build: Build) -> Comparison:
    """`comparison` with causes and layers in those of the `rows`, by id, that have an arrow which parts.

    TensorFlow is imported only when one does. Where the export is gone there is nothing to try a cause on: a remark
    says so. BenchmarkError where its files are damaged.
    """
    if not rows:
        return comparison  # gathering proves every raw result whole once more
    wanted = [one for one in gather(runs) if one.id in rows and one.has_keras and not one.is_sustained]
    if not wanted:
        return comparison
    try:
        manifest = Manifest.read(build.models)
    except ManifestError as error:
        return replace(comparison, remarks=(*comparison.remarks, f"causes were not looked for: {error}"))
    known = list(folder.runs(build.results))
    explained: dict[str, Explanation] = {}
    with silenced(build.logs / f"explain-{time.strftime('%Y%m%d-%H%M%S')}.log"):
        for one in wanted:
            results = (*one.results, *failed(one.folder))
            case = case_of(one.run, (one.folder.name, one.phone_id), one.model, results, manifest, known)
            explained[one.id] = explain(case, manifest)
    return replace(comparison, rows=tuple(_explained(row, explained.get(row.id)) for row in comparison.rows))


def _explained(row: Row, explanation: Explanation | None) -> Row:
    return row if explanation is None else replace(row, causes=explanation.causes, layers=explanation.layers)
