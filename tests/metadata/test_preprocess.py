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


def test_a_tensor_is_written_where_it_is_asked_to_be() -> None:
    picture = paint.noise("out", 40, 30)
    batch = np.zeros((2, 24, 20, 3), np.float32)
    returned = preprocess.tensor(picture, RGB, out=batch[1])
    assert np.shares_memory(returned, batch)
    assert np.array_equal(batch[1], preprocess.tensor(picture, RGB))
    assert not batch[0].any()


@pytest.mark.parametrize("quantization", [None, LITE])
def test_a_batch_is_its_tensors_one_by_one(quantization: Quantization | None) -> None:
    pictures = [paint.noise(f"batch {size}", size, 90 - size) for size in (1, 40, 77)]
    batch = preprocess.tensors(pictures, RGB, quantization)
    assert batch.shape == (3, 24, 20, 3)
    for picture, one in zip(pictures, batch, strict=True):
        assert np.array_equal(one, preprocess.tensor(picture, RGB, quantization))


def test_an_empty_batch_keeps_shape_and_type() -> None:
    for batch in (preprocess.tensors([], RGB, LITE), preprocess.tensors(np.zeros((0, 5, 5, 3), np.uint8), RGB, LITE)):
        assert batch.shape == (0, 24, 20, 3)
        assert batch.dtype == np.uint8


def test_raw_pixels_at_size_only_pass_the_table() -> None:
    raw = paint.random("raw").integers(0, 256, (5, 28, 28, 1), dtype=np.uint8)
    assert np.array_equal(preprocess.tensors(raw, MNIST), (raw / 255.0).astype(np.float32))


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    "spec", [replace(MNIST, height=32, width=32), RGB, replace(MNIST, crop=CenterSquare(7, 8))], ids=str
)
def test_raw_pixels_are_cropped_and_resized_like_pictures(spec: ImageSpec, channels: int) -> None:
    raw = paint.random("raw").integers(0, 256, (3, 28, 28, channels), dtype=np.uint8)
    pictures = [Image.fromarray(one[..., 0] if channels == 1 else one) for one in raw]
    assert np.array_equal(preprocess.tensors(raw, spec), preprocess.tensors(pictures, spec))


def test_a_square_crop_of_everything_leaves_raw_squares_alone() -> None:
    raw = paint.random("raw").integers(0, 256, (2, 28, 28, 1), dtype=np.uint8)
    whole = replace(MNIST, crop=CenterSquare(1, 1))
    assert np.array_equal(preprocess.tensors(raw, whole), preprocess.tensors(raw, MNIST))
    wide = replace(whole, width=30)
    assert preprocess.tensors(np.zeros((2, 28, 30, 1), np.uint8), wide).shape == (2, 28, 30, 1)


@pytest.mark.parametrize(
    "raw", [np.zeros((2, 28, 28, 1), np.float32), np.zeros((28, 28, 1), np.uint8), np.zeros((1, 28, 28, 2), np.uint8)]
)
def test_raw_pixels_of_another_kind_are_refused(raw: preprocess.Pixels) -> None:
    with pytest.raises(PictureError, match=r"^raw pixels are .*; give uint8 of shape \(n, h, w, 1 or 3\)$"):
        preprocess.tensors(raw, MNIST)


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
