"""What a file is that is not read as a picture, by its bytes. Nothing is decoded.

`foreign_kind` names a file of another format. `unsupported` says why a whole file of a format that is read cannot be:
phones and this computer would decode it differently, or one of them not at all.
"""

from collections.abc import Iterator

_CONTAINER = b"ftyp"
_BRANDS = {
    "AVIF": {b"avif", b"avis"},
    "HEIF": {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"},
    "camera raw": {b"crx "},
}
"""Of ISO base media files, which videos are too (ISO/IEC 23008-12; libavif's and Skia's lists)."""

_SIGNATURES = {
    b"II*\0": "TIFF or camera raw",
    b"MM\0*": "TIFF or camera raw",
    b"\xff\x0a": "JPEG XL",
    b"\0\0\0\x0cJXL ": "JPEG XL",
    b"\0\0\0\x0cjP  ": "JPEG 2000",
    b"\xff\x4f\xff\x51": "JPEG 2000",
    b"8BPS": "Photoshop",
    b"\0\0\1\0": "icon",
    b"%PDF": "PDF",
    b"PK\3\4": "zip archive",
    b"<svg": "SVG",
    b"<!doctype": "web page",
    b"<html": "web page",
}

_BITS = 8
_MARK = b"\xff"
_SEGMENTLESS = frozenset({0x00, 0x01, 0xFF, *range(0xD0, 0xD9)})
_SCAN_OR_END = frozenset({0xD9, 0xDA})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_READ_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})
"""Baseline, extended and progressive, with Huffman or arithmetic coding; others are lossless or hierarchical."""

_BMP_INFO_BYTES, _BMP_RUN_LENGTHS, _BMP_BIT_FIELDS = 40, (1, 2), 3


def foreign_kind(data: bytes) -> str:
    """What a file is that does not begin like a picture of a format that is read: "HEIF", "video", "no picture"."""
    if data[4:8] == _CONTAINER:
        brands = list(_brands(data))
        return next((kind for brand in brands for kind, known in _BRANDS.items() if brand in known), "video")
    start = data.lstrip()[:16].lower() if data[:1] in (b"<", b" ", b"\n", b"\r", b"\t") else data[:16]
    return next((kind for signature, kind in _SIGNATURES.items() if start.startswith(signature)), "no picture")


def _brands(data: bytes) -> Iterator[bytes]:
    """The major brand of an ISO base media file, then those it is compatible with."""
    yield data[8:12]
    for at in range(16, min(int.from_bytes(data[:4], "big"), len(data)) - 3, 4):
        yield data[at : at + 4]


def unsupported(data: bytes) -> str | None:
    """Why a JPEG or BMP that may be whole is not read, and what to do; None for any other file."""
    if data.startswith(b"\xff\xd8\xff"):
        return _unsupported_jpeg(data)
    if data.startswith(b"BM") and _little(data, 14) >= _BMP_INFO_BYTES:
        if _little(data, 30) in _BMP_RUN_LENGTHS:
            return "a run-length encoded BMP is not read here; save it as PNG"
        if _little(data, 30) == _BMP_BIT_FIELDS and not any(data[54:66]):
            return "a BMP without bit fields is not read here; save it as PNG"
    return None


def _unsupported_jpeg(data: bytes) -> str | None:
    """What its frame says (ITU-T T.81, B.2.2); None where no frame is found, and for CMYK, which decodes."""
    at = data.find(_MARK, 2)
    while 0 <= at <= len(data) - 10:
        marker = data[at + 1]
        if marker in _SCAN_OR_END:
            return None
        if marker in _FRAMES:
            return _unsupported_frame(marker, precision=data[at + 4], channels=data[at + 9])
        segment = 1 if marker in _SEGMENTLESS else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        at = data.find(_MARK, at + segment)
    return None


def _unsupported_frame(marker: int, precision: int, channels: int) -> str | None:
    if marker not in _READ_FRAMES:
        return f"a lossless or hierarchical JPEG (frame {marker:02X}) is not read here; save it as ordinary JPEG"
    if precision != _BITS:
        return f"{precision} bits a channel, {_BITS} are read here; save it with {_BITS}"
    return None if channels in (1, 3, 4) else f"{channels} channels, grey or RGB is read here; save it as RGB"


def _little(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")
