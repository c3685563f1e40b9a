"""Answers as a picture: a grid of cards on light paper, each a thumbnail with what the model saw in it.

Values and thumbnails in, PNG bytes out. The font is the scalable one that Pillow itself carries, so a sheet looks the
same everywhere.
"""

import io
import math
import unicodedata
from functools import lru_cache
from itertools import islice

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from benchmarks.classify.answers import PictureAnswer, PictureAnswers
from benchmarks.evaluation.number_format import plural
from benchmarks.evaluation.pictures import THUMBNAIL

LIMIT = 120
"""Pictures on a sheet: 15 columns of 8, some 4300 × 3300 pixels, are as much as anyone scrolls over."""

PAPER, CARD = "#f5f4f0", "#ffffff"
INK, FADED, TRACK, BAR = "#23262b", "#85888e", "#eceae5", "#3f6fd8"
DOOR_INKS = {"come in": "#1f8a4c", "stay inside": "#c07a08", "stay outside": "#8a8d93"}

MARGIN, GUTTER, RADIUS, PAD = 48, 24, 14, 16
BAR_HEIGHT, SHADOW = 8, 10
SMALLEST_TITLE = 18
SMOOTH = 4  # masks are drawn this many times larger and reduced


def png(title: str, found: PictureAnswers) -> bytes:
    """The sheet of the first LIMIT answers as an encoded PNG."""
    file = io.BytesIO()
    draw(title, found).save(file, "PNG", compress_level=6)
    return file.getvalue()


