import hashlib
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from benchmarks.console.places import cache_folder
from benchmarks.formats.models_file import SourceRecord
from export.data.sources import fingerprint, obtain
from export.errors import SourceError
from export.source import KerasDownload, Member, Source, SourceFile

DATA = b"sixteen fine bytes" * 100
MEMBER = Member("handset_sample/data/sample.bin", hashlib.sha256(DATA).hexdigest())
FROM_CACHE = "cache, once from package handset-sample==1.0"
SOURCE = Source("sample", "CC0", "handset-sample==1.0", (MEMBER,), option="--sample")


@dataclass
class Shelf:
    """A folder that pip takes packages from, instead of any index."""

    folder: Path
    said: list[str] = field(default_factory=list)

    def put(self, contents: dict[str, bytes]) -> Path:
        """A real wheel that holds `contents`."""
        wheel = self.folder / "handset_sample-1.0-py3-none-any.whl"
        about = "handset_sample-1.0.dist-info"
        with zipfile.ZipFile(wheel, "w") as archive:
            for name, content in contents.items():
                archive.writestr(name, content)
            archive.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: handset-sample\nVersion: 1.0\n")
            archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nTag: py3-none-any\n")
            archive.writestr(f"{about}/RECORD", "")
        return wheel

    def obtain(self, source: Source = SOURCE, given: Path | None = None) -> SourceFile:
        (file,) = obtain(source, given, self.said.append)
        return file


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("HANDSET_CACHE", str(tmp_path / "cache"))
    yield Shelf(folder)
    left = [path.name for path in (tmp_path / "cache").rglob("*") if path.is_file() and path.name != "sample.bin"]
    assert left == [], "the cache holds only whole files"


def put_in_cache(data: bytes) -> Path:
    path = cache_folder() / "sample" / "sample.bin"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_a_file_that_the_user_gives_comes_before_everything(shelf: Shelf, tmp_path: Path) -> None:
    put_in_cache(DATA)
    own = tmp_path / "own.bin"
    own.write_bytes(b"my own")
    file = shelf.obtain(given=own)
    assert (file.path, file.origin, file.license) == (own, "given by the user", "the user's")
    assert file.sha256 == hashlib.sha256(b"my own").hexdigest()
    assert shelf.said == []


def test_the_cache_comes_before_the_package(shelf: Shelf) -> None:
    cached = put_in_cache(DATA)
    file = shelf.obtain()
    assert (file.path, file.origin, file.license) == (cached, FROM_CACHE, "CC0")
    assert shelf.said == []


def test_a_package_fills_the_cache_for_the_next_time(shelf: Shelf) -> None:
    shelf.put({MEMBER.path: DATA, "handset_sample/other.bin": b"left where it is"})
    file = shelf.obtain()
    assert (file.origin, file.path.read_bytes()) == ("package handset-sample==1.0", DATA)
    assert file.path == cache_folder() / "sample" / "sample.bin"
    (said,) = shelf.said
    assert said.endswith("has no sample.bin; fetching it from the package handset-sample==1.0")
    assert shelf.obtain().origin == FROM_CACHE
    assert file.record == SourceRecord(
        file="sample.bin",
        sha256=MEMBER.sha256,
        source="sample",
        origin="package handset-sample==1.0",
        license="CC0",
    )


def test_a_damaged_cache_is_healed_from_the_package(shelf: Shelf) -> None:
    shelf.put({MEMBER.path: DATA})
    damaged = put_in_cache(DATA[:-1])
    assert shelf.obtain().origin == "package handset-sample==1.0"
    assert damaged.read_bytes() == DATA
    (said,) = shelf.said
    assert re.search(r"cached .*sample\.bin is damaged .*; fetching it from the package", said)


