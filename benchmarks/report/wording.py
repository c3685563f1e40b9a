"""Labels and sentences that several renderings share."""

from collections import Counter
from collections.abc import Sequence

from benchmarks.compare.accuracy import ArrowName, StageName
from benchmarks.compare.comparison import Cause, Comparison
from benchmarks.evaluation.number_format import plural
from benchmarks.evaluation.stats import Verdict
from benchmarks.report.rows import ReportRow

MARKS = {Verdict.PASS: "✓", Verdict.FAIL: "✗", Verdict.INCONCLUSIVE: "?"}
STAGES = {
    StageName.KERAS: "Keras",
    StageName.TFLITE: "TFLite",
    StageName.TENSORS: "phone, tensors",
    StageName.IMAGES: "phone, pictures",
}
ARROWS = {
    ArrowName.TRAINING: "training's preprocessing",
    ArrowName.CONVERSION: "conversion",
    ArrowName.RUNTIME: "phone's runtime",
    ArrowName.PREPROCESSING: "preprocessing",
    ArrowName.WHOLE: "all steps",
}
ENDS = {
    ArrowName.TRAINING: ("training", "ImageSpec"),
    ArrowName.CONVERSION: ("Keras", "TFLite"),
    ArrowName.RUNTIME: ("TFLite", "phone"),
    ArrowName.PREPROCESSING: ("tensors", "pictures"),
    ArrowName.WHOLE: ("Keras", "phone"),
}
"""The stages before and after an arrow."""
VIRTUAL = "A virtual phone ran the jobs on this computer. Its accuracy is real; its latency and memory are left out."


def headline(comparison: Comparison, rows: Sequence[ReportRow]) -> str:
    """The verdict as one sentence."""
    counts = Counter(row.compared.verdict for row in rows)
    failed, inconclusive = counts[Verdict.FAIL], counts[Verdict.INCONCLUSIVE]
    of_rows = f"of {plural(len(rows), 'row')}"
    if not rows:
        return "Nothing was compared."
    if comparison.verdict is Verdict.FAIL:
        return f"{failed:,} {of_rows} {'breaks' if failed == 1 else 'break'} a gate."
    if comparison.verdict is Verdict.INCONCLUSIVE and not inconclusive:
        return "No gate is broken, but results are missing."
    if comparison.verdict is Verdict.INCONCLUSIVE:
        return f"No gate is broken, but {inconclusive:,} {of_rows} cannot be judged from what was measured."
    where = "virtual phone" if all(row.phone.is_virtual for row in rows) else "phone"
    return f"Every model does on the {where} what it did in Keras, within its gates."


def advice(cause: Cause) -> str:
    """The cause and its remedy on one line."""
    return f"{cause.summary.rstrip('.')}; {cause.remedy}"


def phones(comparison: Comparison) -> str:
    """ "2 phones and 1 virtual phone"."""
    virtual = sum(phone.is_virtual for phone in comparison.phones)
    real = len(comparison.phones) - virtual
    parts = [plural(count, noun) for count, noun in ((real, "phone"), (virtual, "virtual phone")) if count]
    return " and ".join(parts) or "no phone"
