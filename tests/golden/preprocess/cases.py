"""The golden cases, each named by its oddity: a spec applied to a source, which several cases may share.

README.md beside this file says what is written for each, and by which rules.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from PIL import Image

from metadata.card import CenterSquare, DigitLayout, Polarity, Resize
from metadata.preprocess import Quantization, QuantizedType
from tests.golden.preprocess import paint
from tests.golden.preprocess.case import Case, Ink, Photo, grey, levels, noise, png, rgb

UINT8, INT8 = QuantizedType.UINT8, QuantizedType.INT8
BICUBIC, NEAREST, HALF_PIXEL = Resize.PILLOW_BICUBIC, Resize.PILLOW_NEAREST, Resize.BILINEAR_HALF_PIXEL
IDENTITY = Quantization(1.0, 0, UINT8)
WHOLE, SEVEN_EIGHTHS = CenterSquare(1, 1), CenterSquare(7, 8)
MNIST = DigitLayout()

# Scales as a model file holds them: float32.
SYMMETRIC = float(np.float32(1 / 128))
COARSE = float(np.float32(0.02))


def sizes() -> Iterator[Case]:
    """Odd sizes, extreme ratios, single pixels, passes that change nothing."""
    for name, width, height, spec in (
        ("odd_sizes", 61, 47, rgb(24, 24, WHOLE)),
        ("landscape_squeezed", 64, 21, rgb(16, 16)),
        ("portrait_squeezed", 21, 64, rgb(16, 16)),
        ("portrait_seven_eighths", 33, 57, rgb(12, 12, SEVEN_EIGHTHS)),
        ("landscape_seven_eighths", 57, 33, rgb(12, 12, SEVEN_EIGHTHS)),
        ("odd_remainder_left_and_top", 8, 5, rgb(3, 3, CenterSquare(1, 2))),
        ("crop_equals_input_size", 40, 32, rgb(28, 28, SEVEN_EIGHTHS)),
        ("one_pixel", 1, 1, rgb(8, 8)),
        ("one_pixel_wide", 1, 23, rgb(7, 7)),
        ("one_pixel_high", 23, 1, rgb(7, 7)),
        ("crop_never_below_one_pixel", 1, 23, rgb(5, 5, SEVEN_EIGHTHS)),
        ("into_one_pixel", 37, 29, rgb(1, 1)),
        ("upscaled_not_square", 5, 3, rgb(29, 31)),
        ("upscaled_by_one", 15, 15, rgb(16, 16)),
        ("downscaled_75_times_in_width", 301, 5, rgb(4, 4)),
        ("downscaled_75_times_in_height", 5, 301, rgb(4, 4)),
        ("vertical_pass_only", 20, 33, rgb(20, 12)),
        ("horizontal_pass_only", 33, 20, rgb(12, 20)),
        ("same_size", 11, 13, rgb(11, 13)),
        ("bicubic_down", 61, 47, rgb(20, 20, WHOLE, BICUBIC)),
        ("bicubic_portrait_squeezed", 21, 64, rgb(16, 16, None, BICUBIC)),
        ("bicubic_down_50_times", 201, 9, rgb(4, 5, None, BICUBIC)),
        ("nearest_down", 61, 47, rgb(24, 24, WHOLE, NEAREST)),
        ("bicubic_up_not_square", 6, 4, rgb(25, 31, None, BICUBIC)),
        ("bicubic_one_pixel", 1, 1, rgb(6, 7, None, BICUBIC)),
        ("bicubic_vertical_pass_only", 20, 33, rgb(20, 12, None, BICUBIC)),
        ("nearest_up_by_thirds", 9, 7, rgb(12, 23, None, NEAREST)),
        ("nearest_one_pixel", 1, 1, rgb(6, 7, None, NEAREST)),
        ("nearest_down_33_times", 301, 7, rgb(9, 5, None, NEAREST)),
        ("nearest_portrait_seven_eighths", 33, 57, rgb(12, 12, SEVEN_EIGHTHS, NEAREST)),
        ("nearest_horizontal_pass_only", 33, 20, rgb(12, 20, None, NEAREST)),
        ("half_pixel_down", 61, 47, rgb(24, 20, None, HALF_PIXEL)),
        ("half_pixel_down_33_times", 301, 7, rgb(9, 5, None, HALF_PIXEL)),
        ("half_pixel_up_not_square", 6, 4, rgb(25, 31, None, HALF_PIXEL)),
        ("half_pixel_one_pixel", 1, 1, rgb(6, 7, None, HALF_PIXEL)),
        ("half_pixel_vertical_pass_only", 20, 33, rgb(20, 12, None, HALF_PIXEL)),
    ):
        yield Case(name, noise(name, width, height), spec)
    yield Case("bicubic_clipped", png("bicubic_clipped", paint.checkers(7, 6)), rgb(19, 23, None, BICUBIC))


def colours() -> Iterator[Case]:
    """Grey, palette, alpha and colour keys; luma; tables that differ by channel."""
    square = rgb(12, 12, WHOLE)
    yield Case("grey_into_rgb", noise("grey", 30, 22, 1), square)
    yield Case("grey_into_luma", noise("grey", 30, 22, 1), grey(12, 12, WHOLE))
    yield Case("one_bit", png("one_bit", paint.noise("one_bit", 31, 17, 1).convert("1")), grey(9, 9, WHOLE))
    yield Case("palette", png("palette", paint.palette("palette", 29, 23)), square)
    keyed = png("palette_transparent_entry", paint.palette("palette_transparent_entry", 29, 23), transparency=5)
    yield Case("palette_transparent_entry", keyed, square)
    faded = png("palette_alpha", paint.palette("palette_alpha", 29, 23), transparency=bytes(range(0, 256, 16)))
    yield Case("palette_alpha", faded, square)
    coloured = Image.new("RGB", (19, 19), (10, 200, 30))
    coloured.paste(paint.noise("colour_key", 9, 9), (4, 6))
    yield Case("colour_key", png("colour_key", coloured, transparency=(10, 200, 30)), square)
    yield Case("grey_alpha", png("grey_alpha", paint.noise("grey_alpha", 27, 21, 2)), square)
    yield Case("rgb_alpha", noise("rgb_alpha", 27, 21, 4), square)
    yield Case("all_transparent", png("all_transparent", Image.new("RGBA", (6, 5), (9, 8, 7, 0))), square)
    yield Case("every_alpha_level", png("every_alpha_level", paint.every_alpha()), levels(rgb(256, 8)), IDENTITY)
    yield Case("luma_of_noise", noise("luma_of_noise", 48, 48), levels(grey(48, 48)), IDENTITY)
    yield Case("luma_before_resize", noise("luma_before_resize", 45, 39), levels(grey(28, 28, WHOLE)), IDENTITY)
    for resize in (BICUBIC, NEAREST, HALF_PIXEL):
        name = f"luma_before_{resize.removeprefix('pillow_')}"
        spec = replace(levels(grey(28, 33)), resize=resize)
        yield Case(name, noise("luma_before_resize", 45, 39), spec, IDENTITY)
    imagenet = replace(square, mean=(123.675, 116.28, 103.53), std=(58.395, 57.12, 57.375))
    yield Case("mean_and_std_per_channel", noise("tables", 31, 26), imagenet)
    per_channel = Quantization(COARSE, -14, INT8)
    yield Case("int8_mean_and_std_per_channel", noise("tables", 31, 26), imagenet, per_channel)
    gif = paint.encoded(
        paint.palette("gif", 23, 18), "gif", transparency=3, save_all=True, append_images=[Image.new("P", (23, 18))]
    )
    yield Case("first_frame_of_a_gif", Photo("first_frame_of_a_gif.gif", gif), square)
    part = paint.palette("gif_part", 14, 9)
    for name, canvas, place in (
        ("gif_frame_within_its_canvas", (23, 18), (5, 4)),
        ("gif_frame_beyond_its_canvas", (12, 11), (6, 5)),
    ):
        yield Case(name, Photo(f"{name}.gif", paint.gif_on_canvas(part, canvas, place)), square)
    profiled = png("profile_that_is_a_table", paint.noise("profile", 19, 15), icc_profile=paint.table_profile())
    yield Case("profile_that_is_a_table", profiled, square)
    webp = paint.encoded(paint.noise("webp_alpha", 17, 22, 4), "webp", lossless=True, exact=True)
    yield Case("lossless_webp_alpha", Photo("lossless_webp_alpha.webp", webp), square)


def orientations() -> Iterator[Case]:
    """The same pixels, stored in each of the eight ways."""
    picture = paint.noise("orientation", 13, 7)
    for number in range(1, 9):
        name = f"orientation_{number}"
        yield Case(name, png(name, picture, number), rgb(9, 11))
    faint = png("orientation_6_alpha_odd_crop", paint.noise("orientation_alpha", 32, 19, 4), 6)
    yield Case("orientation_6_alpha_odd_crop", faint, rgb(10, 10, SEVEN_EIGHTHS))
    for number, resize in ((5, BICUBIC), (8, BICUBIC), (7, NEAREST), (6, NEAREST), (3, NEAREST), (6, HALF_PIXEL)):
        name = f"{resize.removeprefix('pillow_')}_orientation_{number}"
        stored = png(name, paint.stark(name, 23, 14), number)
        yield Case(name, stored, rgb(9, 31, WHOLE if number == 8 else None, resize))


def tables() -> Iterator[Case]:
    """Quantised inputs, halves and clamping. The source holds all 256 levels, 16 × 16."""
    ramp = png("all_levels", Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16)))
    lite = replace(grey(16, 16), mean=(127.0,), std=(128.0,))
    yield Case("float32_rounded_once", ramp, replace(grey(16, 16), mean=(33.318,), std=(78.567,)))
    yield Case("uint8_raw_pixels_pass", ramp, lite, Quantization(SYMMETRIC, 127, UINT8))
    yield Case("int8_raw_pixels_pass", ramp, lite, Quantization(SYMMETRIC, -1, INT8))
    yield Case("uint8_clamped_at_both_ends", ramp, lite, Quantization(SYMMETRIC / 2, 120, UINT8))
    yield Case("int8_clamped_at_both_ends", ramp, lite, Quantization(SYMMETRIC / 3, 5, INT8))
    yield Case("uint8_halves_go_up", ramp, levels(grey(16, 16)), Quantization(2.0, 0, UINT8))
    below_zero = replace(levels(grey(16, 16)), mean=(255.0,))
    yield Case("int8_negative_halves_go_up", ramp, below_zero, Quantization(2.0, 0, INT8))
    yield Case("mnist_picture_is_not_laid_out", noise("mnist", 28, 28, 1), grey(28, 28, None, MNIST))


def jpegs() -> Iterator[Case]:
    """What a decoder changes is measured on these, not demanded."""
    for name, width, height, orientation, spec, options in (
        ("jpeg_444", 40, 40, 1, rgb(24, 24, WHOLE), {"subsampling": 0}),
        ("jpeg_420_odd_size", 45, 37, 1, rgb(24, 24, WHOLE), {"subsampling": 2}),
        ("jpeg_420_orientation_6", 51, 34, 6, rgb(20, 20, SEVEN_EIGHTHS), {"subsampling": 2}),
        ("jpeg_422_progressive", 48, 33, 1, rgb(20, 20, WHOLE), {"subsampling": 1, "progressive": True}),
        ("jpeg_low_quality_luma", 48, 48, 1, grey(28, 28, WHOLE), {"quality": 20}),
    ):
        data = paint.encoded(paint.smooth(width, height), "jpg", orientation, **options)
        yield Case(name, Photo(f"{name}.jpg", data), spec, jpeg_levels=4)
    data = paint.encoded(paint.smooth(40, 31).convert("L"), "jpg", 3)
    yield Case("jpeg_grey_orientation_3", Photo("jpeg_grey_orientation_3.jpg", data), grey(20, 20), jpeg_levels=2)


def drawings() -> Iterator[Case]:
    """Drawn digits and what else a finger leaves on a canvas."""
    spec, ink = grey(28, 28, None, MNIST), paint.drawn
    for value in range(10):
        yield Case(
            f"digit_{value}", Ink(f"digit_{value}.ink", paint.digit(value, (56, 56), 2.6, (10, 6, 36, 44))), spec
        )
    single = np.zeros((9, 12), np.uint8)
    single[8, 11] = 1
    ends = np.zeros((400, 60), np.uint8)
    ends[0, 0] = ends[399, 59] = 200
    for name, levels_drawn in (
        ("ink_empty", np.zeros((40, 30), np.uint8)),
        ("ink_one_faint_pixel", single),
        ("ink_tiny_dot", ink([[(30, 9), (30, 9)]], (40, 60), 1.2)),
        ("ink_full_canvas", np.full((33, 47), 255, np.uint8)),
        ("ink_tall_thin_one", ink([[(50, 4), (50, 116)]], (64, 120), 0.6)),
        ("ink_wide_stroke", ink([[(4, 11), (116, 14)]], (120, 24), 4)),
        ("ink_off_centre", paint.digit(7, (90, 70), 2, (62, 3, 24, 26))),
        ("ink_thin_pen", paint.digit(2, (80, 80), 0.4, (8, 8, 64, 64))),
        ("ink_heavy_on_one_side", ink([[(6, 6), (6, 50)], [(6, 28), (54, 28)]], (60, 56), 5)),
        ("ink_moved_back_from_the_edge", ink([[(2, 2), (2, 58)], [(2, 58), (58, 58)]], (60, 60), 1.5, full=255)),
        ("ink_lost_in_scaling", ends),
        ("ink_faint", ink([[(5, 5), (20, 30)]], (28, 36), 2, full=90)),
    ):
        yield Case(name, Ink(f"{name}.ink", levels_drawn), spec)
    dark = replace(spec, digit=DigitLayout(Polarity.DARK_ON_LIGHT))
    seven, empty = paint.digit(3, (50, 64), 2.2, (9, 8, 30, 44)), np.zeros((40, 30), np.uint8)
    yield Case("ink_dark_on_light", Ink("ink_dark_on_light.ink", seven), dark)
    yield Case("ink_empty_dark_on_light", Ink("ink_empty.ink", empty), dark)
    yield Case("ink_resized_to_32", Ink("ink_dark_on_light.ink", seven), replace(spec, height=32, width=32))
    yield Case("ink_into_rgb", Ink("ink_dark_on_light.ink", seven), replace(rgb(24, 20), digit=MNIST))
    yield Case("ink_box_of_28", Ink("ink_dark_on_light.ink", seven), replace(spec, digit=DigitLayout(box=28)))
    yield Case(
        "ink_uint8",
        Ink("ink_thin_pen.ink", paint.digit(2, (80, 80), 0.4, (8, 8, 64, 64))),
        spec,
        Quantization(float(np.float32(1 / 255)), 0, UINT8),
    )


def every_case() -> list[Case]:
    """All of them, in the order of `cases.json`."""
    return [*sizes(), *colours(), *orientations(), *tables(), *jpegs(), *drawings()]
