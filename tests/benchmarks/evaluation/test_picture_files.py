"""Which files of a folder are pictures, for every command: by their names alone."""

from pathlib import Path

import pytest

from benchmarks.evaluation.picture_files import files_below, find, kinds, passed_over
from benchmarks.formats.errors import InputsError


def put(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def below(folder: Path) -> tuple[list[str], list[str]]:
    files = files_below(folder)
    parts = files.pictures, files.others
    pictures, others = ([file.relative_to(folder).as_posix() for file in part] for part in parts)
    return pictures, others


def test_jfif_and_jpe_are_jpeg_and_case_does_not_matter(tmp_path: Path) -> None:
    names = ["a.jfif", "b.JPE", "c.jpg", "d.JPEG", "e.Png", "f.webp", "g.bmp", "h.gif"]
    assert below(put(tmp_path, *names)) == (names, [])


def test_every_other_file_is_counted_and_named_by_its_kind(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg", "IMG_1.HEIC", "b/IMG_2.heic", "c.avif", "d.tif", "e.tiff", "scan", "notes.txt")
    pictures, others = below(tmp_path)
    assert pictures == ["a.jpg"]
    assert others == ["IMG_1.HEIC", "b/IMG_2.heic", "c.avif", "d.tif", "e.tiff", "notes.txt", "scan"]
    assert passed_over("photos", files_below(tmp_path).others) == (
        "photos: passed over 7 files that are not read as pictures "
        "(2 HEIC, 2 TIFF, 1 AVIF, 1 TXT, 1 without an ending); save pictures among them as JPEG"
    )


def test_a_point_within_a_name_is_no_ending() -> None:
    assert kinds([Path("photo 3. of a cat"), Path("v1.2.final version"), Path("b.")]) == "3 without an ending"


def test_of_many_kinds_the_most_frequent_are_named() -> None:
    files = [Path(f"{index}.k{kind}") for kind in range(9) for index in range(10 - kind)]
    assert kinds(files) == "10 K0, 9 K1, 8 K2, 7 K3, 6 K4, 5 K5, 9 of other kinds"


@pytest.mark.parametrize(
    "name",
    [
        *(".DS_Store", "Thumbs.db", "desktop.ini", "._a.jpg", "__MACOSX/a.jpg", "b/@eaDir/a.jpg/SYNOPHOTO_THUMB_M.jpg"),
        *(".git/a.jpg", "b/.thumbnails/a.jpg", "$RECYCLE.BIN/a.jpg", "Icon\r", "ehthumbs.db", "_DS_Store"),
    ],
)
def test_what_systems_leave_in_folders_counts_as_nothing(tmp_path: Path, name: str) -> None:
    assert below(put(tmp_path, name)) == ([], [])


def test_a_name_that_begins_with_underscores_is_its_owners(tmp_path: Path) -> None:
    assert below(put(tmp_path, "__unknown__/a.jpg", "_b.jpg")) == (["__unknown__/a.jpg", "_b.jpg"], [])


def test_a_file_given_by_its_path_is_tried_whatever_its_name(tmp_path: Path) -> None:
    put(tmp_path, "photos/a.jpg", "photos/b.heic", "photos/c.txt")
    found = find([tmp_path / "photos" / "b.heic", tmp_path / "photos", tmp_path / "photos" / "a.jpg"])
    assert [file.name for file in found.pictures] == ["b.heic", "a.jpg"]
    assert [file.name for file in found.others] == ["c.txt"]


def test_a_folder_without_pictures_is_refused_and_what_it_holds_is_named(tmp_path: Path) -> None:
    put(tmp_path, "phone/1.heic", "phone/2.heic", "phone/a.mov")
    with pytest.raises(InputsError) as refused:
        find([tmp_path / "phone"])
    assert str(refused.value) == (
        f"{tmp_path}/phone holds no pictures, but 2 HEIC, 1 MOV; "
        "a folder is searched for .bmp, .gif, .jfif, .jpe, .jpeg, .jpg, .png, .webp"
    )
