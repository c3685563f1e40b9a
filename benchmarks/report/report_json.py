"""`report.json`, `handset.report/1`: what the report says, flat enough for jq. No pictures and no raw samples.

Shares are fractions, differences of accuracy percentage points, times milliseconds; what is not known is null.
"""

import json
from dataclasses import asdict
from typing import Any

from benchmarks.compare.comparison import Change, Comparison
from benchmarks.compare.latency import Latency
from benchmarks.report.lines import Line, lines
from benchmarks.report.words import headline

FORMAT = "handset.report/1"
FILE = "report.json"

Record = dict[str, Any]


def report_json(comparison: Comparison) -> bytes:
    """The file; ASCII, so that no reader stumbles over a device's name."""
    return (json.dumps(_report(comparison), allow_nan=False, separators=(",", ":")) + "\n").encode("ascii")


def _report(comparison: Comparison) -> Record:
    rows = lines(comparison)
    real = {line.row.id for line in rows if not line.phone.is_virtual}
    return {
        "format": FORMAT,
        "verdict": comparison.verdict,
        "summary": headline(comparison, rows),
        "complete": comparison.complete,
        "created_at": comparison.created_at,
        "kit_version": comparison.kit_version,
        "runs": list(comparison.runs),
        "tools": dict(comparison.tools),
        "phones": [asdict(phone) for phone in comparison.phones],
        "models": [asdict(model) for model in comparison.models],
        "rows": [_row(line) for line in rows],
        "ratios": [asdict(ratio) for ratio in comparison.ratios if ratio.row in real],
        "sustained": [asdict(one) for one in comparison.sustained if one.row in real],
        "baseline": comparison.baseline,
        "changes": [_change(change, change.row in real) for change in comparison.changes],
        "gates": [asdict(gate) for gate in comparison.gates],
        "remarks": list(comparison.remarks),
    }


def _row(line: Line) -> Record:
    row = line.row
    return {
        "id": row.id,
        "run": row.run,
        "recipe": line.model.recipe,
        "variant": line.model.variant,
        "model": row.model,
        "phone": row.phone,
        "virtual": line.phone.is_virtual,
        "verdict": row.verdict,
        "complete": row.complete,
        "runner": row.runner,
        "runtime": row.runtime,
        "abi": row.abi,
        "accelerator": {
            "asked": row.accelerator_asked,
            "obtained": row.accelerator_obtained,
            "delegated_nodes": row.delegated_nodes,
            "total_nodes": row.total_nodes,
        },
        "threads": row.threads,
        "size_bytes": line.model.size_bytes,
        "stages": {stage.name: _without(asdict(stage), "name") for stage in row.stages},
        "arrows": {arrow.name: _without(asdict(arrow), "name") for arrow in row.arrows},
        "flips": row.flips,
        "differing": [_without(asdict(one), "picture") for one in row.differing],
        "confusions": {one.stage: _without(asdict(one), "stage") for one in row.confusions},
        "latency": None if line.latency is None else _latency(line.latency),
        "peak_bytes": line.peak_bytes,
        "causes": [asdict(cause) for cause in row.causes],
        "layers": [asdict(layer) for layer in row.layers],
        "remarks": list(row.remarks),
    }


def _change(change: Change, is_real: bool) -> Record:
    timeless = {} if is_real else dict.fromkeys(("ratio", "ratio_interval", "speed"))
    return {**asdict(change), **timeless}


def _latency(latency: Latency) -> Record:
    """The names that users of other benchmark tools know: `median_ms`, `num_runs`."""
    record = _without(asdict(latency), "samples", "p50_ms", "points_ms")
    return {"num_runs": latency.samples, "median_ms": latency.p50_ms, **record}


def _without(record: Record, *names: str) -> Record:
    return {name: value for name, value in record.items() if name not in names}
