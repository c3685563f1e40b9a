"""`report.csv`: one line for each row of the Comparison, numbers with a decimal point, unknown values empty."""

import csv
import io
from collections.abc import Callable
from typing import cast

from benchmarks.compare.accuracy import StageName
from benchmarks.compare.comparison import Comparison
from benchmarks.report.escaping import csv_cell
from benchmarks.report.rows import ReportRow, report_rows

FILE = "report.csv"

Cell = str | float | int | bool | None


def _field(value: object, *names: str) -> Cell:
    """The attribute of an attribute of `value`, None where one of them is None."""
    for name in names:
        value = getattr(value, name, None)
    return cast("Cell", value)


def _stage(stage: StageName, name: str) -> Callable[[ReportRow], Cell]:
    return lambda row: _field(row.stage(stage), name)


def _whole(*names: str) -> Callable[[ReportRow], Cell]:
    return lambda row: _field(row.whole, *names)


def _latency(*names: str) -> Callable[[ReportRow], Cell]:
    return lambda row: _field(row.latency, *names)


COLUMNS: dict[str, Callable[[ReportRow], Cell]] = {
    "recipe": lambda row: row.model.recipe,
    "variant": lambda row: row.model.variant,
    "phone": lambda row: row.phone.title,
    "phone_hash": lambda row: row.phone.serial_hash,
    "virtual": lambda row: row.phone.is_virtual,
    "verdict": lambda row: row.compared.verdict,
    "complete": lambda row: row.compared.complete,
    "run": lambda row: row.compared.run,
    "runner": lambda row: row.compared.runner,
    "runtime": lambda row: row.compared.runtime,
    "abi": lambda row: row.compared.abi,
    "accelerator_asked": lambda row: row.compared.accelerator_asked,
    "accelerator_obtained": lambda row: row.compared.accelerator_obtained,
    "threads": lambda row: row.compared.threads,
    "size_bytes": lambda row: row.model.size_bytes,
    "keras_accuracy": _stage(StageName.KERAS, "accuracy"),
    "tflite_accuracy": _stage(StageName.TFLITE, "accuracy"),
    "tensors_accuracy": _stage(StageName.TENSORS, "accuracy"),
    "images_accuracy": _stage(StageName.IMAGES, "accuracy"),
    "tensors_agreement": _stage(StageName.TENSORS, "agreement"),
    "images_agreement": _stage(StageName.IMAGES, "agreement"),
    "tensors_evaluated": _stage(StageName.TENSORS, "evaluated"),
    "images_evaluated": _stage(StageName.IMAGES, "evaluated"),
    "expected": _stage(StageName.TFLITE, "expected"),
    "delta_points": _whole("delta_points"),
    "delta_low": _whole("delta_interval", "low"),
    "delta_high": _whole("delta_interval", "high"),
    "mcnemar_p": _whole("mcnemar_p"),
    "agreement": _whole("agreement"),
    "agreement_low": _whole("agreement_interval", "low"),
    "agreement_high": _whole("agreement_interval", "high"),
    "max_difference": _whole("max_difference"),
    "kl_divergence": _whole("kl_divergence"),
    "flips": lambda row: row.compared.flips,
    "init_ms": _latency("init_ms"),
    "warmup_first_ms": _latency("warmup_first_ms"),
    "warmup_avg_ms": _latency("warmup_avg_ms"),
    "avg_ms": _latency("avg_ms"),
    "min_ms": _latency("min_ms"),
    "max_ms": _latency("max_ms"),
    "median_ms": _latency("p50_ms"),
    "median_low_ms": _latency("interval_ms", "low"),
    "median_high_ms": _latency("interval_ms", "high"),
    "std_ms": _latency("std_ms"),
    "p5_ms": _latency("p5_ms"),
    "p90_ms": _latency("p90_ms"),
    "p95_ms": _latency("p95_ms"),
    "p99_ms": _latency("p99_ms"),
    "num_runs": _latency("samples"),
    "peak_bytes": lambda row: row.peak_bytes,
    "first_cause": lambda row: row.compared.causes[0].summary if row.compared.causes else None,
}


def report_csv(comparison: Comparison) -> bytes:
    """The file in the form of RFC 4180, UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in report_rows(comparison):
        writer.writerow(_cell(column(row)) for column in COLUMNS.values())
    return text.getvalue().encode()


def _cell(value: Cell) -> str | float | int:
    """Texts are escaped; a negative number stays a number."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return csv_cell(value) if isinstance(value, str) else value
