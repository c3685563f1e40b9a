import unicodedata
from pathlib import Path

import pytest

from export.data.split_names import Split
from export.errors import SourceError
from export.transfer.classes import find
from tests.export.transfer.drawn import draw


def put(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    return folder


def refusal(folder: Path) -> str:
    with pytest.raises(SourceError) as refused:
        find(folder)
    line = str(refused.value)
    assert "\n" not in line
    return line


def test_a_class_is_a_folder_and_its_pictures_are_all_below_it(tmp_path: Path) -> None:
    put(tmp_path, "dog/a.jpg", "dog/puppies/b.PNG", "cat/c.webp", "README.md", "cat/notes.txt")
    classes = find(tmp_path)
    assert classes.labels == ("cat", "dog")
    assert [(photo.name, photo.label, photo.split) for photo in classes.photos] == [
        ("cat/c.webp", 0, None),
        ("dog/a.jpg", 1, None),
        ("dog/puppies/b.PNG", 1, None),
    ]


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    put(tmp_path, "a/1.jpg", "a/._1.jpg", "a/.cache/2.jpg", "b/3.jpg", ".git/4.jpg", "__MACOSX/5.jpg", "b/Thumbs.db")
    classes = find(tmp_path)
    assert [photo.name for photo in classes.photos] == ["a/1.jpg", "b/3.jpg"]
    assert classes.notes == ()


def test_files_that_are_no_pictures_are_counted_in_a_note(tmp_path: Path) -> None:
    put(tmp_path, "a/1.jfif", "a/2.HEIC", "a/3", "b/4.jpe", "b/5.tif", "b/6.avif")
    classes = find(tmp_path)
    assert [photo.name for photo in classes.photos] == ["a/1.jfif", "b/4.jpe"]
    assert classes.notes == (
        f"{tmp_path}: passed over 4 files that are not read as pictures "
        "(1 HEIC, 1 without an ending, 1 TIFF, 1 AVIF); save pictures among them as JPEG",
    )


@pytest.mark.parametrize("validation", ["val", "valid", "Validation", "validation_set"])
def test_splits_that_the_folder_names_are_taken_as_they_are(tmp_path: Path, validation: str) -> None:
    for part in ("train", validation, "test"):
        draw(tmp_path / part, {"a": 1, "b": 1})
    classes = find(tmp_path)
    assert classes.labels == ("a", "b")
    assert {photo.name: photo.split for photo in classes.photos if photo.label == 1} == {
        "train/b/0000.png": Split.TRAIN,
        f"{validation}/b/0000.png": Split.VALIDATION,
        "test/b/0000.png": Split.TEST,
    }


def test_a_split_under_both_of_its_names_is_taken_whole(tmp_path: Path) -> None:
    for part in ("train", "val", "validation"):
        draw(tmp_path / part, {"a": 1, "b": 1})
    assert [photo.split for photo in find(tmp_path).photos].count(Split.VALIDATION) == 4


def test_train_is_a_class_like_any_other_beside_classes(tmp_path: Path) -> None:
    assert find(put(tmp_path, "bus/1.jpg", "train/2.jpg")).labels == ("bus", "train")


def test_train_and_test_with_different_classes_are_refused(tmp_path: Path) -> None:
    put(tmp_path, "train/a/1.jpg", "train/b/2.jpg", "test/a/3.jpg")
    assert refusal(tmp_path).endswith("train and test have different classes (b); make them equal")


def test_classes_of_two_splits_are_the_same_in_any_case_and_composition(tmp_path: Path) -> None:
    """As a Mac's archive beside a folder of Windows: the training folder says how a label is written."""
    apart = unicodedata.normalize("NFD", "강아지")
    put(tmp_path, f"Training/{apart}/1.jpg", "Training/Cat/2.jpg", "Testing/강아지/3.jpg", "Testing/cat/4.jpg")
    classes = find(tmp_path)
    assert classes.labels == ("Cat", "강아지")
    assert {photo.name: (photo.label, photo.split) for photo in classes.photos} == {
        "Training/강아지/1.jpg": (1, Split.TRAIN),
        "Training/Cat/2.jpg": (0, Split.TRAIN),
        "Testing/강아지/3.jpg": (1, Split.TEST),
        "Testing/cat/4.jpg": (0, Split.TEST),
    }
    assert classes.notes == (f"{tmp_path}: Training for training, Testing to measure on",)


def test_splits_without_one_for_training_are_refused(tmp_path: Path) -> None:
    put(tmp_path, "test/a/1.jpg", "test/b/2.jpg", "valid/a/3.jpg", "valid/b/4.jpg")
    assert refusal(tmp_path) == (
        f"{tmp_path} has folders for test and validation, and none for training; "
        "add one called train, or give the folder of the classes itself"
    )


@pytest.mark.parametrize("wrapper", ["archive", "archive/PetImages"])
def test_a_folder_around_the_class_folders_is_named(tmp_path: Path, wrapper: str) -> None:
    put(tmp_path, f"{wrapper}/Cat/1.jpg", f"{wrapper}/Dog/2.jpg", f"{wrapper}/readme.txt")
    assert refusal(tmp_path) == (
        f"{tmp_path} has one class folder only, archive; {wrapper} holds Cat and Dog: "
        f"if these are the classes, give {tmp_path}/{wrapper}"
    )


def test_a_folder_around_the_classes_of_a_split_is_named(tmp_path: Path) -> None:
    put(tmp_path, "train/images/a/1.jpg", "train/images/b/2.jpg")
    assert refusal(tmp_path) == (
        f"{tmp_path} has one class folder only, images; train/images holds a and b: "
        f"if these are the classes, move them to {tmp_path}/train"
    )


def test_a_data_set_for_detection_is_no_two_classes(tmp_path: Path) -> None:
    put(tmp_path, *(f"{part}/{name}" for part in ("train", "valid") for name in ("images/1.jpg", "labels/1.txt")))
    assert "folders images and labels are a data set for detection" in refusal(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "absent").endswith(
        "no such folder; give one with a sub-folder of pictures for each class"
    )


def test_pictures_without_class_folders_are_refused_with_the_layout(tmp_path: Path) -> None:
    line = refusal(put(tmp_path, "a.jpg", "b.jpg"))
    assert line.startswith(f"{tmp_path} has no class folders; expected {tmp_path}/<class>/<picture>.jpg")


def test_one_class_only_is_refused(tmp_path: Path) -> None:
    assert "has one class only, cat; a classifier needs at least two" in refusal(put(tmp_path, "cat/a.jpg"))


def test_an_empty_class_is_named(tmp_path: Path) -> None:
    put(tmp_path, "cat/a.jpg")
    (tmp_path / "dog").mkdir()
    assert "class folder dog holds nothing; add pictures (.bmp, " in refusal(tmp_path)


def test_a_class_of_files_that_are_no_pictures_is_named(tmp_path: Path) -> None:
    line = refusal(put(tmp_path, "cat/a.jpg", "dog/1.heic", "dog/2.heic"))
    assert "class folder dog holds 2 files, none of them a picture: 2 HEIC; add pictures" in line


@pytest.mark.parametrize(("one", "other"), [("Cat", "cat"), ("straße", "STRASSE"), ("cafe\u0301", "caf\u00e9")])
def test_classes_of_the_same_name_but_for_case_are_refused(tmp_path: Path, one: str, other: str) -> None:
    line = refusal(put(tmp_path, f"{one}/1.jpg", f"{other}/2.jpg"))
    assert line.endswith("have the same name but for case; join them, or rename one")


@pytest.mark.parametrize("name", ["two\nlines", " ", "bell\a"])
def test_a_folder_that_cannot_be_a_label_is_refused(tmp_path: Path, name: str) -> None:
    assert "cannot be a label; rename it to one line of text" in refusal(put(tmp_path, f"{name}/1.jpg", "b/2.jpg"))


def test_five_thousand_classes_are_found_in_order(tmp_path: Path) -> None:
    put(tmp_path, *(f"class{index:04d}/0.jpg" for index in range(5000)))
    classes = find(tmp_path)
    assert (len(classes.labels), classes.labels[0], classes.labels[-1]) == (5000, "class0000", "class4999")
    assert [photo.label for photo in classes.photos] == list(range(5000))


def test_labels_have_whole_letters_in_their_order_though_macos_names_folders_by_their_parts(tmp_path: Path) -> None:
    """In the parts of its letters 가 comes before z, and as a letter after it."""
    names = ["강아지", "고양이", "zebra"]
    put(tmp_path, *(f"{unicodedata.normalize('NFD', name)}/1.jpg" for name in names))
    classes = find(tmp_path)
    assert classes.labels == ("zebra", "강아지", "고양이")
    assert [photo.label for photo in classes.photos] == [0, 1, 2]
    assert all(photo.path.is_file() for photo in classes.photos)


def test_splits_of_two_systems_have_the_same_classes(tmp_path: Path) -> None:
    put(tmp_path, "train/cafe\u0301/1.jpg", "train/tea/2.jpg", "test/caf\u00e9/3.jpg", "test/tea/4.jpg")
    assert find(tmp_path).labels == ("caf\u00e9", "tea")
