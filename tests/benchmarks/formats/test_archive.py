"""Input archives: written once from an evaluation set, and read as if anybody had written them."""

import hashlib
import io
import struct
import tracemalloc
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from benchmarks.formats import inputs
from benchmarks.formats.archive import MAX_ENTRY_BYTES, ArchiveReader, write_images, write_tensors
from benchmarks.formats.classifier import Classifier
from benchmarks.formats.errors import InputsError, ModelError, StorageError
from benchmarks.formats.inputs import Inputs
from benchmarks.formats.job import MAX_COUNT, InputKind
from metadata import picture, preprocess
from tests.golden.jobs.__main__ import MODELS
from tests.golden.jobs.cases import stored

PICTURES = MODELS.parent / "preprocess" / "files"
NAMES = ("tables.png", "orientation_6.png", "jpeg_420_orientation_6.jpg")


def model(name: str) -> Classifier:
    return Classifier.of((MODELS / f"{name}.tflite").read_bytes())


def photographs(folder: Path) -> Inputs:
    entries = [(f"a class/{name}", (PICTURES / name).read_bytes(), None) for name in NAMES]
    return inputs.write(folder, entries)


def entries_of(path: Path, count: int) -> list[tuple[str, bytes]]:
    with path.open("rb") as file:
        return list(ArchiveReader(file, count))


def opened(data: bytes, count: int) -> list[tuple[str, bytes]]:
    return list(ArchiveReader(io.BytesIO(data), count))


def test_pictures_travel_as_they_are_without_the_folders_they_came_from(tmp_path: Path) -> None:
    written = write_images(photographs(tmp_path), tmp_path / "job.zip")
    assert written.kind is InputKind.IMAGES
    assert written.names == ("00000.png", "00001.png", "00002.jpg")
    found = entries_of(written.path, 3)
    assert found == [
        (name, (PICTURES / source).read_bytes()) for name, source in zip(written.names, NAMES, strict=True)
    ]
    data = written.path.read_bytes()
    assert (written.sha256, written.size_bytes) == (hashlib.sha256(data).hexdigest(), len(data))


@pytest.mark.parametrize("name", ["colour_fp32", "colour_fp16", "colour_int8", "digit_int8"])
def test_tensors_are_what_the_model_is_fed_in_its_own_type(name: str, tmp_path: Path) -> None:
    classifier = model(name)
    written = write_tensors(photographs(tmp_path), classifier, tmp_path / "job.zip")
    assert written.names == ("00000.tensor", "00001.tensor", "00002.tensor")
    for (_, data), source in zip(entries_of(written.path, 3), NAMES, strict=True):
        tensor = preprocess.tensor(picture.decode(PICTURES / source), classifier.preprocess, classifier.quantization)
        assert tensor.dtype == classifier.input.dtype
        assert data == tensor.astype(tensor.dtype.newbyteorder("<")).tobytes()


def test_raw_pixels_keep_their_name_s_ending_and_become_tensors_too(tmp_path: Path) -> None:
    raw = bytes(range(256)) * 3 + bytes(16)
    digits = inputs.write(tmp_path, [("00000.raw", raw, 5)])
    assert entries_of(write_images(digits, tmp_path / "images.zip").path, 1) == [("00000.raw", raw)]
    ((_, tensor),) = entries_of(write_tensors(digits, model("digit_fp32"), tmp_path / "tensors.zip").path, 1)
    assert np.allclose(np.frombuffer(tensor, "<f4"), np.frombuffer(raw, np.uint8) / np.float32(255))


def test_the_same_inputs_make_the_same_bytes(tmp_path: Path) -> None:
    source = photographs(tmp_path)
    one, other = (write_tensors(source, model("colour_fp32"), tmp_path / name) for name in ("a.zip", "b.zip"))
    assert one.sha256 == other.sha256


