"""Sheets are drawn for real and looked at by their pixels."""

import io

import numpy as np
import pytest
from PIL import Image, ImageColor, ImageFont

from benchmarks.classify import contact_sheet as sheets
from benchmarks.classify.answers import PictureAnswer, PictureAnswers, Prediction
from benchmarks.classify.contact_sheet import (
    BAR,
    DOOR_INKS,
    GUTTER,
    INK,
    LIMIT,
    MARGIN,
    PAPER,
    draw,
    ellipsized,
    grid,
    legible,
)
from benchmarks.evaluation.pictures import THUMBNAIL, thumbnail


def found(*guesses: tuple[str, float], door: str | None = None, pictures: int | None = None) -> PictureAnswers:
    """Answers with a plain olive thumbnail each; more answers than thumbnails where `pictures` says so."""
    olive = Image.new("RGB", (THUMBNAIL, THUMBNAIL), "olive")
    answers = tuple(
        PictureAnswer(f"photos/{label}.jpg", (Prediction(label, 0, share),), door) for label, share in guesses
    )
    shown = len(answers) if pictures is None else pictures
    return PictureAnswers(answers, (), (olive,) * shown, 0)


def count(sheet: Image.Image, colour: str) -> int:
    """How many pixels have exactly this colour."""
    return int((np.asarray(sheet) == ImageColor.getrgb(colour)).all(axis=-1).sum())


def font(size: int) -> ImageFont.FreeTypeFont:
    loaded = ImageFont.load_default(size)
    assert isinstance(loaded, ImageFont.FreeTypeFont)
    return loaded


def test_a_sheet_has_its_pictures_on_light_paper_within_margins() -> None:
    sheet = draw("colours fp32", found(("a", 0.5), ("b", 0.5), ("c", 0.5)))
    assert sheet.width == 2 * MARGIN + 3 * THUMBNAIL + 2 * GUTTER
    inside = np.asarray(sheet)
    paper = ImageColor.getrgb(PAPER)
    for edge in (inside[:20], inside[-20:], inside[:, :20], inside[:, -20:]):
        assert (edge == paper).all()
    corners_cut = 3 * THUMBNAIL * THUMBNAIL - count(sheet, "olive")
    assert 0 < corners_cut < 3 * 400


def test_the_bar_is_as_long_as_the_label_is_probable() -> None:
    lengths = [count(draw("m", found(("a", share))), BAR) for share in (0.25, 0.5, 1.0)]
    assert lengths[0] / lengths[2] == pytest.approx(0.25, abs=0.03)
    assert lengths[1] / lengths[2] == pytest.approx(0.5, abs=0.03)


def test_an_8_bit_output_above_1_does_not_burst_its_bar() -> None:
    assert count(draw("m", found(("a", 1.004))), BAR) == count(draw("m", found(("a", 1.0))), BAR)


@pytest.mark.parametrize("answer", DOOR_INKS)
def test_the_door_answers_in_its_own_colour(answer: str) -> None:
    plain, door = draw("m", found(("a", 0.5))), draw("m", found(("a", 0.5), door=answer))
    assert door.height > plain.height
    assert count(door, DOOR_INKS[answer]) > count(plain, DOOR_INKS[answer]) + 50


def test_a_long_label_ends_in_an_ellipsis_within_its_card() -> None:
    sheet = draw("m", found(("a label that is much too long for any card, by far", 0.5)))
    gap = np.asarray(sheet)[:, MARGIN + THUMBNAIL - 8 : MARGIN + THUMBNAIL]
    assert not (gap == ImageColor.getrgb(INK)).all(axis=-1).any()
    short = ellipsized("German short-haired pointer", font(19), 120)
    assert short.endswith("…")
    assert "German".startswith(short[:6])
    assert sheets.length(short, font(19)) <= 120
    assert ellipsized("pug", font(19), 120) == "pug"
    assert ellipsized("pug", font(19), 1) == "…"


def test_letters_that_the_font_lacks_are_replaced_not_boxed() -> None:
    assert legible("café Ångström 犬.jpg\n") == "cafe Angstrom ?.jpg?"
    assert font(19).getmask("犬").getbbox() == font(19).getmask("ж").getbbox(), "both are the box for a missing letter"


def test_a_sheet_stops_at_its_limit_and_says_so() -> None:
    many = found(*[("a", 0.5)] * (LIMIT + 30), pictures=LIMIT)
    one_more, all_of_them = draw("m", many), draw("m", found(*[("a", 0.5)] * LIMIT))
    assert count(one_more, "olive") == count(all_of_them, "olive")
    assert one_more.size == all_of_them.size
    assert count(one_more, PAPER) < count(all_of_them, PAPER), "the line below the title is longer"


@pytest.mark.parametrize("cards", range(1, LIMIT + 1))
def test_a_grid_holds_every_card_without_an_empty_row(cards: int) -> None:
    columns, rows = grid(cards)
    assert columns * (rows - 1) < cards <= columns * rows
    assert columns / rows < 5


@pytest.mark.parametrize(("cards", "shape"), [(1, (1, 1)), (2, (2, 1)), (5, (3, 2)), (12, (4, 3)), (120, (15, 8))])
def test_a_grid_is_about_as_wide_as_a_screen(cards: int, shape: tuple[int, int]) -> None:
    assert grid(cards) == shape


def test_a_title_becomes_smaller_before_it_is_cut() -> None:
    short, long = draw("m", found(("a", 0.5))), draw("efficientnet_lite0 dynamic", found(("a", 0.5)))
    assert long.height < short.height


def test_a_sheet_is_a_png_and_the_same_every_time() -> None:
    first, second = (sheets.png("m", found(("a", 0.5), door="come in")) for _ in range(2))
    assert first == second
    assert Image.open(io.BytesIO(first)).format == "PNG"


def test_thumbnails_are_the_central_square() -> None:
    picture = Image.new("RGB", (900, 300), "white")
    picture.paste("black", (300, 0, 600, 300))
    assert thumbnail(picture).getcolors() == [(THUMBNAIL * THUMBNAIL, (0, 0, 0))]


def test_a_digit_keeps_its_pixels_sharp() -> None:
    digit = Image.new("RGB", (28, 28), "black")
    digit.putpixel((14, 14), (255, 255, 255))
    assert len(thumbnail(digit).getcolors() or ()) == 2
