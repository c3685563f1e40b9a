"""The input archive of a job: a stored zip, written here and on no other way, and read as if anybody had written it.

Entries are `00000.png`, `00001.tensor`, … in the order of the inputs: where an input came from stays on this machine.
Equal inputs make equal bytes. Neither side ever holds a whole archive in memory.
"""

import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from threading import Event
from typing import BinaryIO

from benchmarks.formats.atomic import atomic_write, hash_of
from benchmarks.formats.classifier import Classifier
from benchmarks.formats.errors import InputsError
from benchmarks.formats.inputs import Inputs
from benchmarks.formats.job import MAX_COUNT, InputKind
from benchmarks.formats.mismatch import line_of
from metadata.archive import ENCRYPTED_FLAG, UNREADABLE
from metadata.preprocess import Pixels, normalised

MAX_ENTRY_BYTES = 64_000_000
MAX_NAME = 255
BARE_NAME = re.compile(rf"[^/\\:\x00-\x1f]{{1,{MAX_NAME}}}")
BATCH = 32
SAME_TIME = (1980, 1, 1, 0, 0, 0)
REMEDY = "make the archive again"


@dataclass(frozen=True, slots=True)
class WrittenArchive:
    """An archive on this machine; `names[i]` is the entry of input `i`."""

    path: Path
    sha256: str
    size_bytes: int
    kind: InputKind
    names: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.names)


def write_images(inputs: Inputs, target: Path, stop: Event | None = None) -> WrittenArchive:
    """The encoded pictures, and `*.raw` pixels, as they are. CancelledError, and no file, once `stop` is set."""
    with zipfile.ZipFile(inputs.archive) as source:
        return _write(target, InputKind.IMAGES, ((_suffix(name), source.read(name)) for name in inputs.ids), stop)


def write_tensors(
    inputs: Inputs,
    model: Classifier,
    target: Path,
    stop: Event | None = None,
    batches: Iterable[Pixels] | None = None,
) -> WrittenArchive:
    """Every input as the tensor that `model` is fed, in its own type, little-endian, without a batch axis.

    `batches` are the pixels of `inputs`, where the caller has them. CancelledError, and no file, once `stop` is set.
    """
    if batches is None:
        batches = inputs.batches(model.preprocess, BATCH)
    return _write(target, InputKind.TENSORS, ((".tensor", data) for data in _tensors(batches, model)), stop)


def _tensors(batches: Iterable[Pixels], model: Classifier) -> Iterator[bytes]:
    for levels in batches:
        fed = normalised(levels, model.preprocess, model.quantization)
        yield from (one.astype(one.dtype.newbyteorder("<"), copy=False).tobytes() for one in fed)


def _suffix(name: str) -> str:
    suffix = PurePosixPath(name).suffix
    return suffix if suffix[1:].isascii() and suffix[1:].isalnum() else ""


def _write(target: Path, kind: InputKind, entries: Iterable[tuple[str, bytes]], stop: Event | None) -> WrittenArchive:
    names: list[str] = []
    with atomic_write(target) as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for suffix, data in entries:
                if stop is not None and stop.is_set():
                    raise CancelledError
                names.append(f"{len(names):05d}{suffix}")
                if len(data) > MAX_ENTRY_BYTES:
                    raise InputsError(f"{names[-1]} has {len(data)} bytes, more than {MAX_ENTRY_BYTES}; leave it out")
                archive.writestr(zipfile.ZipInfo(names[-1], SAME_TIME), data)
        if not 1 <= len(names) <= MAX_COUNT:
            raise InputsError(f"{len(names)} inputs, a job takes 1 to {MAX_COUNT}; choose others")
        sha256, size_bytes = hash_of(file)
    return WrittenArchive(target, sha256, size_bytes, kind, tuple(names))