def test_a_model_that_cannot_say_how_it_is_fed_leaves_no_archive(tmp_path: Path) -> None:
    with pytest.raises(
        ModelError,
        match="does not say how a picture becomes its input: the file does not say how pixels are normalised",
    ):
        write_tensors(photographs(tmp_path), model("bare_fp32"), tmp_path / "job.zip")
    assert not list(tmp_path.glob("*job.zip*"))


def test_an_input_beyond_the_limit_leaves_no_archive(tmp_path: Path) -> None:
    source = inputs.write(tmp_path, [("a.png", bytes(MAX_ENTRY_BYTES + 1), None)])
    with pytest.raises(InputsError, match=f"00000.png has {MAX_ENTRY_BYTES + 1} bytes, more than {MAX_ENTRY_BYTES}"):
        write_images(source, tmp_path / "job.zip")
    assert not list(tmp_path.glob("*job.zip*"))


def test_no_inputs_are_no_archive(tmp_path: Path) -> None:
    with pytest.raises(InputsError, match="0 inputs, a job takes 1 to 100000"):
        write_images(inputs.write(tmp_path, []), tmp_path / "job.zip")


def test_a_folder_that_takes_no_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written, No such file or directory; free some space"):
        write_images(photographs(tmp_path), tmp_path / "missing" / "job.zip")


def test_an_archive_is_never_in_memory_as_a_whole(tmp_path: Path) -> None:
    """200 inputs of 100 KB: neither side holds more than a quarter of them, whatever other threads hold then."""
    source = inputs.write(
        tmp_path, ((f"{index}.png", index.to_bytes(2, "little") * 50_000, None) for index in range(200))
    )
    tracemalloc.start()
    written = write_images(source, tmp_path / "job.zip")
    with written.path.open("rb") as file:
        assert sum(len(data) for _, data in ArchiveReader(file, 200)) == 20_000_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


def test_more_entries_than_a_plain_zip_can_count_are_read() -> None:
    """Beyond 65,535 entries the directory's size stands in the ZIP64 record."""
    data = stored({f"{index:05d}.raw": b"x" for index in range(70_000)})
    assert len(opened(data, 70_000)) == 70_000
    with pytest.raises(InputsError, match="bytes of names, more than 10 entries need"):
        opened(data, 10)


def patched(offset: int, value: bytes, mark: bytes = b"PK\1\2") -> bytes:
    """An archive of one PNG with `value` at `offset` of the central directory, or of another record."""
    data = bytearray(stored({"a.png": b"0123456789"}))
    start = data.rindex(mark)
    data[start + offset : start + offset + len(value)] = value
    return bytes(data)


def named(name: str) -> bytes:
    return stored({name: b"x"})


def twice() -> bytes:
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w") as zipped:
        warnings.simplefilter("ignore")  # that is what is wrong with it
        for data in ("x", "y"):
            zipped.writestr("same.png", data)
    return file.getvalue()


def big(size_bytes: int) -> bytes:
    return struct.pack("<L", size_bytes)


