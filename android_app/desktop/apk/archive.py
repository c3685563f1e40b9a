"""A zip that a phone can map into memory: its stored entries are aligned.

Android maps stored files directly from the APK. Resources and models need multiples of 4 bytes, native libraries of
memory pages, 16 KB on newer phones. Padding goes into the extra field 0xD935, as Android's own tools do it: its data is
the alignment, then zeros.
"""

import struct
import zipfile
from pathlib import Path

ALIGNMENT_FIELD = 0xD935
LOCAL_HEADER_BYTES = 30
DIRECTORY_RECORD_BYTES = 46
FIELD_HEADER_BYTES = 6
WORD = 4
PAGE = 16384
EPOCH = (1981, 1, 1, 1, 1, 2)
"""The date that Android's tools give every entry, so that equal inputs give equal APKs."""


def alignment_of(name: str) -> int:
    """The alignment of a stored entry of this name, in bytes."""
    return PAGE if name.endswith(".so") else WORD


def add(apk: zipfile.ZipFile, name: str, data: bytes, stored: bool) -> None:
    """Append an entry, aligned when it is stored."""
    info = zipfile.ZipInfo(name, EPOCH)
    info.external_attr = 0o644 << 16
    info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    if stored:
        if apk.fp is None:
            raise ValueError(f"{apk.filename} is closed")
        info.extra = padding(apk.fp.tell() + LOCAL_HEADER_BYTES + len(name.encode()), alignment_of(name))
    apk.writestr(info, data)


def padding(start: int, alignment: int) -> bytes:
    """An extra field after which `start` has moved to a multiple of `alignment`."""
    zeros = -(start + FIELD_HEADER_BYTES) % alignment
    return struct.pack("<HHH", ALIGNMENT_FIELD, 2 + zeros, alignment) + bytes(zeros)


def entry_sizes(path: Path) -> dict[str, int]:
    """The bytes of the file that each entry takes: header, padding, data, and its record in the directory."""
    with zipfile.ZipFile(path) as apk:
        entries = sorted(apk.infolist(), key=lambda info: info.header_offset)
        ends = [info.header_offset for info in entries[1:]] + [apk.start_dir]
    listed = [DIRECTORY_RECORD_BYTES + len(info.filename.encode()) + len(info.extra) for info in entries]
    return {
        info.filename: end - info.header_offset + line for info, end, line in zip(entries, ends, listed, strict=True)
    }


def offsets(path: Path) -> dict[str, int]:
    """The position in the file of each stored entry's data."""
    found = {}
    with zipfile.ZipFile(path) as apk, path.open("rb") as file:
        for info in apk.infolist():
            if info.compress_type == zipfile.ZIP_STORED:
                file.seek(info.header_offset + 26)
                name_bytes, extra_bytes = struct.unpack("<HH", file.read(4))
                found[info.filename] = info.header_offset + LOCAL_HEADER_BYTES + name_bytes + extra_bytes
    return found