class ArchiveReader:
    """The `count` entries of a stored zip in their order; InputsError for everything that docs/formats.md refuses.

    `file` is read, by one thread at a time, never closed, and has to stay open. Python's zipfile reads the list of
    entries; for an entry it would take 12 µs, longer than digits_mlp needs to answer.
    """

    def __init__(self, file: BinaryIO, count: int) -> None:
        size_bytes = file.seek(0, os.SEEK_END)
        _refuse_directory(file, size_bytes, count)
        try:
            with zipfile.ZipFile(file) as archive:
                self._entries = archive.infolist()
        except UNREADABLE as error:
            raise InputsError(f"the archive cannot be read ({_one_line(error)}); {REMEDY}") from error
        self._file = file
        self.names = tuple(entry.filename for entry in self._entries)
        if len(self.names) != count:
            raise InputsError(f"the archive has {len(self.names)} entries, its job says {count}; {REMEDY}")
        self._by_name = dict(zip(self.names, self._entries, strict=True))
        if len(self._by_name) != count:
            raise InputsError(f"the archive has names that repeat; {REMEDY}")
        for entry in self._entries:
            if (problem := _problem(entry)) is not None:
                raise InputsError(f"the archive's entry {entry.orig_filename!r:.80} {problem}; {REMEDY}")
        if self._entries[0].header_offset != 0 or sum(entry.file_size for entry in self._entries) > size_bytes:
            raise InputsError(f"the archive's entries do not lie one after the other; {REMEDY}")

    def read(self, name: str) -> bytes:
        """The bytes of one entry, which passed its own checksum."""
        try:
            return _stored(self._file, self._by_name[name])
        except KeyError as error:
            raise InputsError(f"the archive has no entry {name!r:.80}; name another input, or {REMEDY}") from error
        except UNREADABLE as error:
            raise InputsError(f"the archive's entry {name} is damaged ({_one_line(error)}); {REMEDY}") from error

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        return ((name, self.read(name)) for name in self.names)


LOCAL_HEADER = struct.Struct("<4s2xH18xHH")
"""Signature, flags, and the lengths of the name and of the extra field that follow it."""
UTF8_FLAG = 0x800


def _stored(file: BinaryIO, entry: zipfile.ZipInfo) -> bytes:
    """The bytes of a stored entry; BadZipFile where they or their header are not what the list of entries says."""
    file.seek(entry.header_offset)
    header = file.read(LOCAL_HEADER.size)
    if len(header) < LOCAL_HEADER.size or not header.startswith(b"PK\3\4"):
        raise zipfile.BadZipFile("it has no header")
    _, flags, name_bytes, extra_bytes = LOCAL_HEADER.unpack(header)
    name = file.read(name_bytes + extra_bytes)[:name_bytes]
    if name.decode("utf-8" if flags & UTF8_FLAG else "cp437") != entry.orig_filename:
        raise zipfile.BadZipFile("its header has another name")
    data = file.read(entry.file_size)
    if len(data) != entry.file_size or zlib.crc32(data) != entry.CRC:
        raise zipfile.BadZipFile("its bytes do not have its checksum")
    return data


def _problem(entry: zipfile.ZipInfo) -> str | None:
    name = entry.orig_filename
    if not BARE_NAME.fullmatch(name) or name in (".", ".."):
        return "is not a bare name"
    if entry.flag_bits & ENCRYPTED_FLAG:
        return "is encrypted"
    if entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size:
        return "is compressed"
    if entry.file_size > MAX_ENTRY_BYTES:
        return f"has {entry.file_size} bytes, more than {MAX_ENTRY_BYTES}"
    return None


END_SIZE, LOCATOR_SIZE, END64_SIZE = 22, 20, 56
LARGEST_RECORD = 46 + MAX_NAME + 128


def _refuse_directory(file: BinaryIO, size_bytes: int, count: int) -> None:
    """InputsError when the list of entries is absent, or longer than `count` entries need: it is read whole."""
    tail_bytes = min(size_bytes, END_SIZE + LOCATOR_SIZE + END64_SIZE)
    file.seek(size_bytes - tail_bytes)
    tail = file.read(tail_bytes).rjust(END_SIZE + LOCATOR_SIZE + END64_SIZE, b"\0")
    end64, locator, end = tail[:END64_SIZE], tail[END64_SIZE:-END_SIZE], tail[-END_SIZE:]
    if not end.startswith(b"PK\5\6") or not end.endswith(b"\0\0"):
        raise InputsError(f"the archive does not end as a zip without a comment does; {REMEDY}")
    directory_bytes = struct.unpack_from("<L", end, 12)[0]
    if locator.startswith(b"PK\6\7"):
        directory_bytes = struct.unpack_from("<Q", end64, 40)[0]
    if directory_bytes > count * LARGEST_RECORD:
        raise InputsError(f"the archive has {directory_bytes} bytes of names, more than {count} entries need; {REMEDY}")


def _one_line(error: BaseException) -> str:
    """What went wrong, without the whole of a hostile name."""
    return line_of(str(error))[:MAX_NAME] or type(error).__name__
