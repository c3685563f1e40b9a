"""`report.json`, `handset.report/1`: the comparison without pictures and raw samples, arranged for jq.

Shares are fractions, differences of accuracy percentage points, times milliseconds; an unknown value is null.
"""

import json
from typing import Any

from benchmarks.compare.comparison import Change, Comparison
from benchmarks.compare.latency import Latency
from benchmarks.formats.declared import plain
from benchmarks.formats.layers_file import Layers
from benchmarks.report.rows import ReportRow, report_rows
from benchmarks.report.wording import headline

FORMAT = "handset.report/1"
FILE = "report.json"

Record = dict[str, Any]


def report_json(comparison: Comparison) -> bytes:
    """The file, in ASCII: a device's name cannot break a reader with another encoding."""
    return (json.dumps(_report(comparison), allow_nan=False, separators=(",", ":")) + "\n").encode("ascii")


def _report(comparison: Comparison) -> Record:
    rows = report_rows(comparison)
    real = {row.compared.id for row in rows if not row.phone.is_virtual}
    return {
        "format": FORMAT,
        "summary": headline(comparison, rows),
        **_without(plain(comparison), "format", "answers", "truths", "pictures"),
        "rows": [_row(row) for row in rows],
        "ratios": [plain(ratio) for ratio in comparison.ratios if ratio.row in real],
        "sustained": [plain(one) for one in comparison.sustained if one.row in real],
        "changes": [_change(change, change.row in real) for change in comparison.changes],
    }


def _row(row: ReportRow) -> Record:
    record: Record = plain(row.compared)
    accelerator = {name: record.pop(f"accelerator_{name}") for name in ("asked", "obtained")}
    nodes = {name: record.pop(name) for name in ("delegated_nodes", "total_nodes", "partitions")}
    return record | {
        "recipe": row.model.recipe,
        "variant": row.model.variant,
        "virtual": row.phone.is_virtual,
        "size_bytes": row.model.size_bytes,
        "accelerator": accelerator | nodes,
        "stages": {stage["name"]: _without(stage, "name") for stage in record["stages"]},
        "arrows": {arrow["name"]: _without(arrow, "name") for arrow in record["arrows"]},
        "differing": [_without(differing, "picture") for differing in record["differing"]],
        "confusions": {one["stage"]: _without(one, "stage") for one in record["confusions"]},
        "latency": None if row.latency is None else _latency(row.latency),
        "peak_bytes": row.peak_bytes,
        "probed": None if row.compared.probed is None else _probed(row.compared.probed),
    }


def _probed(layers: Layers) -> Record:
    """Which layer is wrong by itself; `layers.json` has the figures of all."""
    first = layers.first_faulty
    named = None if first is None else {"name": first.name, "operator": first.operator, "fault": first.fault}
    record = _without(plain(layers), "format", "model", "sha256", "first", "layers", "missing")
    return record | {"compared": len(layers.layers), "faulty": len(layers.faulty), "first_faulty": named}


def _change(change: Change, is_real: bool) -> Record:
    times = {} if is_real else dict.fromkeys(("ratio", "ratio_interval", "speed"))
    return {**plain(change), **times}


def _latency(latency: Latency) -> Record:
    """With the names that users of other benchmark tools know: `median_ms`, `num_runs`."""
    record = _without(plain(latency), "samples", "p50_ms", "points_ms")
    return {"num_runs": latency.samples, "median_ms": latency.p50_ms, **record}


def _without(record: Record, *names: str) -> Record:
    return {name: value for name, value in record.items() if name not in names}
