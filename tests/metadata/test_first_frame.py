"""Of an animation the first frame is the picture; what it leaves empty of the canvas is white, as in the app."""

import struct

import numpy as np
from PIL import Image

from metadata import picture
from tests.golden.preprocess import paint

WHITE = 255


def on_white(size: tuple[int, int], part: Image.Image, place: tuple[int, int]) -> Image.Image:
    canvas = Image.new("RGB", size, "white")
    canvas.paste(part, place)
    return canvas


def same(decoded: Image.Image, expected: Image.Image) -> bool:
    return decoded.size == expected.size and np.array_equal(np.asarray(decoded), np.asarray(expected))


def test_a_first_frame_in_the_middle_of_its_canvas_lies_on_white() -> None:
    frame = paint.palette("frame", 9, 7)
    decoded = picture.decode(paint.gif_on_canvas(frame, (20, 15), (4, 3)))
    assert same(decoded, on_white((20, 15), frame.convert("RGB"), (4, 3)))


def test_a_first_frame_that_touches_only_the_edge_lies_on_white_too() -> None:
    frame = paint.palette("edge", 20, 7)
    decoded = picture.decode(paint.gif_on_canvas(frame, (20, 15), (0, 8)))
    assert same(decoded, on_white((20, 15), frame.convert("RGB"), (0, 8)))


def test_a_grey_frame_lies_on_white() -> None:
    frame = paint.noise("grey", 6, 5, 1)
    assert same(
        picture.decode(paint.gif_on_canvas(frame, (8, 8), (1, 2))), on_white((8, 8), frame.convert("RGB"), (1, 2))
    )


def test_a_frame_that_reaches_beyond_the_canvas_makes_it_larger() -> None:
    frame = paint.palette("beyond", 12, 10)
    decoded = picture.decode(paint.gif_on_canvas(frame, (10, 10), (5, 4)))
    assert same(decoded, on_white((17, 14), frame.convert("RGB"), (5, 4)))


def test_a_transparent_colour_within_the_frame_is_white_as_well() -> None:
    frame = paint.palette("holes", 9, 7)
    levels = np.asarray(frame.convert("RGB")).copy()
    levels[np.asarray(frame) == 3] = WHITE
    decoded = picture.decode(paint.gif_on_canvas(frame, (12, 9), (2, 1), transparency=3))
    assert same(decoded, on_white((12, 9), Image.fromarray(levels), (2, 1)))


def test_the_canvas_of_an_animated_webp_is_white_where_its_first_frame_is_not() -> None:
    frame = paint.noise("webp frame", 6, 4)
    decoded = picture.decode(animated_webp(frame, (12, 10), (4, 2)))
    assert same(decoded, on_white((12, 10), frame, (4, 2)))


def animated_webp(frame: Image.Image, canvas: tuple[int, int], place: tuple[int, int]) -> bytes:
    """One opaque lossless frame at even coordinates of a canvas; the file says that it has no alpha."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)

    def three(*values: int) -> bytes:
        return b"".join(value.to_bytes(3, "little") for value in values)

    still = paint.encoded(frame, "webp", lossless=True, exact=True)[12:]
    size = (frame.width - 1, frame.height - 1)
    body = chunk(b"VP8X", bytes([0x02, 0, 0, 0]) + three(canvas[0] - 1, canvas[1] - 1))
    body += chunk(b"ANIM", struct.pack("<IH", 0, 0))
    body += chunk(b"ANMF", three(place[0] // 2, place[1] // 2, *size, 100) + b"\0" + still)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def test_of_an_animated_png_the_first_picture_counts_though_a_later_one_is_damaged() -> None:
    first, second = paint.noise("first", 8, 5), paint.noise("second", 8, 5)
    whole = paint.encoded(first, "png", save_all=True, append_images=[second])
    assert b"fdAT" in whole
    assert same(picture.decode(whole), first)
    assert same(picture.decode(whole.replace(struct.pack(">I", 2), struct.pack(">I", 7), 1)), first)
    later = whole.rindex(b"fdAT") + 4
    assert same(picture.decode(whole[:later] + b"\xff\xff\xff\xff" + whole[later + 4 :]), first)