def test_a_damaged_cache_that_cannot_be_healed_is_named(shelf: Shelf) -> None:
    damaged = put_in_cache(DATA[:-1])
    with pytest.raises(SourceError, match=r"cached .*sample\.bin is damaged \(sha256 \w{12}…, not \w{12}…\)"):
        shelf.obtain()
    assert damaged.read_bytes() == DATA[:-1]


def test_a_package_with_other_bytes_is_not_used(shelf: Shelf) -> None:
    shelf.put({MEMBER.path: DATA + b"!"})
    with pytest.raises(SourceError, match=r"sample\.bin has sha256 \w{12}…, not \w{12}…: not used"):
        shelf.obtain()
    assert not (cache_folder() / "sample" / "sample.bin").exists()


def test_a_package_without_the_file_is_named(shelf: Shelf) -> None:
    shelf.put({"handset_sample/other.bin": DATA})
    with pytest.raises(SourceError, match=r"package handset-sample==1\.0 does not hold what it should .*sample\.bin"):
        shelf.obtain()


def test_a_package_that_is_cut_off_is_named(shelf: Shelf) -> None:
    wheel = shelf.put({MEMBER.path: DATA})
    wheel.write_bytes(wheel.read_bytes()[:-40])
    with pytest.raises(SourceError, match=r"package handset-sample==1\.0: .*invalid"):
        shelf.obtain()


def test_a_package_whose_file_is_damaged_inside_is_named(shelf: Shelf) -> None:
    wheel = shelf.put({MEMBER.path: DATA})
    wheel.write_bytes(wheel.read_bytes().replace(b"sixteen", b"sixTeen", 1))
    with pytest.raises(SourceError, match=r"package handset-sample==1\.0 does not hold what it should .*CRC"):
        shelf.obtain()


def test_a_source_of_several_files_is_whole_or_not_had(shelf: Shelf) -> None:
    second = Member("handset_sample/data/second.bin", hashlib.sha256(b"2").hexdigest())
    shelf.put({MEMBER.path: DATA, second.path: b"not 2"})
    with pytest.raises(SourceError, match=r"second\.bin has sha256"):
        obtain(replace(SOURCE, members=(MEMBER, second)), None, shelf.said.append)
    shelf.put({MEMBER.path: DATA, second.path: b"2"})
    files = obtain(replace(SOURCE, members=(MEMBER, second)), None, shelf.said.append)
    assert [file.path.name for file in files] == ["sample.bin", "second.bin"]
    files[1].path.unlink()


def test_when_nothing_is_left_the_one_line_names_every_try_and_what_to_do(shelf: Shelf) -> None:
    unreachable = KerasDownload("sample.npz", (shelf.folder / "nothing.npz").as_uri())
    with pytest.raises(SourceError) as refusal:
        shelf.obtain(replace(SOURCE, keras_file=unreachable))
    message = str(refusal.value)
    assert message.startswith("sample could not be obtained: cache ")
    for part in (
        "has no sample.bin; ",
        "; package handset-sample==1.0: ",
        "; Keras download: URL fetch failure on file:",
    ):
        assert part in message
    assert message.endswith(". Do: give the file with --sample FILE, or connect and run again")


def keras_file(shelf: Shelf, data: bytes = DATA, algorithm: str | None = "sha256") -> KerasDownload:
    """A file that Keras really downloads, from an address on this disk, with the hash of DATA."""
    (shelf.folder / "origin.bin").write_bytes(data)
    stated = None if algorithm is None else hashlib.new(algorithm, DATA).hexdigest()
    return KerasDownload("sample.bin", (shelf.folder / "origin.bin").as_uri(), stated)


