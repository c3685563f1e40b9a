"""What an APK says of itself: package, version, ABIs. Bytes in, values out.

AndroidManifest.xml inside an APK is binary: a string pool, then elements whose attributes point into it. Source:
ResourceTypes.h in the Android Open Source Project, frameworks/base. Only what an installer asks for is read.
"""

import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path

STRING_POOL = 0x0001
START_ELEMENT = 0x0102
UTF8 = 1 << 8
BOOLEAN = 0x12
MAX_MANIFEST_BYTES = 1 << 20


class InvalidApkError(Exception):
    """A file that is not an APK; the message is Android's own code for it."""


@dataclass(frozen=True, slots=True)
class Apk:
    """What an installer needs to know. `abis` is empty when the APK has no native code."""

    package: str
    version_code: int
    debuggable: bool
    abis: frozenset[str]


def read_apk(path: Path) -> Apk:
    """What the APK at `path` says of itself; InvalidApkError when it is none."""
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo("AndroidManifest.xml").file_size > MAX_MANIFEST_BYTES:
                raise InvalidApkError("INSTALL_PARSE_FAILED_BAD_MANIFEST")
            manifest = archive.read("AndroidManifest.xml")
            native = (name.split("/") for name in archive.namelist() if name.startswith("lib/"))
            abis = frozenset(parts[1] for parts in native if len(parts) == 3 and parts[2].endswith(".so"))
    except (zipfile.BadZipFile, KeyError, OSError, NotImplementedError, RuntimeError) as error:
        raise InvalidApkError("INSTALL_PARSE_FAILED_NOT_APK") from error
    try:
        elements = _elements(manifest)
    except (struct.error, IndexError, UnicodeDecodeError, ValueError) as error:
        raise InvalidApkError("INSTALL_PARSE_FAILED_BAD_MANIFEST") from error
    root = dict(elements[0][1]) if elements and elements[0][0] == "manifest" else {}
    application = next((attributes for name, attributes in elements if name == "application"), {})
    package = root.get("package")
    if not isinstance(package, str) or not package.replace(".", "").replace("_", "").isalnum():
        raise InvalidApkError("INSTALL_PARSE_FAILED_BAD_PACKAGE_NAME")
    return Apk(package, int(root.get("versionCode", 0)), bool(application.get("debuggable", False)), abis)


def _elements(manifest: bytes) -> list[tuple[str, dict[str, str | int]]]:
    """Every element in order, as (name, attributes)."""
    strings: list[str] = []
    found: list[tuple[str, dict[str, str | int]]] = []
    offset = struct.unpack_from("<H", manifest, 2)[0]
    while offset < len(manifest):
        kind, header_bytes, size_bytes = struct.unpack_from("<HHI", manifest, offset)
        if size_bytes < 8:
            raise ValueError(f"chunk of {size_bytes} bytes")
        if kind == STRING_POOL:
            strings = _strings(manifest[offset : offset + size_bytes])
        elif kind == START_ELEMENT:
            found.append(_element(manifest[offset + header_bytes : offset + size_bytes], strings))
        offset += size_bytes
    return found


def _element(body: bytes, strings: list[str]) -> tuple[str, dict[str, str | int]]:
    _, name, start, step, count = struct.unpack_from("<IIHHH", body)
    attributes: dict[str, str | int] = {}
    for index in range(count):
        _, key, raw, _, _, kind, value = struct.unpack_from("<IIiHBBI", body, start + index * step)
        attributes[strings[key]] = strings[raw] if raw >= 0 else bool(value) if kind == BOOLEAN else value
    return strings[name], attributes


def _strings(pool: bytes) -> list[str]:
    count, _, flags, start = struct.unpack_from("<IIII", pool, 8)
    offsets = struct.unpack_from(f"<{count}I", pool, 28)
    return [_string(pool, start + offset, bool(flags & UTF8)) for offset in offsets]


def _string(pool: bytes, at: int, utf8: bool) -> str:
    if utf8:
        at += 2 if pool[at] & 0x80 else 1  # the length in characters
        length = pool[at]
        at += 1
        if length & 0x80:
            length = (length & 0x7F) << 8 | pool[at]
            at += 1
        return pool[at : at + length].decode()
    (length,) = struct.unpack_from("<H", pool, at)
    at += 2
    if length & 0x8000:
        length = (length & 0x7FFF) << 16 | struct.unpack_from("<H", pool, at)[0]
        at += 2
    return pool[at : at + 2 * length].decode("utf-16-le")
