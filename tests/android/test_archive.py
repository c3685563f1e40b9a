"""The packager's zip: its entries are aligned so that a phone can map them."""

import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from android_app.desktop.apk import archive
from android_app.desktop.apk.check import page_bytes


def test_stored_entries_begin_at_multiples_of_their_alignment(tmp_path: Path) -> None:
    target = tmp_path / "made.apk"
    with zipfile.ZipFile(target, "w") as apk:
        archive.add(apk, "classes.dex", b"packed well " * 999, stored=False)
        archive.add(apk, "assets/models/one.tflite", b"model", stored=True)
        archive.add(apk, "lib/arm64-v8a/libone.so", b"library", stored=True)
        archive.add(apk, "lib/arm64-v8a/libtwo.so", b"library", stored=True)
    starts = archive.offsets(target)
    assert set(starts) == {"assets/models/one.tflite", "lib/arm64-v8a/libone.so", "lib/arm64-v8a/libtwo.so"}
    assert all(start % archive.alignment_of(name) == 0 for name, start in starts.items())
    data = target.read_bytes()
    assert data[starts["lib/arm64-v8a/libtwo.so"] :].startswith(b"library")
    with zipfile.ZipFile(target) as apk:
        assert apk.testzip() is None


@given(start=st.integers(0, 1 << 40), alignment=st.sampled_from([4, archive.PAGE]))
def test_padding_moves_any_start_to_the_next_multiple(start: int, alignment: int) -> None:
    extra = archive.padding(start, alignment)
    kind, size_bytes, field_alignment = struct.unpack_from("<HHH", extra)
    assert (kind, size_bytes, field_alignment) == (0xD935, len(extra) - 4, alignment)
    assert (start + len(extra)) % alignment == 0
    assert len(extra) < alignment + 6


@pytest.mark.parametrize("pages", [(0x1000, 0x4000), (0x4000, 0x10000)])
def test_the_page_size_of_a_library_is_its_smallest_loaded_segment(pages: tuple[int, int]) -> None:
    header = bytearray(64)
    header[:5] = b"\x7fELF\x02"
    struct.pack_into("<Q", header, 32, 64)
    struct.pack_into("<HH", header, 54, 56, 3)
    segments = b"".join(struct.pack("<II40xQ", kind, 0, page) for kind, page in ((1, pages[0]), (1, pages[1]), (2, 8)))
    assert page_bytes(bytes(header) + segments) == min(pages)
