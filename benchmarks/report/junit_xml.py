"""`junit.xml`: a suite a row, a case a gate, for whatever shows test results in continuous integration.

FAIL is a failure, INCONCLUSIVE is skipped with its reason, and a row that did not get all its results is an error.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from benchmarks.compare.comparison import Comparison
from benchmarks.evaluation.stats import Verdict
from benchmarks.report.clean import visible
from benchmarks.report.lines import Line, lines
from benchmarks.report.words import ARROWS, advice, phone_title

FILE = "junit.xml"
OUTCOMES = {Verdict.FAIL: "failure", Verdict.INCONCLUSIVE: "skipped"}
WHOLE_ROW = "row"


@dataclass(frozen=True, slots=True)
class _Case:
    name: str
    outcome: str | None
    """`failure`, `skipped`, `error`, or None for one that passed."""
    message: str


def junit_xml(comparison: Comparison) -> bytes:
    """The file, as Jenkins, GitLab and pytest's readers know it."""
    root = ET.Element("testsuites", name="handset")
    for line in lines(comparison):
        root.append(_suite(line, comparison))
    _add_counts(root)
    ET.indent(root)
    file: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return file + b"\n"


def _suite(line: Line, comparison: Comparison) -> ET.Element:
    name = visible(f"{line.model.recipe} {line.model.variant} · {phone_title(line)} · {line.context}")
    suite = ET.Element("testsuite", name=name, hostname=visible(line.phone.serial_hash))
    if len(comparison.created_at) >= 19:
        suite.set("timestamp", visible(comparison.created_at[:19]))
    properties = ET.SubElement(suite, "properties")
    facts = {"run": line.row.run, "model": line.model.sha256, "runtime": line.row.runtime, "runner": line.row.runner}
    for key, value in {**facts, "virtual": str(line.phone.is_virtual).lower()}.items():
        ET.SubElement(properties, "property", name=key, value=visible(value))
    for case in _cases(line):
        element = ET.SubElement(suite, "testcase", classname=name, name=case.name, time="0")
        if case.outcome is not None:
            ET.SubElement(element, case.outcome, message=case.message, type=case.outcome).text = _why(line)
    _add_counts(suite)
    return suite


def _cases(line: Line) -> Iterator[_Case]:
    for gate in line.gates:
        yield _Case(visible(gate.name), OUTCOMES.get(gate.verdict), visible(gate.message))
    if not line.row.complete:
        yield _Case(WHOLE_ROW, "error", "not every result is there; the same run again finishes it")
    elif not line.gates:
        yield _Case(WHOLE_ROW, OUTCOMES.get(line.row.verdict), f"{line.row.verdict}: no gate is set for this row")


def _why(line: Line) -> str:
    """The causes, first one first."""
    said = (f"{ARROWS[cause.arrow]}: {visible(advice(cause))}" for cause in line.row.causes)
    return "\n".join(said)


def _add_counts(element: ET.Element) -> None:
    element.set("tests", str(len(element.findall(".//testcase"))))
    for attribute, outcome in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(attribute, str(len(element.findall(f".//{outcome}"))))
    element.set("time", "0")
