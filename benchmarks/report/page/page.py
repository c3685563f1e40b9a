"""Renders the page from its templates: one file without requests, which its content security policy forbids."""

import base64
import functools
import hashlib
from inspect import isfunction
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from benchmarks.compare.accuracy import StageName
from benchmarks.compare.comparison import Comparison
from benchmarks.evaluation import number_format
from benchmarks.report import layers_text, wording
from benchmarks.report.escaping import visible
from benchmarks.report.page import bars, confusion, key_figures, layer_plot, rounds, waterfall
from benchmarks.report.page.input_pictures import InputPictures, input_pictures
from benchmarks.report.page.latency_plot import latency_plot
from benchmarks.report.page.svg import swatch
from benchmarks.report.page.tradeoff import tradeoff
from benchmarks.report.rows import processors, report_rows, row_groups

FILE = "report.html"
HERE = Path(__file__).parent
FEW_ROWS = 16
"""Groups are unfolded in a report of at most so many rows; in a larger one only groups that failed."""
MOST_DIFFERING = 12
LARGEST_BYTES = 5_000_000
POLICY = (
    "default-src 'none'; img-src data:; style-src 'sha256-{style}'; script-src 'sha256-{script}'; "
    "base-uri 'none'; form-action 'none'"
)


def report_html(comparison: Comparison) -> bytes:
    """The file, UTF-8, with fewer pictures where it would be too large for a mail or a pull request."""
    pictures = input_pictures(comparison)
    page = _page(comparison, pictures)
    if len(page) > LARGEST_BYTES:
        most_bytes = pictures.size_bytes - (len(page) - LARGEST_BYTES)
        page = _page(comparison, input_pictures(comparison, max(most_bytes, 0)))
    return page


def _page(comparison: Comparison, pictures: InputPictures) -> bytes:
    style, script = (HERE.joinpath(name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    rows = report_rows(comparison)
    page = _template().render(
        comparison=comparison,
        rows=rows,
        processors=processors(rows),
        by_id={row.compared.id: row for row in rows},
        groups=row_groups(comparison),
        headline=wording.headline(comparison, rows),
        measured_on=wording.phones(comparison),
        key_figures=key_figures.key_figures(comparison, rows),
        pictures=pictures,
        is_timed=any(row.latency is not None for row in rows),
        is_short=len(rows) <= FEW_ROWS,
        style=Markup(style),  # noqa: S704 - a file of this folder
        script=Markup(script),  # noqa: S704 - a file of this folder
        policy=POLICY.format(style=_hash(style), script=_hash(script)),
    )
    return (page + "\n").encode()


@functools.cache
def _template() -> Template:
    """The page's template: all values are escaped, None is shown as a dash, an unknown name is an error."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update({name: filter_ for name, filter_ in vars(number_format).items() if isfunction(filter_)})
    environment.globals.update(
        bars=bars,
        confusion=confusion,
        latency_plot=latency_plot,
        layer_plot=layer_plot,
        layers_text=layers_text,
        most_differing=MOST_DIFFERING,
        number_format=number_format,
        rounds=rounds,
        stages=tuple(StageName),
        swatch=swatch,
        tradeoff=tradeoff,
        waterfall=waterfall,
        wording=wording,
    )
    return environment.get_template("report.html")


def _shown(value: object) -> object:
    if value is None:
        return number_format.UNKNOWN
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
