"""Synthetic pictures and drawings for the golden cases. Seeded: the same name is always the same picture."""

import io
import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

Bytes = npt.NDArray[np.uint8]
Stroke = Sequence[tuple[float, float]]

ORIENTATION_TAG = 0x0112

# Each digit as strokes of a pen: corners and sampled curves in a unit square, x to the right, y down.
DIGITS: dict[int, tuple[Stroke, ...]] = {
    1: (((0.42, 0.2), (0.55, 0.08), (0.55, 0.92)),),
    4: (((0.62, 0.06), (0.2, 0.62), (0.85, 0.62)), ((0.64, 0.35), (0.62, 0.95))),
    7: (((0.18, 0.12), (0.82, 0.12), (0.42, 0.94)),),
}


def _arc(x: float, y: float, rx: float, ry: float, degrees: tuple[float, float]) -> Stroke:
    """Part of an ellipse as corners; degrees run clockwise from the right, as y points down."""
    angles = np.radians(np.linspace(*degrees, 25))
    return [(round(x + rx * float(np.cos(a)), 4), round(y + ry * float(np.sin(a)), 4)) for a in angles]


DIGITS |= {
    0: (_arc(0.5, 0.5, 0.3, 0.43, (-90, 270)),),
    2: ([*_arc(0.5, 0.32, 0.28, 0.25, (-160, 30)), (0.2, 0.92), (0.84, 0.9)],),
    3: ([*_arc(0.46, 0.28, 0.27, 0.2, (-150, 80)), *_arc(0.46, 0.7, 0.32, 0.22, (-80, 150))],),
    5: ([(0.78, 0.08), (0.3, 0.1), (0.27, 0.46), *_arc(0.46, 0.67, 0.3, 0.24, (-110, 140))],),
    6: ([(0.66, 0.06), *_arc(0.5, 0.68, 0.26, 0.24, (200, -160))],),
    8: ([*_arc(0.5, 0.28, 0.21, 0.21, (90, 450)), *_arc(0.5, 0.72, 0.26, 0.23, (-90, 270))],),
    9: ([*_arc(0.48, 0.32, 0.24, 0.23, (0, -360)), (0.7, 0.5), (0.62, 0.94)],),
}


def random(name: str) -> np.random.Generator:
    """The generator that belongs to this name."""
    return np.random.default_rng(zlib.crc32(name.encode()))


def noise(name: str, width: int, height: int, channels: int = 3) -> Image.Image:
    """Every pixel on its own: the hardest picture for a resize."""
    levels = random(name).integers(0, 256, (height, width, channels), dtype=np.uint8)
    return Image.fromarray(levels[..., 0] if channels == 1 else levels)


def stark(name: str, width: int, height: int) -> Image.Image:
    """Noise of which every level is 0 or 255: the largest and the smallest sums that a filter can meet."""
    return noise(name, width, height).point(([0] * 128 + [255] * 128) * 3)


def checkers(width: int, height: int) -> Image.Image:
    """Black and white squares of one pixel, where a cubic filter leaves 0..255 on both sides."""
    y, x = np.mgrid[:height, :width]
    return Image.fromarray(((x + y) % 2 * 255).astype(np.uint8)).convert("RGB")


def smooth(width: int, height: int) -> Image.Image:
    """Slow waves of colour with an edge, as a JPEG encoder likes them."""
    y, x = np.mgrid[:height, :width] / np.array([height, width]).reshape(2, 1, 1)
    waves = [np.sin(6 * x + 2 * y), np.cos(5 * y - 3 * x), np.sin(9 * x * y) - (x > 0.6)]
    return Image.fromarray(np.clip(128 + 100 * np.stack(waves, axis=-1), 0, 255).astype(np.uint8))


