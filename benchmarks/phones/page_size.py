"""For which size of memory pages an APK's native libraries are built. Bytes in, values out.

A library loads only where every segment that is mapped is aligned to a page. Source: elf(5); the linker's check is in
linker_phdr.cpp in the Android Open Source Project, bionic.
"""

import struct
import zipfile
from pathlib import Path

LOAD = 1
HEAD_BYTES = 1 << 16
"""Program headers follow the file's header directly."""
PROGRAM_HEADERS = struct.Struct("<32xQ14xHH")
"""Of an ELF file of 64 bit: where they begin, how large one is, how many there are."""
SEGMENT = struct.Struct("<I44xQ")
"""Type and alignment of one."""


def built_for_pages_of(apk: Path) -> int | None:
    """The largest page, in bytes, with which every 64-bit library of the APK loads; None where that is not known."""
    try:
        with zipfile.ZipFile(apk) as archive:
            names = [name for name in archive.namelist() if name.startswith("lib/") and "64" in name.split("/")[1]]
            heads = [archive.open(name).read(HEAD_BYTES) for name in names]
            return min((alignment for head in heads for alignment in _alignments(head)), default=None)
    except (OSError, zipfile.BadZipFile, struct.error):
        return None


def _alignments(head: bytes) -> list[int]:
    begin, size_bytes, count = PROGRAM_HEADERS.unpack_from(head)
    segments = (SEGMENT.unpack_from(head, begin + index * size_bytes) for index in range(count))
    return [alignment for kind, alignment in segments if kind == LOAD]