BAD: dict[str, tuple[Callable[[], bytes], int, str]] = {
    "nothing": (lambda: b"", 1, "does not end as a zip"),
    "text": (lambda: b"this is no archive" * 10, 1, "does not end as a zip"),
    "no-entries": (lambda: stored({}), 1, "has 0 entries, its job says 1"),
    "more-entries": (lambda: stored({"a": b"", "b": b""}), 1, "has 2 entries, its job says 1"),
    "fewer-entries": (lambda: stored({"a": b""}), 2, "has 1 entries, its job says 2"),
    "compressed": (lambda: stored({"a.png": b"x" * 99}, zipfile.ZIP_DEFLATED), 1, "'a.png' is compressed"),
    "bzip2": (lambda: stored({"a.png": b"x" * 99}, zipfile.ZIP_BZIP2), 1, "'a.png' is compressed"),
    "encrypted": (lambda: patched(8, b"\1"), 1, "'a.png' is encrypted"),
    "folder": (lambda: named("a/b.png"), 1, "'a/b.png' is not a bare name"),
    "only-folder": (lambda: named("a/"), 1, "'a/' is not a bare name"),
    "parent": (lambda: named(".."), 1, "'..' is not a bare name"),
    "above": (lambda: named("../a.png"), 1, "is not a bare name"),
    "absolute": (lambda: named("/a.png"), 1, "is not a bare name"),
    "backslash": (lambda: named("a\\b.png"), 1, "is not a bare name"),
    "drive": (lambda: named("c:a.png"), 1, "is not a bare name"),
    "control": (lambda: named("a\nb.png"), 1, r"'a\\nb.png' is not a bare name"),
    "nul": (lambda: patched(46, b"a\0png"), 1, "is not a bare name"),
    "long-name": (lambda: named("a" * 256), 1, "is not a bare name"),
    "same-names": (twice, 2, "names that repeat"),
    "huge": (lambda: patched(20, big(MAX_ENTRY_BYTES + 1) * 2), 1, "64000001 bytes, more than 64000000"),
    "lying": (lambda: patched(20, big(1_000_000) * 2), 1, "do not lie one after the other"),
    "lying-below": (lambda: patched(20, big(5) * 2), 1, "entry a.png is damaged"),
    "sizes-differ": (lambda: patched(24, big(11)), 1, "'a.png' is compressed"),
    "checksum": (lambda: patched(16, b"0000"), 1, "entry a.png is damaged"),
    "other-local-name": (lambda: patched(30, b"b", b"PK\3\4"), 1, "entry a.png is damaged"),
    "prefixed": (lambda: b"#!/bin/sh\n" + named("a.png"), 1, "do not lie one after the other"),
    "comment": (lambda: named("a.png")[:-2] + b"\3\0abc", 1, "does not end as a zip without a comment does"),
    "cut": (lambda: named("a.png")[:-1], 1, "does not end as a zip"),
    "directory-size": (lambda: patched(12, big(0xFFFFFFFF), b"PK\5\6"), 1, "4294967295 bytes of names"),
    "directory-offset": (lambda: patched(16, big(0xFFFFFF), b"PK\5\6"), 1, "do not lie one after the other"),
    "newer": (lambda: patched(6, b"\xff"), 1, "cannot be read"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_archive_is_refused_in_one_line(name: str) -> None:
    make, count, words = BAD[name]
    with pytest.raises(InputsError, match=words) as caught:
        opened(make(), count)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith("; make the archive again")


def test_a_name_that_runs_on_into_the_data_is_not_told_whole() -> None:
    data = bytearray(stored({"a.png": bytes(60_000)}))
    struct.pack_into("<H", data, 26, 40_000)  # the length of the name in the entry's own header
    with pytest.raises(InputsError, match=r"entry a\.png is damaged") as caught:
        ArchiveReader(io.BytesIO(data), 1).read("a.png")
    assert len(str(caught.value)) < 500


def test_an_entry_that_is_not_there_is_named() -> None:
    with pytest.raises(InputsError, match=r"no entry 'b\.png'"):
        ArchiveReader(io.BytesIO(named("a.png")), 1).read("b.png")


WHOLE = stored({"a.png": b"0123456789", "b.png": zlib.compress(b"x" * 500)})


@given(
    st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=4), st.integers(0, 60)
)
def test_damaged_archives_give_the_whole_entries_or_an_error(changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(WHOLE)
    for offset, value in changes:
        data[offset] = value
    try:
        found = opened(bytes(data[: len(data) - cut]), 2)
    except InputsError as error:
        assert "\n" not in str(error)
    else:
        assert [content for _, content in found] == [b"0123456789", zlib.compress(b"x" * 500)]


def test_the_limits_are_those_of_the_page() -> None:
    page = (Path(__file__).parents[3] / "docs" / "formats.md").read_text("utf-8")
    page = " ".join(page.split())
    assert "more than 100,000 entries, when an entry is over 64 MB" in page
    assert (MAX_COUNT, MAX_ENTRY_BYTES) == (100_000, 64_000_000)
    assert Image.MAX_IMAGE_PIXELS == 200_000_000
