"""Files that are no pictures here: named truly, and never called damaged where they may be whole."""

import struct
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

from metadata import picture
from metadata.errors import PictureError
from metadata.picture_kind import foreign_kind
from tests.golden.preprocess import paint


def container(major: bytes, *compatible: bytes) -> bytes:
    """The first box of an ISO base media file, and the beginning of the next one."""
    box = b"ftyp" + major + bytes(4) + b"".join(compatible)
    return struct.pack(">I", len(box) + 4) + box + b"\0\0\0\x08free" + b"heic"


def bmp(bits: int, compression: int, *masks: int, header: int = 40, pixels: bytes = bytes(8)) -> bytes:
    """A BMP of one row of two pixels."""
    info = struct.pack("<IiiHHIIiiII", header, 2, 1, 1, bits, compression, len(pixels), 0, 0, 0, 0)
    info += struct.pack(f"<{len(masks)}I", *masks)
    start = 14 + len(info)
    return b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start) + info + pixels


def jpeg(marker: int = 0xC0, precision: int = 8, channels: int = 3) -> bytes:
    """A JPEG whose frame claims something else than what follows it."""
    data = bytearray(paint.encoded(paint.smooth(16, 16), "jpg"))
    frame = data.index(b"\xff\xc0")
    data[frame + 1], data[frame + 4], data[frame + 9] = marker, precision, channels
    return bytes(data)


def levels(image: Image.Image) -> list[list[list[int]]]:
    decoded: list[list[list[int]]] = np.asarray(image).tolist()
    return decoded


def refusal(data: bytes) -> str:
    with pytest.raises(PictureError) as refused:
        picture.decode(data, "photo")
    return str(refused.value)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (container(b"heic", b"mif1", b"heic"), "HEIF"),
        (container(b"mif1", b"heic"), "HEIF"),
        (container(b"avif", b"avif", b"mif1"), "AVIF"),
        (container(b"isom", b"isom", b"avc1", b"mp41"), "video"),
        (container(b"mp42", b"mp42", b"isom"), "video"),
        (container(b"qt  ", b"qt  "), "video"),
        (container(b"crx ", b"crx ", b"isom"), "camera raw"),
        (b"\0\0\0\x18ftyp", "video"),
        (b"II*\0\x08\0\0\0", "TIFF or camera raw"),
        (b"MM\0*\0\0\0\x08", "TIFF or camera raw"),
        (b"\xff\x0a\xfa\x7f", "JPEG XL"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (b"8BPS\0\1", "Photoshop"),
        (b"%PDF-1.7", "PDF"),
        (b"\n<!DOCTYPE html><html>", "web page"),
        (b"<html><body>404", "web page"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "no picture"),
        (b"version https://git-lfs", "no picture"),
    ],
)
def test_a_file_of_another_kind_is_named_by_what_it_is(data: bytes, kind: str) -> None:
    assert foreign_kind(data) == kind
    assert refusal(data) == f"photo: {kind}, JPEG, PNG, WEBP, GIF, BMP are read here; convert it or leave it out"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (jpeg(0xC1, precision=12), "12 bits a channel, 8 are read here; save it with 8"),
        (jpeg(0xC3), "a lossless or hierarchical JPEG (frame C3) is not read here; save it as ordinary JPEG"),
        (jpeg(channels=2), "2 channels, grey or RGB is read here; save it as RGB"),
        (bmp(8, 1), "a run-length encoded BMP is not read here; save it as PNG"),
        (bmp(4, 2), "a run-length encoded BMP is not read here; save it as PNG"),
        (bmp(32, 3, 0, 0, 0, 0, header=56), "a BMP without bit fields is not read here; save it as PNG"),
        (
            bmp(32, 3, 0x3FF00000, 0xFFC00, 0x3FF),
            "a BMP that is not read here (Unsupported BMP bitfields layout); save it as PNG",
        ),
        (bmp(24, 5), "a BMP that is not read here (Unsupported BMP compression (5)); save it as PNG"),
        (bmp(2, 0), "a BMP that is not read here (Unsupported BMP pixel depth (2)); save it as PNG"),
    ],
)
def test_what_may_be_whole_is_unsupported_and_not_damaged(data: bytes, reason: str) -> None:
    assert refusal(data) == f"photo: {reason}"


def test_bit_fields_that_are_whole_bytes_are_read() -> None:
    data = bmp(32, 3, 0xFF0000, 0xFF00, 0xFF, pixels=bytes([1, 2, 3, 0, 250, 251, 252, 0]))
    assert levels(picture.decode(data)) == [[[3, 2, 1], [252, 251, 250]]]


@pytest.mark.parametrize(("masks", "bits"), [((), (5, 5, 5)), ((0xF800, 0x7E0, 0x1F), (5, 6, 5))])
def test_sixteen_bits_a_pixel_become_the_nearest_levels_as_on_phones(
    masks: tuple[int, ...], bits: Sequence[int]
) -> None:
    """As on phones; Pillow rounds down."""
    colours = [(5, 17, 31), (30, 1, 8)]
    pixels = b"".join(struct.pack("<H", (r << bits[1] | g) << bits[2] | b) for r, g, b in colours)
    expected = [[round(v * 255 / (2**n - 1)) for v, n in zip(colour, bits, strict=True)] for colour in colours]
    assert levels(picture.decode(bmp(16, 3 if masks else 0, *masks, pixels=pixels))) == [expected]


def test_the_alpha_of_a_third_version_bmp_is_padding_as_on_phones() -> None:
    """Photoshop leaves it 0; as alpha it would make the picture white."""
    masks = 0xFF0000, 0xFF00, 0xFF, 0xFF000000
    pixels = bytes([1, 2, 3, 0, 250, 251, 252, 128])
    assert levels(picture.decode(bmp(32, 3, *masks, header=56, pixels=pixels))) == [[[3, 2, 1], [252, 251, 250]]]


def test_an_ordinary_jpeg_and_its_kin_are_read() -> None:
    whole = paint.encoded(paint.smooth(16, 16), "jpg")
    assert picture.decode(whole).size == picture.decode(jpeg(0xC1)).size == (16, 16)
    assert picture.decode(paint.encoded(paint.smooth(16, 16), "jpg", progressive=True)).size == (16, 16)
