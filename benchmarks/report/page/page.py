"""The page from its templates: one string, everything in it, forbidden to ask any network for anything."""

import base64
import functools
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from benchmarks.compare.accuracy import StageName
from benchmarks.compare.comparison import Comparison
from benchmarks.evaluation import number_format
from benchmarks.report import words
from benchmarks.report.clean import visible
from benchmarks.report.lines import groups, lines, processors
from benchmarks.report.page import bars, confusion, layers, pictures, rounds, series, strips, tiles, tradeoff
from benchmarks.report.page import waterfall as falls

FILE = "report.html"
HERE = Path(__file__).parent
FEW_ROWS = 16
"""A report of no more rows lies open; of more, only what failed does."""
MOST_DIFFERING = 12
LARGEST_BYTES = 5_000_000
POLICY = (
    "default-src 'none'; img-src data:; style-src 'sha256-{style}'; script-src 'sha256-{script}'; "
    "base-uri 'none'; form-action 'none'"
)
FILTERS = (
    number_format.percent,
    number_format.rough,
    number_format.points,
    number_format.milliseconds,
    number_format.size,
    number_format.ratio,
    number_format.small,
    number_format.probability,
    number_format.plain,
    number_format.count,
    number_format.span,
    number_format.plural,
)


def report_html(comparison: Comparison) -> bytes:
    """The file, UTF-8: with fewer pictures where it would be larger than a mail or a pull request takes."""
    album = pictures.album(comparison)
    page = _page(comparison, album)
    if len(page) > LARGEST_BYTES:
        room = album.size_bytes - (len(page) - LARGEST_BYTES)
        page = _page(comparison, pictures.album(comparison, max(room, 0)))
    return page


def _page(comparison: Comparison, album: pictures.Album) -> bytes:
    style, script = (_asset(name) for name in ("report.css", "report.js"))
    rows = lines(comparison)
    page = (
        _templates()
        .get_template("report.html")
        .render(
            comparison=comparison,
            lines=rows,
            processors=processors(rows),
            by_id={line.row.id: line for line in rows},
            groups=groups(comparison),
            headline=words.headline(comparison, rows),
            measured_on=words.phones(comparison),
            tiles=tiles.tiles(comparison, rows),
            album=album,
            is_timed=any(line.latency is not None for line in rows),
            is_short=len(rows) <= FEW_ROWS,
            style=Markup(style),  # noqa: S704 - a file of this folder
            script=Markup(script),  # noqa: S704 - likewise
            policy=POLICY.format(style=_hash(style), script=_hash(script)),
        )
    )
    return (page + "\n").encode()


@functools.cache
def _templates() -> Environment:
    """Everything is escaped; what is not known is a dash; a name that is not there is an error."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update({function.__name__: function for function in FILTERS})
    environment.filters["pp"] = functools.partial(number_format.span, number=number_format.points)
    environment.filters["ms"] = functools.partial(number_format.span, number=number_format.milliseconds)
    environment.filters["ratios"] = functools.partial(number_format.span, number=number_format.ratio)
    environment.filters["shares"] = functools.partial(number_format.span, number=number_format.percent)
    environment.globals.update(
        fall=falls, strips=strips.strips, tradeoff=tradeoff.tradeoff, rounds=rounds, series=series, bars=bars
    )
    environment.globals.update(confusion=confusion, layers=layers, words=words, stages=tuple(StageName))
    environment.globals["most_differing"] = MOST_DIFFERING
    return environment


def _shown(value: object) -> object:
    if value is None:
        return number_format.UNKNOWN
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _asset(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
