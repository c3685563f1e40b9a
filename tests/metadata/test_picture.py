"""From encoded bytes to upright RGB: order, orientation, alpha, and every refusal as one line."""

import io
import re
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from metadata import exif, picture
from metadata.errors import PictureError
from tests.golden.preprocess import paint

NOISE = paint.noise("test_picture", 13, 7)


def same(left: Image.Image, right: Image.Image) -> bool:
    """Whether two pictures are equal in mode, size and every level."""
    return left.mode == right.mode and left.size == right.size and left.tobytes() == right.tobytes()


def chunk(kind: bytes, data: bytes) -> bytes:
    """One PNG chunk."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def raw_png(size: tuple[int, int], bits: int, colour_type: int, rows: bytes, *extra: bytes) -> bytes:
    """A PNG of our own making, for what Pillow does not write; `rows` hold their filter bytes."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, bits, colour_type, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_a_plain_picture_comes_back_as_it_is() -> None:
    assert same(picture.decode(paint.encoded(NOISE, "png")), NOISE)


def test_a_path_and_its_bytes_give_the_same_picture(tmp_path: Path) -> None:
    data = paint.encoded(NOISE, "jpg")
    (tmp_path / "photo.jpg").write_bytes(data)
    assert same(picture.decode(tmp_path / "photo.jpg"), picture.decode(data))


def test_a_jpeg_is_decoded_at_its_full_size() -> None:
    assert picture.decode(paint.encoded(paint.smooth(640, 480), "jpg")).size == (640, 480)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_agrees_with_pillow_s_own_transposition(orientation: int, suffix: str) -> None:
    data = paint.encoded(NOISE, suffix, orientation)
    with Image.open(io.BytesIO(data)) as image:
        expected = ImageOps.exif_transpose(image).convert("RGB")
    assert same(picture.decode(data), expected)


def test_exif_that_follows_the_pixels_of_a_png_counts() -> None:
    directory = b"MM\x00*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, 6, 0, 0)
    data = paint.encoded(NOISE, "png")
    data = data.replace(chunk(b"IEND", b""), chunk(b"eXIf", directory) + chunk(b"IEND", b""))
    assert same(picture.decode(data), NOISE.transpose(Image.Transpose.ROTATE_270))


def test_both_byte_orders_of_exif_are_read() -> None:
    for mark, order in ((b"II*\x00", "<"), (b"MM\x00*", ">")):
        block = mark + struct.pack(f"{order}IHHHIHHI", 8, 1, 0x0112, 3, 1, 8, 0, 0)
        assert exif.orientation(block) == exif.orientation(b"Exif\x00\x00" + block) == 8


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"Exif\x00\x00",
        b"no TIFF header",
        b"MM\x00*\x00\x00",
        b"MM\x00*" + struct.pack(">I", 4_000_000_000),
        b"MM\x00*" + struct.pack(">IH", 8, 65535),
        b"MM\x00*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, 9, 0, 0),
        b"MM\x00*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, 0, 0, 0),
        b"MM\x00*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 2, 1, 6, 0, 0),
    ],
)
def test_broken_exif_means_upright_and_stays_silent(block: bytes) -> None:
    assert exif.orientation(block) == exif.UPRIGHT
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert picture.decode(paint.encoded(NOISE, "jpg", exif=block)).size == NOISE.size
    assert not caught


def test_alpha_is_composited_by_the_stated_formula_at_every_level() -> None:
    level, alpha = np.meshgrid(np.arange(256), np.arange(256))
    rgba = Image.fromarray(np.stack([level, level, level, alpha], axis=-1).astype(np.uint8))
    stated = (level * alpha + 255 * (255 - alpha) + 127) // 255
    assert np.array_equal(np.asarray(picture.upright(rgba)), np.stack([stated] * 3, axis=-1))
    assert np.array_equal(stated, np.rint((level * alpha + 255 * (255 - alpha)) / 255))


def test_alpha_agrees_with_pillow_s_compositing_within_a_level() -> None:
    rgba = paint.noise("alpha", 64, 64, 4)
    other = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
    assert np.abs(np.asarray(picture.upright(rgba), int) - np.asarray(other, int)).max() <= 1


def test_alpha_comes_before_the_turn() -> None:
    rgba = paint.noise("alpha", 9, 5, 4)
    flat = picture.upright(rgba)
    assert same(picture.upright(rgba, 6), flat.transpose(Image.Transpose.ROTATE_270))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA"])
def test_every_eight_bit_mode_becomes_rgb(mode: str) -> None:
    image = paint.noise("modes", 9, 5, 4).convert("RGB").convert(mode)
    assert same(picture.upright(image), image.convert("RGB"))


