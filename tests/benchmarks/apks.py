"""Write small APKs: a zip with a binary manifest, as aapt2 lays it out, and empty native libraries."""

import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path

STRING, INTEGER, BOOLEAN = 0x03, 0x10, 0x12
Attribute = tuple[str, int, str | int]
"""Name, type, value."""


def build_apk(
    path: Path,
    package: str = "org.example.app",
    version_code: int = 1,
    abis: Sequence[str] = (),
    debuggable: bool = True,
) -> Path:
    """An APK that names `package`; it has a native library for each of `abis`."""
    manifest = binary_manifest(
        [
            ("manifest", [("package", STRING, package), ("versionCode", INTEGER, version_code)]),
            ("application", [("debuggable", BOOLEAN, 0xFFFFFFFF if debuggable else 0)]),
        ]
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("AndroidManifest.xml", manifest)
        for abi in abis:
            archive.writestr(f"lib/{abi}/libexample.so", b"\x7fELF")
    return path


def binary_manifest(elements: Sequence[tuple[str, Sequence[Attribute]]], utf8: bool = True) -> bytes:
    """Android's binary XML with these elements, flat: nothing that an installer asks depends on nesting."""
    strings: list[str] = []

    def index(text: str) -> int:
        if text not in strings:
            strings.append(text)
        return strings.index(text)

    chunks = b""
    for name, attributes in elements:
        body = struct.pack("<II", 0xFFFFFFFF, index(name)) + struct.pack("<6H", 20, 20, len(attributes), 0, 0, 0)
        for key, kind, value in attributes:
            raw = index(value) if isinstance(value, str) else -1
            data = raw if isinstance(value, str) else value
            body += struct.pack("<IIiHBBI", 0xFFFFFFFF, index(key), raw, 8, 0, kind, data)
        chunks += struct.pack("<HHIII", 0x0102, 16, 16 + len(body), 1, 0xFFFFFFFF) + body
    content = _pool(strings, utf8) + chunks
    return struct.pack("<HHI", 0x0003, 8, 8 + len(content)) + content


def _pool(strings: Sequence[str], utf8: bool) -> bytes:
    data, offsets = b"", []
    for text in strings:
        offsets.append(len(data))
        encoded = text.encode("utf-8" if utf8 else "utf-16-le")
        lengths = struct.pack("<BB", len(text), len(encoded)) if utf8 else struct.pack("<H", len(text))
        data += lengths + encoded + (b"\0" if utf8 else b"\0\0")
    data += bytes(-len(data) % 4)
    start = 28 + 4 * len(strings)
    header = struct.pack("<HHIIIIII", 1, 28, start + len(data), len(strings), 0, 0x100 if utf8 else 0, start, 0)
    return header + struct.pack(f"<{len(strings)}I", *offsets) + data
