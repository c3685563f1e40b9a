"""Of an animation, the first frame is the picture, on a transparent canvas: as Skia decodes it on phones.

Pillow paints the rest of a GIF's canvas with the first colour of the palette, and that of a WebP without alpha black.
It refuses a PNG whose later frames are damaged, of which phones read the first picture alone.
"""

from collections.abc import Iterator

from PIL import Image, ImageFile

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_FRAMES = frozenset({b"acTL", b"fcTL", b"fdAT"})
_PNG_CHUNK = 12  # its length, its name and its checksum
_WEBP_ANIMATED, _WEBP_ALPHA = 0x02, 0x10  # flags of the first chunk of an extended WebP


def prepared(data: bytes) -> bytes:
    """An encoded picture as Pillow has to be given it: a PNG without its frames, an animated WebP that has alpha."""
    if data.startswith(_PNG) and b"acTL" in data[:1024]:
        return _PNG + b"".join(chunk for chunk in _chunks(data) if chunk[4:8] not in _PNG_FRAMES)
    if data[8:16] == b"WEBPVP8X" and data[20:21] and data[20] & _WEBP_ANIMATED:
        return data[:20] + bytes([data[20] | _WEBP_ALPHA]) + data[21:]
    return data


def _chunks(data: bytes) -> Iterator[bytes]:
    at = len(_PNG)
    while at < len(data):
        size = _PNG_CHUNK + int.from_bytes(data[at : at + 4], "big")
        yield data[at : at + size]
        at += size


def loaded(image: ImageFile.ImageFile) -> Image.Image:
    """The first frame, decoded; RGBA where it does not fill its canvas."""
    frame = image.tile[0].extents if image.format == "GIF" and image.tile else None
    image.load()
    if frame in (None, (0, 0, *image.size)):
        return image
    canvas = Image.new("RGBA", image.size)
    canvas.paste(image.convert("RGBA").crop(frame), frame)
    return canvas
