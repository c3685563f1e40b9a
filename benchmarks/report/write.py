"""Writes all files of a report into one folder, each completely or not at all."""

from pathlib import Path

from benchmarks.compare.comparison import Comparison
from benchmarks.formats.atomic import atomic_write, make_folder
from benchmarks.report import junit_xml, report_csv, report_json, summary_md
from benchmarks.report.page import page

PAGE = page.FILE
RENDERINGS = {
    PAGE: page.report_html,
    report_json.FILE: report_json.report_json,
    report_csv.FILE: report_csv.report_csv,
    junit_xml.FILE: junit_xml.junit_xml,
    summary_md.FILE: summary_md.summary_md,
}


def write_report(comparison: Comparison, folder: Path) -> Path:
    """Write all renderings into `folder`; the path of the page. StorageError when they cannot be written."""
    make_folder(folder)
    for name, render in RENDERINGS.items():
        data = render(comparison)
        with atomic_write(folder / name) as file:
            file.write(data)
    return folder / PAGE