@pytest.mark.usefixtures("tensorflow")
def test_keras_comes_last_and_fills_the_cache_for_the_next_time(shelf: Shelf) -> None:
    source = replace(SOURCE, keras_file=replace(keras_file(shelf), name="sample.npz"))
    file = shelf.obtain(source)
    assert (file.origin, file.license, file.path) == ("Keras download", "CC0", cache_folder() / "sample" / "sample.npz")
    assert shelf.said[-1].endswith("; fetching sample.npz by Keras's own download")
    assert "package handset-sample==1.0: " in shelf.said[-1], "why it was not had before"
    (shelf.folder / "origin.bin").unlink()
    assert shelf.obtain(source) == replace(file, origin="cache, once from Keras download")
    shelf.said.clear()
    file.path.write_bytes(b"damaged")
    shelf.put({MEMBER.path: DATA})
    assert shelf.obtain(source).origin == "package handset-sample==1.0", "a damaged download is no end either"
    file.path.unlink()


@pytest.mark.usefixtures("tensorflow")
@pytest.mark.parametrize("algorithm", ["sha256", "md5", None])
def test_a_source_may_have_no_package(shelf: Shelf, algorithm: str | None) -> None:
    source = Source("sample", "CC0", keras_file=keras_file(shelf, algorithm=algorithm))
    file = shelf.obtain(source)
    assert (file.origin, file.sha256) == ("Keras download", MEMBER.sha256)
    (said,) = shelf.said
    assert said.endswith("has no sample.bin; fetching sample.bin by Keras's own download")
    (shelf.folder / "origin.bin").unlink()
    assert shelf.obtain(source).origin == "cache, once from Keras download"


@pytest.mark.usefixtures("tensorflow")
@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
def test_a_download_with_other_bytes_is_not_used(shelf: Shelf, algorithm: str) -> None:
    source = Source("sample", "CC0", option="--weights", keras_file=keras_file(shelf, DATA + b"!", algorithm))
    with pytest.raises(SourceError, match=r"; Keras download: Incomplete or corrupted file detected") as refusal:
        shelf.obtain(source)
    assert str(refusal.value).endswith(". Do: give the file with --weights FILE, or connect and run again")
    assert not (cache_folder() / "sample" / "sample.bin").exists()


@pytest.mark.usefixtures("tensorflow")
def test_a_damaged_download_in_the_cache_is_fetched_again(shelf: Shelf) -> None:
    put_in_cache(DATA[:-1])
    file = shelf.obtain(Source("sample", "CC0", keras_file=keras_file(shelf, algorithm="md5")))
    assert (file.origin, file.path.read_bytes()) == ("Keras download", DATA)
    (said,) = shelf.said
    assert "sample.bin is damaged (md5 " in said


def test_a_cache_that_cannot_be_made_is_named_with_the_way_out(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("HANDSET_CACHE", str(tmp_path / "file"))
    with pytest.raises(SourceError, match=r"cache .*file/sample cannot be made \(Not a dir.*; set HANDSET_CACHE to"):
        shelf.obtain()


def test_the_cache_is_where_handset_cache_says_and_else_below_the_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/nowhere")
    monkeypatch.setenv("HANDSET_CACHE", "~/elsewhere")
    assert cache_folder() == Path("/nowhere/elsewhere")
    monkeypatch.delenv("HANDSET_CACHE")
    assert cache_folder() == Path("/nowhere/.cache/handset")


def test_a_fingerprint_fetches_nothing_and_follows_a_given_file(shelf: Shelf, tmp_path: Path) -> None:
    assert fingerprint(SOURCE, None) == {"sample/sample.bin": MEMBER.sha256}
    own = tmp_path / "own.bin"
    own.write_bytes(b"my own")
    stated, unstated = (
        KerasDownload("w.h5", "https://keras.example/w.h5", "0" * 32),
        KerasDownload("w.h5", "https://keras.example/w.h5"),
    )
    assert fingerprint(Source("w", "CC0", keras_file=stated), None) == {"w/w.h5": "0" * 32}
    assert fingerprint(Source("w", "CC0", keras_file=unstated), None) == {"w/w.h5": "https://keras.example/w.h5"}
    assert fingerprint(SOURCE, own) == {"sample": hashlib.sha256(b"my own").hexdigest()}
    assert shelf.said == []
