"""MNIST's layout: the box, the size, the place, and the drawings nobody thinks of."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metadata import digit
from metadata.card import DigitLayout, Polarity
from metadata.errors import PictureError
from tests.golden.preprocess import paint, port

MNIST = DigitLayout()


def laid_out(ink: npt.NDArray[np.uint8], layout: DigitLayout = MNIST) -> npt.NDArray[np.uint8]:
    """The layout's levels."""
    return np.asarray(digit.layout(ink, layout))


def extent(levels: npt.NDArray[np.uint8]) -> tuple[int, int]:
    """(width, height) of the box around all ink."""
    return int(np.ptp(np.flatnonzero(levels.any(axis=0)))) + 1, int(np.ptp(np.flatnonzero(levels.any(axis=1)))) + 1


def mean_index(levels: npt.NDArray[np.uint8]) -> tuple[float, float]:
    """(x, y) of the ink's centre of mass, in pixel indices."""
    ink = levels.astype(float)
    return tuple(float((ink.sum(axis=axis) * np.arange(28)).sum() / ink.sum()) for axis in (0, 1))  # type: ignore[return-value]


@settings(max_examples=150, deadline=None)
@given(
    size=st.tuples(st.integers(1, 90), st.integers(1, 90)),
    box=st.integers(1, 28),
    polarity=st.sampled_from(Polarity),
    inked=st.sampled_from((0.0, 0.02, 0.3, 1.0)),
)
def test_any_drawing_is_laid_out_as_the_port_does_it(
    size: tuple[int, int], box: int, polarity: Polarity, inked: float
) -> None:
    random = paint.random(f"{size} {inked}")
    ink = (random.integers(0, 256, size) * (random.random(size) < inked)).astype(np.uint8)
    ported = port.mnist_layout(ink.astype(np.int64), {"box": box, "polarity": polarity})
    assert np.array_equal(laid_out(ink, DigitLayout(polarity, box)), ported[..., 0])


@pytest.mark.parametrize("value", range(10))
def test_a_drawn_digit_fills_the_box_and_is_centred_by_mass(value: int) -> None:
    levels = laid_out(paint.digit(value, (90, 120), 4, (20, 10, 50, 100)))
    assert max(extent(levels)) == 20
    assert all(13.5 <= mean < 14.5 for mean in mean_index(levels))


@pytest.mark.parametrize("value", range(10))
def test_where_on_the_canvas_a_digit_is_drawn_does_not_matter(value: int) -> None:
    ink = paint.digit(value, (60, 70), 3, (12, 10, 36, 50))
    moved = np.pad(ink, ((31, 0), (0, 17)))
    assert np.array_equal(laid_out(ink), laid_out(moved))


@pytest.mark.parametrize("value", range(10))
def test_a_digit_in_the_layout_stays_as_it_is(value: int) -> None:
    once = laid_out(paint.digit(value, (56, 56), 2.6, (10, 6, 36, 44)))
    assert np.array_equal(laid_out(once), once)


def test_proportions_are_kept_with_halves_rounded_up() -> None:
    for height, width, expected in ((40, 20, (10, 20)), (40, 3, (2, 20)), (40, 5, (3, 20)), (400, 1, (1, 20))):
        assert extent(laid_out(np.full((height, width), 255, np.uint8))) == expected


def test_a_canvas_without_ink_is_all_paper() -> None:
    empty = np.zeros((30, 40), np.uint8)
    assert not laid_out(empty).any()
    assert (laid_out(empty, DigitLayout(Polarity.DARK_ON_LIGHT)) == 255).all()


def test_ink_that_scaling_loses_leaves_paper() -> None:
    corners = np.zeros((400, 400), np.uint8)
    corners[0, 0] = corners[399, 399] = 40
    assert not laid_out(corners).any()


def test_dark_on_light_is_the_exact_negative() -> None:
    ink = paint.digit(5, (56, 56), 2.6, (10, 6, 36, 44))
    assert np.array_equal(255 - laid_out(ink), laid_out(ink, DigitLayout(Polarity.DARK_ON_LIGHT)))


def test_the_faintest_ink_counts_for_the_box() -> None:
    ink = paint.digit(1, (40, 40), 2, (10, 10, 20, 20))
    ink[39, 39] = digit.INK_THRESHOLD
    assert not np.array_equal(laid_out(ink), laid_out(paint.digit(1, (40, 40), 2, (10, 10, 20, 20))))


def test_a_heavy_side_moves_the_digit_but_never_cuts_it() -> None:
    corner = paint.drawn([[(2, 2), (2, 58)], [(2, 58), (58, 58)]], (60, 60), 0.6)
    corner[:, :3] = 255
    levels = laid_out(corner)
    assert extent(levels) == (20, 20)
    assert np.flatnonzero(levels.any(axis=0)).tolist() == list(range(8, 28))
    assert mean_index(levels)[0] < 13.5


def test_mass_exactly_between_two_columns_goes_where_mnist_puts_it() -> None:
    """A box of even width has its mean index at 9.5: 13.5 and 14.5 are equally near to 14."""
    assert mean_index(laid_out(np.full((20, 20), 255, np.uint8))) == (13.5, 13.5)


@pytest.mark.parametrize("ink", [np.zeros((4, 4), np.float32), np.zeros((4, 4, 1), np.uint8)])
def test_ink_of_another_kind_is_refused(ink: npt.NDArray[np.uint8]) -> None:
    with pytest.raises(PictureError, match=r"^ink is .*; give uint8 of shape \(height, width\)$"):
        digit.layout(ink, MNIST)