def every_alpha() -> Image.Image:
    """256 columns, one an alpha level, and a few colours down: every product of alpha and those levels."""
    colours = np.array([0, 1, 2, 127, 128, 200, 254, 255], np.uint8)
    grid = np.zeros((len(colours), 256, 4), np.uint8)
    grid[..., 0], grid[..., 1], grid[..., 2] = colours[:, None], colours[::-1, None], colours[:, None] // 2
    grid[..., 3] = np.arange(256)
    return Image.fromarray(grid)


def palette(name: str, width: int, height: int, colours: int = 16) -> Image.Image:
    """Noise in a palette of its own, mode P."""
    picture = Image.fromarray(random(name).integers(0, colours, (height, width), dtype=np.uint8))
    picture.putpalette(random(f"{name} palette").integers(0, 256, 3 * colours).tolist())
    return picture


def encoded(picture: Image.Image, suffix: str, orientation: int = 1, **options: Any) -> bytes:
    """The picture as the bytes of a .png, .jpg, .gif or .webp file; EXIF only where it is not upright."""
    if orientation != 1:
        options["exif"] = Image.Exif()
        options["exif"][ORIENTATION_TAG] = orientation
    buffer = io.BytesIO()
    picture.save(buffer, {"jpg": "JPEG"}.get(suffix, suffix), **options)
    return buffer.getvalue()


def gif_on_canvas(frame: Image.Image, canvas: tuple[int, int], place: tuple[int, int], **options: Any) -> bytes:
    """A GIF of one frame at `place` on a canvas of another size, which Pillow does not write."""
    data = bytearray(encoded(frame, "gif", **options))
    data[6:10] = struct.pack("<HH", *canvas)
    descriptor = data.index(b"," + struct.pack("<HHHH", 0, 0, *frame.size))
    data[descriptor + 1 : descriptor + 5] = struct.pack("<HH", *place)
    return bytes(data)


def table_profile() -> bytes:
    """An ICC profile (ICC.1, version 2) that is a table of two levels a channel and makes every colour grey."""
    corners = [
        level
        for red in (0, 1)
        for green in (0, 1)
        for blue in (0, 1)
        for level in (85 * (red + green + blue), 128, 128)
    ]
    ramp = bytes(range(256)) * 3
    matrix = struct.pack(">9i", *(65536 * (row == column) for row in range(3) for column in range(3)))
    table = b"mft1" + bytes(4) + bytes([3, 3, 2, 0]) + matrix + ramp + bytes(corners) + ramp
    tags = struct.pack(">I4sII", 1, b"A2B0", 144, len(table))
    header = struct.pack(">I4sI4s4s4s12s4s", 144 + len(table), b"", 0x02400000, b"mntr", b"RGB ", b"Lab ", b"", b"acsp")
    illuminant = struct.pack(">3I", 0xF6D6, 0x10000, 0xD32D)
    return header.ljust(68, b"\0") + illuminant.ljust(60, b"\0") + tags + table


def drawn(strokes: Sequence[Stroke], size: tuple[int, int], radius: float, full: int = 255) -> Bytes:
    """Ink, uint8 (height, width): strokes of a round antialiased pen, given in pixels of a (width, height) canvas."""
    width, height = size
    y, x = np.mgrid[:height, :width] + 0.5
    distance = np.full((height, width), np.inf)
    for stroke in strokes:
        for (ax, ay), (bx, by) in zip(stroke, [*stroke[1:], stroke[-1]], strict=True):
            length = (bx - ax) ** 2 + (by - ay) ** 2
            along = np.clip(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length, 0, 1) if length else 0.0
            distance = np.minimum(distance, np.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay)))
    ink: Bytes = np.rint(np.clip(radius + 0.5 - distance, 0, 1) * full).astype(np.uint8)
    return ink


def digit(value: int, size: tuple[int, int], radius: float, box: tuple[float, float, float, float]) -> Bytes:
    """A digit's strokes drawn into `box` (left, top, width, height) of a canvas, all in pixels."""
    left, top, width, height = box
    strokes = [[(left + x * width, top + y * height) for x, y in stroke] for stroke in DIGITS[value]]
    return drawn(strokes, size, radius)