def draw(title: str, found: PictureAnswers) -> Image.Image:
    """The sheet of the first LIMIT answers, RGB; where there are more, it says so."""
    shown = min(LIMIT, len(found.thumbnails))
    columns, rows = grid(shown)
    card_height = _card_height(any(answer.door for answer in found.answers[:shown]))
    width = 2 * MARGIN + columns * (THUMBNAIL + GUTTER) - GUTTER
    room = width - 2 * MARGIN
    title_size = _title_size(legible(title), columns, room)
    count_size = max(15, title_size * 5 // 9)
    header = MARGIN + round(title_size * 2.6)
    sheet = Image.new("RGB", (width, header + rows * (card_height + GUTTER) - GUTTER + MARGIN), PAPER)
    _text(sheet, MARGIN, MARGIN + round(title_size * 0.8), title, title_size, INK, room, weight=0.5)
    _text(sheet, MARGIN, MARGIN + round(title_size * 1.7), _count(shown, found), count_size, FADED, room)
    cards = zip(found.answers, found.thumbnails, strict=False)
    for place, (answer, thumbnail) in enumerate(islice(cards, shown)):
        row, column = divmod(place, columns)
        left, top = MARGIN + column * (THUMBNAIL + GUTTER), header + row * (card_height + GUTTER)
        _card(sheet, left, top, card_height, answer, thumbnail)
    return sheet


def _title_size(title: str, columns: int, room: int) -> int:
    """Larger on a wider sheet, and small enough for the whole title where a readable size allows that."""
    sizes = range(min(64, 24 + 4 * columns), SMALLEST_TITLE, -1)
    return next((size for size in sizes if length(title, _font(size)) <= room), SMALLEST_TITLE)


def grid(count: int) -> tuple[int, int]:
    """(columns, rows) for `count` cards: a sheet a little wider than high, with few empty places in its last row."""
    ideal = math.sqrt(1.6 * count)
    near = range(max(1, math.floor(ideal * 0.75)), math.ceil(ideal * 1.25) + 1)
    columns = min(near, key=lambda columns: (-count % columns, abs(columns - ideal)))
    return columns, -(-count // columns)


def _count(shown: int, found: PictureAnswers) -> str:
    count = len(found.answers)
    if shown < count:
        return f"the first {shown:,} of {count:,} pictures"
    return plural(count, "picture")


def _card_height(door: bool) -> int:
    return THUMBNAIL + (130 if door else 104)


def _card(sheet: Image.Image, left: int, top: int, height: int, answer: PictureAnswer, thumbnail: Image.Image) -> None:
    """One card: the picture, and below it label, bar and percentage, the door's answer, the file's name."""
    sheet.paste("#4a4436", (left - SHADOW * 2, top - SHADOW * 2 + 4), _shadow(THUMBNAIL, height))
    shape = _rounded(THUMBNAIL, height, RADIUS)
    card = Image.new("RGB", shape.size, CARD)
    card.paste(thumbnail, (0, 0))
    best, room = answer.top[0], THUMBNAIL - 2 * PAD
    line = THUMBNAIL + 34
    _text(card, PAD, line, best.label, 19, INK, room, weight=0.3)
    line += 26
    percent = f"{best.probability:.0%}"
    track = room - 52
    _bar(card, PAD, line - 10, track, TRACK)
    _bar(card, PAD, line - 10, max(BAR_HEIGHT, round(track * min(1.0, best.probability))), BAR)
    _text(card, THUMBNAIL - PAD - round(length(percent, _font(16))), line, percent, 16, INK, 52)
    if answer.door:
        line += 26
        ink = DOOR_INKS[answer.door]
        card.paste(ink, (PAD, line - 10), _rounded(10, 10, 5))
        _text(card, PAD + 18, line, answer.door, 16, ink, room - 18, weight=0.3)
    _text(card, PAD, line + 26, answer.file.rsplit("/", 1)[-1], 13, FADED, room)
    sheet.paste(card, (left, top), shape)


def _bar(card: Image.Image, left: int, top: int, width: int, colour: str) -> None:
    card.paste(colour, (left, top), _rounded(width, BAR_HEIGHT, BAR_HEIGHT // 2))


@lru_cache(maxsize=256)
def _rounded(width: int, height: int, radius: int) -> Image.Image:
    """A mask, L, of a rectangle with smooth round corners."""
    large = Image.new("L", (width * SMOOTH, height * SMOOTH), 0)
    box = (0, 0, large.width - 1, large.height - 1)
    ImageDraw.Draw(large).rounded_rectangle(box, radius * SMOOTH, 255)
    return large.reduce(SMOOTH)


@lru_cache(maxsize=1)
def _shadow(width: int, height: int) -> Image.Image:
    """A faint soft mask, 2 × SHADOW larger than a card on every side."""
    mask = Image.new("L", (width + 4 * SHADOW, height + 4 * SHADOW), 0)
    mask.paste(255, (2 * SHADOW, 2 * SHADOW), _rounded(width, height, RADIUS))
    blurred = mask.filter(ImageFilter.GaussianBlur(SHADOW * 0.7))
    return ImageChops.multiply(blurred, Image.new("L", mask.size, 46))


@lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)  # noqa: S101 - it is, where Pillow has FreeType, as its wheels do
    return font


def _text(
    image: Image.Image,
    x: int,
    baseline: int,
    text: str,
    size: int,
    ink: str,
    room: int,
    *,
    weight: float = 0.0,
) -> None:
    """One line of text from `x` on; it ends in … where it does not fit into `room` pixels."""
    font, pen, left = _font(size), ImageDraw.Draw(image), float(x)
    for word in ellipsized(legible(text), font, room).split(" "):
        pen.text((left, baseline), word, ink, font, anchor="ls", stroke_width=weight, stroke_fill=ink)
        left += font.getlength(word) + _space(font)


def _space(font: ImageFont.FreeTypeFont) -> float:
    """The font's own space is narrow enough to run words together on a screen."""
    return font.size * 0.28


def length(text: str, font: ImageFont.FreeTypeFont) -> float:
    """How many pixels wide `_text` draws it."""
    words = text.split(" ")
    return sum(font.getlength(word) for word in words) + (len(words) - 1) * _space(font)


def ellipsized(text: str, font: ImageFont.FreeTypeFont, room: float) -> str:
    """`text`, or as much of its beginning and … as `room` pixels hold."""
    if length(text, font) <= room:
        return text
    shorter = (f"{text[:end].rstrip()}…" for end in reversed(range(len(text))))
    return next((text for text in shorter if length(text, font) <= room), "…")


def legible(text: str) -> str:
    """`text` in the letters that the font has, which are those of ASCII: é becomes e, what has no such letter ?."""
    plain = (character for character in unicodedata.normalize("NFKD", text) if not unicodedata.combining(character))
    return "".join(character if character.isascii() and character.isprintable() else "?" for character in plain)
