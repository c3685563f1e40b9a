"""Checks of a finished APK, from its bytes: ABIs, permissions, sizes and alignment."""

import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from android_app.desktop.apk.archive import PAGE, alignment_of, entry_sizes, offsets
from android_app.desktop.apk.errors import CheckError
from android_app.desktop.apk.tools import run

ALLOWED = {"android.permission.CAMERA"}
GPU = "_gpu_jni.so"
LOAD = 1
ELF64 = 2


@dataclass(frozen=True, slots=True)
class Findings:
    """What an APK contains.

    `page_bytes` is for each native library the smallest alignment of a segment that is loaded; `model_bytes` and
    `gpu_bytes` are the bytes that models and the GPU delegate's native libraries take in the file.
    """

    size_bytes: int
    model_bytes: int
    gpu_bytes: int
    abis: tuple[str, ...]
    permissions: tuple[str, ...]
    models: tuple[str, ...]
    page_bytes: dict[str, int]

    @property
    def app_bytes(self) -> int:
        """The size of the same APK without models."""
        return self.size_bytes - self.model_bytes

    def lines(self) -> Iterator[str]:
        """A summary for the terminal."""
        without_gpu = self.app_bytes - self.gpu_bytes
        small = sorted({Path(name).name for name, page in self.page_bytes.items() if page < PAGE})
        yield f"size         {self.size_bytes / 1e6:.1f} MB"
        yield f"             {self.app_bytes / 1e6:.1f} MB without models"
        yield f"             {without_gpu / 1e6:.1f} MB without models and GPU delegate"
        yield f"ABIs         {', '.join(self.abis)}"
        yield f"permissions  {', '.join(self.permissions)}"
        yield f"models       {len(self.models)}, stored"
        yield "alignment    models and resources 4 bytes, native libraries 16 KB"
        if small:
            yield f"page size    4 KB inside {', '.join(small)}: not for 16 KB phones, see libs.versions.toml"
        else:
            yield "page size    16 KB in every native library"


def check(apk: Path, aapt2: Path) -> Findings:
    """What the APK contains; CheckError when it asks for other permissions, or when a model cannot be mapped."""
    output = run("aapt2 dump permissions", [aapt2, "dump", "permissions", apk])
    permissions = {line.split("'")[1] for line in output.splitlines() if line.startswith("uses-permission")}
    if not permissions <= ALLOWED:
        raise CheckError(f"{apk.name} asks for {', '.join(sorted(permissions - ALLOWED))}; take it out of the manifest")
    with zipfile.ZipFile(apk) as archive:
        names = archive.namelist()
        libraries = [name for name in names if name.startswith("lib/")]
        pages = {name: page_bytes(archive.read(name)) for name in libraries}
    models = tuple(name for name in names if name.endswith(".tflite"))
    _aligned(apk, [*models, *libraries, "resources.arsc"])
    abis = tuple(sorted({name.split("/")[1] for name in libraries}))
    bytes_of = entry_sizes(apk)
    model_bytes = sum(bytes_of[name] for name in models)
    gpu_bytes = sum(bytes_of[name] for name in libraries if name.endswith(GPU))
    return Findings(apk.stat().st_size, model_bytes, gpu_bytes, abis, tuple(sorted(permissions)), models, pages)


def _aligned(apk: Path, names: list[str]) -> None:
    starts = offsets(apk)
    for name in names:
        if name not in starts:
            raise CheckError(f"{apk.name}: {name} is compressed and cannot be mapped; store it")
        if starts[name] % alignment_of(name) != 0:
            raise CheckError(
                f"{apk.name}: {name} begins at {starts[name]}, not a multiple of {alignment_of(name)}; align it"
            )


def page_bytes(library: bytes) -> int:
    """The smallest alignment of the loaded segments of an ELF library."""
    wide = library[4] == ELF64
    header = "<Q" if wide else "<I"
    (table,) = struct.unpack_from(header, library, 32 if wide else 28)
    step, count = struct.unpack_from("<HH", library, 54 if wide else 42)
    at = 48 if wide else 28
    rows = [table + index * step for index in range(count)]
    loaded = [row for row in rows if struct.unpack_from("<I", library, row)[0] == LOAD]
    pages: list[int] = [struct.unpack_from(header, library, row + at)[0] for row in loaded]
    return min(pages)
