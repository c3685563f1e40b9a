"""The same few sentences wherever a verdict is said: on the page, in the pull request, on the terminal."""

from collections import Counter
from collections.abc import Sequence

from benchmarks.compare.accuracy import ArrowName, StageName
from benchmarks.compare.comparison import Cause, Comparison
from benchmarks.evaluation.number_format import plural
from benchmarks.evaluation.stats import Verdict
from benchmarks.report.lines import Line

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
    ArrowName.WHOLE: "the whole way",
}
ENDS = {
    ArrowName.TRAINING: ("training", "ImageSpec"),
    ArrowName.CONVERSION: ("Keras", "TFLite"),
    ArrowName.RUNTIME: ("TFLite", "phone"),
    ArrowName.PREPROCESSING: ("tensors", "pictures"),
    ArrowName.WHOLE: ("Keras", "phone"),
}
"""What stands before and after an arrow."""
VIRTUAL = "A virtual phone ran the jobs on this computer. Its accuracy is real; its latency and memory are left out."


def headline(comparison: Comparison, rows: Sequence[Line]) -> str:
    """The verdict as one sentence."""
    said = Counter(line.row.verdict for line in rows)
    of = f"of {plural(len(rows), 'row')}"
    if not rows:
        return "Nothing was compared."
    if comparison.verdict is Verdict.FAIL:
        return f"{said[Verdict.FAIL]:,} {of} {'breaks' if said[Verdict.FAIL] == 1 else 'break'} a gate."
    if comparison.verdict is Verdict.INCONCLUSIVE and not said[Verdict.INCONCLUSIVE]:
        return "No gate is broken, but results are missing."
    if comparison.verdict is Verdict.INCONCLUSIVE:
        return f"No gate is broken, but {said[Verdict.INCONCLUSIVE]:,} {of} cannot be told from what was measured."
    where = "virtual phone" if all(line.phone.is_virtual for line in rows) else "phone"
    return f"Every model does on the {where} what it did in Keras, within its gates."


def advice(cause: Cause) -> str:
    """What it is and what to do about it, on one line."""
    return f"{cause.summary.rstrip('.')}; {cause.remedy}"


def phones(comparison: Comparison) -> str:
    """ "2 phones and 1 virtual phone"."""
    virtual = sum(phone.is_virtual for phone in comparison.phones)
    real = len(comparison.phones) - virtual
    parts = [plural(real, "phone")] if real else []
    parts += [plural(virtual, "virtual phone")] if virtual else []
    return " and ".join(parts) or "no phone"


def phone_title(line: Line) -> str:
    """The phone's title, with "virtual" where it is."""
    title = line.phone.title
    return f"{title} · virtual" if line.phone.is_virtual and "virtual" not in title.lower() else title
