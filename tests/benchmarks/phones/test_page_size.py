"""Pages of 16 KB: for which pages an APK's libraries are built, and what is said of a phone that has larger ones."""

import struct
import zipfile
from pathlib import Path

from msgspec.structs import replace

from benchmarks.formats.manifest import Manifest
from benchmarks.phones.page_size import built_for_pages_of
from benchmarks.phones.preflight import Needs, judge
from tests.benchmarks.apks import build_apk
from tests.benchmarks.exports import RECIPE
from tests.benchmarks.phones.test_preflight import WELL


def test_pages_of_16_kb_are_said_with_the_runtime_that_is_built_for_them(own_export: Path) -> None:
    recipe = Manifest.read(own_export).recipes[RECIPE]
    needs = Needs([(recipe, one) for one in recipe.variants.values()], 0, None)
    assert judge(WELL, needs).stopping == ()
    (finding,) = judge(replace(WELL, page_bytes=16384), needs).stopping
    assert finding.id == "PAGE-SIZE"
    assert finding.summary == "its memory pages have 16 KB, and the app's TensorFlow Lite 2.16.1 is built for 4 KB"
    assert finding.remedy == "build the app with Gradle, which takes LiteRT 1.4.0, see android_app/README.md"
    assert judge(replace(WELL, page_bytes=16384), needs, ["PAGE-SIZE"]).stopping == ()


def elf(*segments: tuple[int, int]) -> bytes:
    """The head of a 64-bit library whose segments have these types and alignments."""
    header = (
        b"\x7fELF\x02\x01\x01" + bytes(25) + struct.pack("<Q", 64) + bytes(14) + struct.pack("<HH", 56, len(segments))
    )
    return header.ljust(64, b"\0") + b"".join(struct.pack("<I44xQ", kind, alignment) for kind, alignment in segments)


def test_an_apk_says_for_which_pages_its_libraries_are_built(own_export: Path, tmp_path: Path) -> None:
    apk = tmp_path / "app.apk"
    for alignment in (4096, 16384):
        with zipfile.ZipFile(apk, "w") as archive:
            archive.writestr("lib/arm64-v8a/libone.so", elf((1, 16384), (1, 65536), (2, 8)))
            archive.writestr("lib/arm64-v8a/libtwo.so", elf((1, alignment)))
            archive.writestr("lib/armeabi-v7a/libone.so", b"\x7fELF\x01")
        assert built_for_pages_of(apk) == alignment
    recipe = Manifest.read(own_export).recipes[RECIPE]
    needs = Needs([(recipe, one) for one in recipe.variants.values()], 0, None, built_for_pages_of(apk))
    assert judge(replace(WELL, page_bytes=16384), needs).stopping == (), "LiteRT is in it"
    assert built_for_pages_of(build_apk(tmp_path / "small.apk", abis=("x86_64",))) is None
    apk.write_bytes(b"no zip")
    assert built_for_pages_of(apk) is None
