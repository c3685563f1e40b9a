import io
import unicodedata
from pathlib import Path

import pytest
from PIL import Image

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


def said(folder: Path) -> list[str]:
    lines: list[str] = []
    list(labelled_folder(folder, lines.append, LABELS, SYNSETS).entries)
    return lines


@pytest.mark.parametrize(
    ("parts", "used"),
    [(("train", "valid", "test"), "test"), (("Training", "Testing"), "Testing"), (("train", "val"), "val")],
)
def test_of_splits_what_is_held_out_measures(tmp_path: Path, parts: tuple[str, ...], used: str) -> None:
    put(tmp_path, *(f"{part}/{name}/{part}.jpg" for part in parts for name in SYNSETS))
    assert truths(tmp_path) == {f"{used}/n02123045/{used}.jpg": 0, f"{used}/n02099601/{used}.jpg": 1}
    purpose = "validation" if used == "val" else "test"
    assert said(tmp_path)[-1] == f"--eval-dir {tmp_path}: accuracy is measured on the pictures for {purpose} alone"


def test_a_test_folder_alone_measures_and_a_train_folder_alone_is_refused(tmp_path: Path) -> None:
    assert truths(put(tmp_path / "a", "test/n02099601/1.jpg")) == {"test/n02099601/1.jpg": 1}
    with pytest.raises(SourceError) as refused:
        truths(put(tmp_path / "b", "train/n02099601/1.jpg"))
    assert str(refused.value) == (
        f"--eval-dir {tmp_path}/b holds pictures for training only; to measure on these, give {tmp_path}/b/train"
    )


def test_a_folder_around_the_class_folders_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as refused:
        truths(put(tmp_path, "archive/photos/tabby, tabby cat/1.jpg", "archive/photos/golden retriever/2.jpg"))
    assert str(refused.value) == (
        f"--eval-dir {tmp_path}: archive is none of the labels; if golden retriever and tabby, tabby cat in it are, "
        f"give {tmp_path}/archive/photos"
    )


def test_a_flat_folder_of_pictures_to_predict_is_named(tmp_path: Path) -> None:
    put(tmp_path, "train/n02099601/1.jpg", "train/n02123045/2.jpg", "test/3.jpg")
    with pytest.raises(SourceError, match="no class folders in test, so nothing says what is on the pictures there; "):
        truths(tmp_path)


def test_labels_and_folders_are_compared_composed(tmp_path: Path) -> None:
    apart = unicodedata.normalize("NFD", "강아지")
    put(tmp_path, f"{apart}/1.jpg", "고양이/2.jpg")
    labels = (unicodedata.normalize("NFD", "고양이"), "강아지")
    assert {entry.id: entry.truth for entry in labelled_folder(tmp_path, print, labels).entries} == {
        "강아지/1.jpg": 1,
        "고양이/2.jpg": 0,
    }


def test_what_is_no_picture_is_counted_and_named(tmp_path: Path) -> None:
    put(tmp_path, "n02099601/a.jpg", "n02099601/b.heic", "n02123045/c.webp", "n02123045/d.tiff", "n02123045/scan")
    assert said(tmp_path) == [
        f"--eval-dir {tmp_path}: passed over 3 files that are not read as pictures "
        "(1 HEIC, 1 TIFF, 1 without an ending); save pictures among them as JPEG"
    ]
