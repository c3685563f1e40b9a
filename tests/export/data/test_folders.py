import io
import unicodedata
from pathlib import Path

import pytest
from PIL import Image

from benchmarks.evaluation.pictures import pictures_in
from export.data.folders import labelled_folder
from export.errors import SourceError
from export.networks import imagenet

LABELS = ("tabby, tabby cat", "golden_retriever")
SYNSETS = ("n02123045", "n02099601")


def picture(name: str) -> bytes:
    """A tiny PNG, another one for every name."""
    file = io.BytesIO()
    Image.new("RGB", (1, len(name))).save(file, "PNG")
    return file.getvalue()


def put(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(picture(name))
    return folder


def truths(folder: Path) -> dict[str, int | None]:
    return {entry.id: entry.truth for entry in labelled_folder(folder, print, LABELS, SYNSETS).entries}


def test_a_pictures_truth_is_its_folder_whatever_naming_that_uses(tmp_path: Path) -> None:
    put(tmp_path, "tabby, tabby cat/a.jpg", "n02099601/b.png", "Golden Retriever/c.webp", "golden_retriever/d/e.JPEG")
    assert truths(tmp_path) == {
        "tabby, tabby cat/a.jpg": 0,
        "n02099601/b.png": 1,
        "Golden Retriever/c.webp": 1,
        "golden_retriever/d/e.JPEG": 1,
    }


def test_the_set_is_named_after_the_folder_and_holds_the_files_as_they_are(tmp_path: Path) -> None:
    evaluation = labelled_folder(put(tmp_path / "photos", "n02099601/a.jpg", "n02099601/bc.jpg"), print, SYNSETS)
    assert evaluation.name == "labelled pictures in photos"
    assert [entry.data for entry in evaluation.entries] == [picture("n02099601/a.jpg"), picture("n02099601/bc.jpg")]


def test_what_is_no_picture_is_left_alone(tmp_path: Path) -> None:
    put(tmp_path, "README.md", "n02099601/a.jpg", "n02099601/notes.txt", "n02099601/.DS_Store")
    put(tmp_path, "n02099601/._a.jpg", "n02099601/.thumbnails/a.jpg", ".ipynb_checkpoints/b.jpg")
    assert list(truths(tmp_path)) == ["n02099601/a.jpg"]
    assert [path.name for path in pictures_in(tmp_path)] == ["a.jpg"]


@pytest.mark.parametrize("names", [[], ["a.jpg"], ["n02099601/notes.txt"]])
def test_a_folder_without_pictures_in_classes_is_refused_with_the_layout(tmp_path: Path, names: list[str]) -> None:
    with pytest.raises(SourceError, match=r"^--eval-dir .* holds no pictures; expected .*/<class>/<picture>\.jpg$"):
        truths(put(tmp_path, *names))


def test_an_unknown_class_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"unknown class folder 'golden_retreiver'; did you mean golden_retriever\?"):
        truths(put(tmp_path, "golden_retreiver/a.jpg"))


def test_the_message_stays_short_among_a_thousand_classes(tmp_path: Path) -> None:
    put(tmp_path, "golden retreiver/a.jpg")
    with pytest.raises(SourceError, match=r"did you mean golden retriever\?") as refusal:
        labelled_folder(tmp_path, print, imagenet.LABELS)
    assert len(str(refusal.value)) < 500 + len(str(tmp_path))


def test_a_folder_that_macos_names_by_the_parts_of_its_letters_is_its_label_s(tmp_path: Path) -> None:
    put(tmp_path, f"{unicodedata.normalize('NFD', '고양이')}/a.jpg", "강아지/b.jpg")
    entries = labelled_folder(tmp_path, print, ("강아지", "고양이")).entries
    assert sorted(entry.truth for entry in entries if entry.truth is not None) == [0, 1]