def test_a_palette_with_alpha_is_composited_without_a_warning() -> None:
    image = paint.palette("palette", 20, 10)
    faded = paint.encoded(image, "png", transparency=bytes(range(0, 256, 16)))
    with Image.open(io.BytesIO(faded)) as opened:
        expected = picture.upright(opened.convert("RGBA"))
    assert same(picture.decode(faded), expected)
    assert not same(picture.decode(faded), image.convert("RGB"))


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_the_transparent_level_of_a_grey_png_is_found_at_every_depth(bits: int) -> None:
    """Pillow spreads 2 and 4 bits over 0..255 without spreading the transparent level."""
    levels = min(1 << bits, 8)
    row = int("".join(f"{level:0{bits}b}" for level in range(levels)).ljust(64, "0"), 2).to_bytes(8, "big")
    data = raw_png((levels, 1), bits, 0, b"\x00" + row[: -(-levels * bits // 8)], chunk(b"tRNS", b"\x00\x01"))
    expected = [level * 255 // ((1 << bits) - 1) for level in range(levels)]
    expected[1] = 255
    assert np.asarray(picture.decode(data))[0, :, 0].tolist() == expected


def test_a_colour_profile_changes_nothing() -> None:
    assert same(picture.decode(paint.encoded(NOISE, "png", icc_profile=b"any profile at all")), NOISE)


def test_the_first_of_several_frames_counts() -> None:
    first, second = paint.palette("first", 12, 8), paint.palette("second", 12, 8)
    data = paint.encoded(first, "gif", save_all=True, append_images=[second])
    assert same(picture.decode(data), first.convert("RGB"))


def refusal(source: Path | bytes, name: str | None = "photo") -> str:
    """The one line a refused picture is refused with."""
    with pytest.raises(PictureError) as caught:
        picture.decode(source, name)
    message = str(caught.value)
    assert "\n" not in message
    assert re.fullmatch(r"[^;]+; [^;]+", message), "what and got, then what to do"
    return message


@pytest.mark.parametrize(
    ("colour_type", "pixel_bytes", "kind"), [(0, 2, "I"), (2, 6, "RGB"), (4, 4, "LA"), (6, 8, "RGBA")]
)
def test_sixteen_bits_are_refused_by_name(colour_type: int, pixel_bytes: int, kind: str) -> None:
    data = raw_png((1, 1), 16, colour_type, bytes(1 + pixel_bytes))
    assert refusal(data) == f"photo: 16 bits a channel ({kind}), 8 are read here; save it with 8"


def test_cmyk_is_refused_by_name() -> None:
    assert "colour mode CMYK" in refusal(paint.encoded(NOISE.convert("CMYK"), "jpg"))


@pytest.mark.parametrize("mode", ["F", "I", "I;16", "CMYK", "YCbCr", "HSV", "LAB"])
def test_other_modes_are_refused_by_name(mode: str) -> None:
    with pytest.raises(PictureError, match=f"^picture: colour mode {mode}, .*; save it as RGB$"):
        picture.upright(Image.new(mode, (2, 2)))


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"", "photo: empty, 0 bytes; copy it again"),
        (b"hello", "photo: no picture, JPEG, PNG, WEBP, GIF, BMP are read here; convert it or leave it out"),
        (b"%!PS-Adobe-3.0", "photo: no picture, JPEG, PNG, WEBP, GIF, BMP are read here; convert it or leave it out"),
        (
            b"\x00\x00\x00\x18ftypheic",
            "photo: HEIF, JPEG, PNG, WEBP, GIF, BMP are read here; convert it or leave it out",
        ),
        (b"\xff\xd8\xff\xe0", "photo: damaged, its header cannot be read; copy or save it again"),
    ],
)
def test_what_is_no_picture_is_refused(data: bytes, line: str) -> None:
    assert refusal(data) == line


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "gif", "bmp"])
def test_a_truncated_picture_is_damaged(suffix: str) -> None:
    data = paint.encoded(NOISE, suffix)
    assert refusal(data[: len(data) * 3 // 4]).startswith("photo: damaged, ")


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "gif", "bmp"])
def test_damaged_bytes_are_a_picture_or_one_clear_line(suffix: str) -> None:
    whole, random = paint.encoded(NOISE, suffix), paint.random(f"damage {suffix}")
    for _ in range(150):
        data = bytearray(whole)
        for at in random.integers(0, len(data), 4):
            data[at] = random.integers(0, 256)
        try:
            assert picture.decode(bytes(data)).mode == "RGB"
        except PictureError:
            refusal(bytes(data))


@pytest.mark.parametrize(
    "extra",
    [[], [chunk(b"PLTE", bytes(6)), chunk(b"tRNS", bytes(257))]],
    ids=["no palette", "more alphas than colours"],
)
def test_a_palette_that_cannot_be_is_damaged(extra: list[bytes]) -> None:
    assert refusal(raw_png((2, 1), 8, 3, bytes(3), *extra)).startswith("photo: damaged, ")


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    missing, folder = tmp_path / "gone.png", tmp_path / "folder.png"
    folder.mkdir()
    assert refusal(missing, None).startswith(f"{missing}: cannot be read, No such file")
    assert refusal(folder, None).startswith(f"{folder}: cannot be read, Is a directory")


@pytest.mark.parametrize(("width", "height"), [(20_000, 10_001), (60_000, 60_000)])
def test_a_decompression_bomb_is_refused_before_its_pixels_are_read(width: int, height: int) -> None:
    line = refusal(raw_png((width, height), 8, 2, b""))
    assert line.endswith("more than 200000000 pixels; scale it down")


def test_the_largest_phone_picture_passes_the_size_check_without_a_warning() -> None:
    """A 200-megapixel header over too few pixels: the missing pixels are what is wrong, not the size."""
    assert refusal(raw_png((16_320, 12_240), 1, 0, b"")).startswith("photo: damaged, ")


def test_a_nameless_picture_is_called_picture() -> None:
    assert refusal(b"", None) == "picture: empty, 0 bytes; copy it again"
