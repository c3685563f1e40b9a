"""From an encoded file to upright 8-bit RGB, as a phone does it. Files and bytes in, Pillow pictures out.

The order is fixed: decode → straight alpha on white → EXIF orientation → RGB. Nothing is scaled while decoding
(no `draft`), and ICC profiles are ignored. Of an animation the first frame counts; what it leaves empty of its canvas
is transparent. What a phone would decode differently is refused by name instead.
"""

import io
import threading
import warnings
import zlib
from pathlib import Path
from struct import error as StructError  # noqa: N812 - an exception class

from PIL import Image, ImageFile

from metadata import animation, exif
from metadata.errors import PictureError
from metadata.picture_kind import foreign_kind, unsupported

MAX_PIXELS = 200_000_000
"""What the largest phone cameras take (16,320 × 12,240); 0.8 GB in memory, twice that while it is turned upright."""

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
"""What every supported Android version decodes too."""

# Pillow warns above this global and refuses above twice of it; `decode` refuses at it, so that `crop` never warns.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS

_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM")
_UNSUPPORTED_BMP = "Unsupported BMP "  # how Pillow begins when it refuses a layout that others may read
_BMP_V3_HEADER = 56

TRANSPOSITIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_EIGHT_BIT_MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA")
_SIXTEEN_BIT_PNG = ("I;16B", "RGB;16B", "LA;16B", "RGBA;16B")
_GREY_LEVELS = {"L;2": 4, "L;4": 16}


def _rounded(*bits: int) -> list[int]:
    """For channels of so many bits, 256 levels each: Pillow rounds them down; the nearest ones, as phones have them."""
    tables = []
    for highest in ((1 << count) - 1 for count in bits):
        nearest = {value * 255 // highest: round(value * 255 / highest) for value in range(highest + 1)}
        tables += [nearest.get(level, level) for level in range(256)]
    return tables


_BMP_16_BITS = {"BGR;15": _rounded(5, 5, 5), "BGR;16": _rounded(5, 6, 5)}

# What Pillow's decoders raise on damaged files; found by damaging files.
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, IndexError, MemoryError, OverflowError, StructError, zlib.error)

# `catch_warnings` swaps process-wide state: one thread at a time. Only headers are read under the lock.
_open_lock = threading.Lock()


def decode(source: Path | bytes, name: str | None = None) -> Image.Image:
    """The upright RGB picture in a file or in encoded bytes; `name` is what an error calls it.

    Raises PictureError, one line, for what is not a whole picture of `FORMATS`, has more than `MAX_PIXELS`, or is
    not 8 bits of grey, palette or RGB with or without alpha.
    """
    name = name or (str(source) if isinstance(source, Path) else "picture")
    data = _read(source, name) if isinstance(source, Path) else source
    with _opened(data, name) as image:
        raw_mode = _raw_mode(image)
        if raw_mode in _SIXTEEN_BIT_PNG:
            kind = raw_mode.partition(";")[0]
            raise PictureError(f"{name}: 16 bits a channel ({kind}), 8 are read here; save it with 8")
        try:
            return upright(loaded(image, data), exif.orientation(image.info.get("exif", b"")), name)
        except _DAMAGE as error:
            raise PictureError(f"{name}: damaged, {_one_line(error)}; copy or save it again") from error


def loaded(image: ImageFile.ImageFile, data: bytes) -> Image.Image:
    """The picture that was opened from `data`, decoded; neither composited nor turned."""
    raw_mode = _raw_mode(image)
    frame = animation.loaded(image)
    _repair(image, raw_mode)
    if image.format == "BMP" and raw_mode in _BMP_16_BITS:
        return image.point(_BMP_16_BITS[raw_mode])
    if image.format == "BMP" and int.from_bytes(data[14:18], "little") == _BMP_V3_HEADER:
        return image.convert("RGB")  # most programs leave its alpha at 0, so phones take it for padding
    return frame


def upright(image: Image.Image, orientation: int = exif.UPRIGHT, name: str = "picture") -> Image.Image:
    """A decoded picture, its alpha composited on white, turned by its EXIF orientation (1 to 8), as RGB.

    Raises PictureError for CMYK, 16-bit, floating point and other modes beyond 8-bit grey, palette and RGB.
    """
    if image.mode not in _EIGHT_BIT_MODES:
        raise PictureError(f"{name}: colour mode {image.mode}, 8-bit grey, palette or RGB is read here; save it as RGB")
    flat = _on_white(image) if image.has_transparency_data else image
    if flat.mode != "RGB":
        flat = flat.convert("RGB")
    turn = TRANSPOSITIONS.get(orientation)
    return flat if turn is None else flat.transpose(turn)


def _on_white(image: Image.Image) -> Image.Image:
    """RGB of straight alpha over white: (c·a + 255·(255 − a) + 127) // 255 a channel, which is what `paste` computes.

    That is the nearest integer: the sum over 255 never ends in a half, because 255 is odd.
    """
    rgba = image if image.mode == "RGBA" else image.convert("RGBA")
    white = Image.new("RGB", rgba.size, "white")
    white.paste(rgba.convert("RGB"), mask=rgba.getchannel("A"))
    return white


def _read(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PictureError(f"{name}: cannot be read, {error.strerror}; check the path and its permissions") from error


def _opened(data: bytes, name: str) -> ImageFile.ImageFile:
    """The picture with its header read and its pixels not yet decoded; PictureError when that fails."""
    if not data:
        raise PictureError(f"{name}: empty, 0 bytes; copy it again")
    if reason := unsupported(data):
        raise PictureError(f"{name}: {reason}")
    try:
        with _open_lock, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about EXIF that `decode` reads itself, and sizes it checks itself
            image = Image.open(io.BytesIO(animation.prepared(data)), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise PictureError(f"{name}: more than {MAX_PIXELS} pixels; scale it down") from error
    except _DAMAGE as error:
        raise _unopened(data, name, error) from error
    if image.width * image.height > MAX_PIXELS:
        raise PictureError(f"{name}: {image.width}x{image.height}, more than {MAX_PIXELS} pixels; scale it down")
    return image


def _unopened(data: bytes, name: str, error: BaseException) -> PictureError:
    if str(error).startswith(_UNSUPPORTED_BMP):
        return PictureError(f"{name}: a BMP that is not read here ({_one_line(error)}); save it as PNG")
    if data.startswith(_SIGNATURES) or (data.startswith(b"RIFF") and data[8:12] == b"WEBP"):
        return PictureError(f"{name}: damaged, its header cannot be read; copy or save it again")
    return PictureError(f"{name}: {foreign_kind(data)}, {', '.join(FORMATS)} are read here; convert it or leave it out")


def _raw_mode(image: ImageFile.ImageFile) -> str | None:
    """How the file stores its pixels, which Pillow's mode does not say: it turns 16-bit RGB into 8 bits silently."""
    arguments = image.tile[0].args if image.tile else None
    if isinstance(arguments, tuple):
        arguments = next(iter(arguments), None)
    return arguments if isinstance(arguments, str) else None


def _repair(image: ImageFile.ImageFile, raw_mode: str | None) -> None:
    """Where Pillow is more lenient, or less exact, than the PNG standard; ValueError for what cannot be repaired."""
    if image.mode == "P" and image.palette is None:
        raise ValueError("its palette is missing")
    if raw_mode in _GREY_LEVELS and "transparency" in image.info:
        # Pillow spreads 2 and 4 bits of grey over 0..255, but not the transparent level.
        levels = _GREY_LEVELS[raw_mode]
        image.info["transparency"] = image.info["transparency"] % levels * (255 // (levels - 1))


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
