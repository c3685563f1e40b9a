"""The spec carried out: against plain Pillow, against the port that uses none of it, against the formula."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from metadata import preprocess
from metadata.card import CenterSquare, ImageSpec, Resize
from metadata.errors import CardError, PictureError
from metadata.preprocess import Quantization, QuantizedType
from tests.golden.preprocess import paint, port

RGB = ImageSpec(24, 20, 3, (127.5,) * 3, (127.5,) * 3, CenterSquare(7, 8))
MNIST = ImageSpec(28, 28, 1, (0.0,), (255.0,))
LITE = Quantization(1 / 128, 127, QuantizedType.UINT8)

sizes = st.tuples(st.integers(1, 70), st.integers(1, 70))


@settings(max_examples=400, deadline=None)
@given(sizes, sizes, st.sampled_from(Resize), st.sampled_from((1, 3)), st.booleans())
def test_pillow_s_resize_is_what_the_port_computes(
    size: tuple[int, int], new: tuple[int, int], resize: Resize, channels: int, extreme: bool
) -> None:
    picture = paint.noise(str(size), *size, channels)
    if extreme:  # only black and white: the largest sums a filter can meet
        picture = picture.point(([0] * 128 + [255] * 128) * channels)
    spec = ImageSpec(new[1], new[0], channels, (0.0,) * channels, (1.0,) * channels, resize=resize)
    levels = np.asarray(picture, np.int64).reshape(size[1], size[0], channels)
    assert np.array_equal(preprocess.pixels(picture, spec), port.resized(levels, *new, resize))


@pytest.mark.parametrize("resize", Resize)
@pytest.mark.parametrize(("width", "height"), [(640, 480), (480, 640), (1999, 3), (3, 1999), (1280, 720)])
def test_camera_sizes_resize_as_the_port_computes(width: int, height: int, resize: Resize) -> None:
    picture = paint.noise("camera", width, height)
    ported = port.resized(np.asarray(picture, np.int64), 97, 64, resize)
    assert np.array_equal(np.asarray(preprocess.resized(picture, 97, 64, resize)), ported)


def test_pixels_are_the_two_plain_pillow_calls_after_the_crop() -> None:
    picture = paint.noise("plain", 63, 85)
    left, top, side = CenterSquare(7, 8).box(63, 85)
    plain = picture.crop((left, top, left + side, top + side))
    plain = plain.resize((20, side), Image.Resampling.BILINEAR).resize((20, 24), Image.Resampling.BILINEAR)
    assert np.array_equal(preprocess.pixels(picture, RGB), np.asarray(plain))


def test_luma_comes_before_the_resize() -> None:
    picture = paint.noise("luma", 45, 39)
    before = preprocess.pixels(picture, MNIST)
    assert np.array_equal(before, preprocess.pixels(picture.convert("L"), MNIST))
    after = Image.fromarray(preprocess.pixels(picture, replace(MNIST, channels=3, mean=(0.0,) * 3, std=(1.0,) * 3)))
    assert not np.array_equal(before[..., 0], np.asarray(after.convert("L")))


def test_luma_is_the_stated_formula() -> None:
    picture = paint.noise("luma", 256, 256)
    assert np.array_equal(np.asarray(picture.convert("L"))[..., None], port.luma(np.asarray(picture, np.int64)))


def test_grey_in_rgb_is_grey_three_times() -> None:
    grey = paint.noise("grey", 33, 21, 1)
    assert np.array_equal(preprocess.pixels(grey, RGB), preprocess.pixels(grey.convert("RGB"), RGB))


def test_a_picture_with_alpha_is_sent_back() -> None:
    with pytest.raises(PictureError, match=r"^colour mode RGBA is not upright RGB or grey; .*picture\.upright$"):
        preprocess.tensor(paint.noise("alpha", 8, 8, 4), RGB)


finite = st.floats(-1e3, 1e3)
positive = st.floats(1e-3, 1e3)


@given(finite, positive)
def test_the_float_table_rounds_the_double_once(mean: float, std: float) -> None:
    table = preprocess.table(replace(MNIST, mean=(mean,), std=(std,)))
    assert table.dtype == np.float32
    assert table.tolist() == [[float(np.float32((level - mean) / std)) for level in range(256)]]


@given(finite, positive, st.floats(1e-4, 10), st.integers(-128, 127), st.sampled_from(QuantizedType))
def test_the_integer_table_rounds_half_up_and_clamps(
    mean: float, std: float, scale: float, zero_point: int, dtype: QuantizedType
) -> None:
    zero_point += 128 * (dtype is QuantizedType.UINT8)
    low, high = (0, 255) if dtype is QuantizedType.UINT8 else (-128, 127)
    table = preprocess.table(replace(MNIST, mean=(mean,), std=(std,)), Quantization(scale, zero_point, dtype))
    exact = [math.floor((level - mean) / std / scale + zero_point + 0.5) for level in range(256)]
    assert str(table.dtype) == dtype
    assert table[0].tolist() == [min(max(value, low), high) for value in exact]


def test_raw_pixels_pass_a_symmetric_uint8_input() -> None:
    lite = replace(MNIST, mean=(127.0,), std=(128.0,))
    assert preprocess.table(lite, LITE)[0].tolist() == list(range(256))


def test_the_table_is_shared_and_cannot_be_written() -> None:
    table = preprocess.table(RGB)
    assert table is preprocess.table(replace(RGB))
    with pytest.raises(ValueError, match="read-only"):
        table[0, 0] = 0


@pytest.mark.parametrize("quantization", [None, LITE, Quantization(0.03, -3, QuantizedType.INT8)])
def test_channels_keep_their_own_mean_and_deviation(quantization: Quantization | None) -> None:
    spec = replace(RGB, mean=(123.675, 116.28, 103.53), std=(58.395, 57.12, 57.375))
    picture = paint.noise("channels", 40, 30)
    whole, levels = preprocess.tensor(picture, spec, quantization), preprocess.pixels(picture, spec)
    for channel in range(3):
        row = preprocess.table(spec, quantization)[channel]
        assert np.array_equal(whole[..., channel], row[levels[..., channel]])


@pytest.mark.parametrize(
    ("scale", "zero_point", "dtype"),
    [(0.0, 0, "uint8"), (math.nan, 0, "uint8"), (math.inf, 0, "int8"), (1.0, -1, "uint8"), (1.0, 128, "int8")],
)
def test_an_impossible_quantisation_is_refused(scale: float, zero_point: int, dtype: str) -> None:
    with pytest.raises(CardError, match=r"; export the model again$"):
        Quantization(scale, zero_point, QuantizedType(dtype))


def test_a_spec_that_overflows_is_refused_instead_of_feeding_infinities() -> None:
    with pytest.raises(CardError, match="overflow float32; give them on pixels"):
        preprocess.table(replace(MNIST, std=(1e-300,)))
