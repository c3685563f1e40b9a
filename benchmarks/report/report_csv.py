"""`report.csv`: one line for each row of the Comparison, numbers with a decimal point, unknown values empty."""

import csv
import io

from benchmarks.compare.accuracy import StageName
from benchmarks.compare.comparison import Comparison
from benchmarks.report.escaping import csv_cell
from benchmarks.report.rows import ReportRow, report_rows

FILE = "report.csv"
STAGES = frozenset(StageName)

COLUMNS = {
    "recipe": "model.recipe",
    "variant": "model.variant",
    "phone": "phone.title",
    "phone_hash": "phone.serial_hash",
    "virtual": "phone.is_virtual",
    "verdict": "compared.verdict",
    "complete": "compared.complete",
    "run": "compared.run",
    "runner": "compared.runner",
    "runtime": "compared.runtime",
    "abi": "compared.abi",
    "accelerator_asked": "compared.accelerator_asked",
    "accelerator_obtained": "compared.accelerator_obtained",
    "threads": "compared.threads",
    "size_bytes": "model.size_bytes",
    "keras_accuracy": "keras.accuracy",
    "tflite_accuracy": "tflite.accuracy",
    "tensors_accuracy": "tensors.accuracy",
    "images_accuracy": "images.accuracy",
    "tensors_agreement": "tensors.agreement",
    "images_agreement": "images.agreement",
    "tensors_evaluated": "tensors.evaluated",
    "images_evaluated": "images.evaluated",
    "expected": "tflite.expected",
    "delta_points": "whole.delta_points",
    "delta_low": "whole.delta_interval.low",
    "delta_high": "whole.delta_interval.high",
    "mcnemar_p": "whole.mcnemar_p",
    "agreement": "whole.agreement",
    "agreement_low": "whole.agreement_interval.low",
    "agreement_high": "whole.agreement_interval.high",
    "max_difference": "whole.max_difference",
    "kl_divergence": "whole.kl_divergence",
    "flips": "compared.flips",
    "init_ms": "latency.init_ms",
    "warmup_first_ms": "latency.warmup_first_ms",
    "warmup_avg_ms": "latency.warmup_avg_ms",
    "avg_ms": "latency.avg_ms",
    "min_ms": "latency.min_ms",
    "max_ms": "latency.max_ms",
    "median_ms": "latency.p50_ms",
    "median_low_ms": "latency.interval_ms.low",
    "median_high_ms": "latency.interval_ms.high",
    "std_ms": "latency.std_ms",
    "p5_ms": "latency.p5_ms",
    "p90_ms": "latency.p90_ms",
    "p95_ms": "latency.p95_ms",
    "p99_ms": "latency.p99_ms",
    "num_runs": "latency.samples",
    "peak_bytes": "peak_bytes",
    "first_cause": "first_cause.summary",
    "numerically_same": "whole.numerically_same",
    "delegated_nodes": "compared.delegated_nodes",
    "total_nodes": "compared.total_nodes",
    "partitions": "compared.partitions",
}
"""The path of each column's value in a `ReportRow`; `keras`, `tflite`, `tensors` and `images` are its stages."""


def report_csv(comparison: Comparison) -> bytes:
    """The file in the form of RFC 4180, UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in report_rows(comparison):
        writer.writerow(_cell(row, path) for path in COLUMNS.values())
    return text.getvalue().encode()


def _cell(row: ReportRow, path: str) -> object:
    """Empty where a part of the path is None. Texts are escaped; a negative number stays a number."""
    value: object = row
    for name in path.split("."):
        if value is not None:
            value = row.stage(StageName(name)) if name in STAGES else getattr(value, name)
    if isinstance(value, bool):
        return "true" if value else "false"
    return csv_cell(value) if isinstance(value, str) else value
