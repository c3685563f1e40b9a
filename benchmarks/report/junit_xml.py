"""`junit.xml`: one suite for each row and one case for each gate, for programs that show test results.

FAIL is a failure, INCONCLUSIVE is skipped with its reason, and a row without all of its results has an error.
"""

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from benchmarks.compare.comparison import Comparison
from benchmarks.evaluation.stats import Verdict
from benchmarks.report.escaping import visible
from benchmarks.report.rows import ReportRow, report_rows
from benchmarks.report.wording import ARROWS, advice

FILE = "junit.xml"
OUTCOMES = {Verdict.FAIL: "failure", Verdict.INCONCLUSIVE: "skipped"}
WHOLE_ROW = "row"


def junit_xml(comparison: Comparison) -> bytes:
    """The file, in the form that Jenkins, GitLab and pytest read."""
    root = ET.Element("testsuites", name="handset")
    for row in report_rows(comparison):
        root.append(_suite(row, comparison))
    _add_counts(root)
    ET.indent(root)
    file: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return file + b"\n"


def _suite(row: ReportRow, comparison: Comparison) -> ET.Element:
    name = visible(f"{row.model.recipe} {row.model.variant} · {row.phone_title} · {row.context}")
    suite = ET.Element("testsuite", name=name, hostname=visible(row.phone.serial_hash))
    if len(comparison.created_at) >= 19:
        suite.set("timestamp", visible(comparison.created_at[:19]))
    properties = {
        "run": row.compared.run,
        "model": row.model.sha256,
        "runtime": row.compared.runtime,
        "runner": row.compared.runner,
        "virtual": str(row.phone.is_virtual).lower(),
    }
    parent = ET.SubElement(suite, "properties")
    for key, value in properties.items():
        ET.SubElement(parent, "property", name=key, value=visible(value))
    causes = "\n".join(f"{ARROWS[cause.arrow]}: {visible(advice(cause))}" for cause in row.compared.causes)
    for case, outcome, message in _cases(row):
        element = ET.SubElement(suite, "testcase", classname=name, name=visible(case), time="0")
        if outcome is not None:
            ET.SubElement(element, outcome, message=visible(message), type=outcome).text = causes
    _add_counts(suite)
    return suite


def _cases(row: ReportRow) -> Iterator[tuple[str, str | None, str]]:
    """Name, outcome and message of each case; the outcome is `failure`, `skipped`, `error`, or None for a pass."""
    verdict = row.compared.verdict
    for gate in row.gates:
        yield gate.name, OUTCOMES.get(gate.verdict), gate.message
    if not row.compared.complete:
        yield WHOLE_ROW, "error", "not every result is there; the same run again finishes it"
    elif not row.gates:
        yield WHOLE_ROW, OUTCOMES.get(verdict), f"{verdict}: no gate is set for this row"


def _add_counts(element: ET.Element) -> None:
    element.set("tests", str(len(element.findall(".//testcase"))))
    for attribute, outcome in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(attribute, str(len(element.findall(f".//{outcome}"))))
    element.set("time", "0")
