"""`report.csv`: one line a row of the Comparison, plain numbers with a point, nothing for what is not known."""

import csv
import io
from collections.abc import Callable

from benchmarks.compare.accuracy import StageName
from benchmarks.compare.comparison import Comparison
from benchmarks.compare.latency import Latency
from benchmarks.report.clean import csv_cell
from benchmarks.report.lines import Line, lines

FILE = "report.csv"

Cell = str | float | int | bool | None


def _stage(name: StageName, field: str) -> Callable[[Line], Cell]:
    return lambda line: getattr(line.stage(name), field, None)


def _whole(field: str, end: str | None = None) -> Callable[[Line], Cell]:
    def cell(line: Line) -> Cell:
        value: Cell = getattr(line.whole, field, None)
        return value if end is None else getattr(value, end, None)

    return cell


def _latency(field: str) -> Callable[[Line], Cell]:
    return lambda line: getattr(line.latency, field, None)


def _interval(latency: Latency | None, end: str) -> Cell:
    return None if latency is None else getattr(latency.interval_ms, end, None)


COLUMNS: dict[str, Callable[[Line], Cell]] = {
    "recipe": lambda line: line.model.recipe,
    "variant": lambda line: line.model.variant,
    "phone": lambda line: line.phone.title,
    "phone_hash": lambda line: line.phone.serial_hash,
    "virtual": lambda line: line.phone.is_virtual,
    "verdict": lambda line: line.row.verdict,
    "complete": lambda line: line.row.complete,
    "run": lambda line: line.row.run,
    "runner": lambda line: line.row.runner,
    "runtime": lambda line: line.row.runtime,
    "abi": lambda line: line.row.abi,
    "accelerator_asked": lambda line: line.row.accelerator_asked,
    "accelerator_obtained": lambda line: line.row.accelerator_obtained,
    "threads": lambda line: line.row.threads,
    "size_bytes": lambda line: line.model.size_bytes,
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
    "flips": lambda line: line.row.flips,
    "init_ms": _latency("init_ms"),
    "warmup_first_ms": _latency("warmup_first_ms"),
    "warmup_avg_ms": _latency("warmup_avg_ms"),
    "avg_ms": _latency("avg_ms"),
    "min_ms": _latency("min_ms"),
    "max_ms": _latency("max_ms"),
    "median_ms": _latency("p50_ms"),
    "median_low_ms": lambda line: _interval(line.latency, "low"),
    "median_high_ms": lambda line: _interval(line.latency, "high"),
    "std_ms": _latency("std_ms"),
    "p5_ms": _latency("p5_ms"),
    "p90_ms": _latency("p90_ms"),
    "p95_ms": _latency("p95_ms"),
    "p99_ms": _latency("p99_ms"),
    "num_runs": _latency("samples"),
    "peak_bytes": lambda line: line.peak_bytes,
    "first_cause": lambda line: line.row.causes[0].summary if line.row.causes else None,
}


def report_csv(comparison: Comparison) -> bytes:
    """The file as RFC 4180 has it, UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for line in lines(comparison):
        writer.writerow(_cell(column(line)) for column in COLUMNS.values())
    return text.getvalue().encode()


def _cell(value: Cell) -> str | float | int:
    """Texts are neutralised; a negative number stays a number."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return csv_cell(value) if isinstance(value, str) else value
