"""Folders as data sets are published and unpacked: which folders are classes, which are splits, and what is refused."""

import unicodedata
from pathlib import Path

import pytest

from export.data.class_folders import ClassFolders, read_class_folders, training_folders
from export.data.split_names import Split, split_of
from export.errors import SourceError

TRAIN, VALIDATION, TEST = Split


def put(folder: Path, *names: str) -> Path:
    """Empty files; nothing is opened here."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def read(folder: Path, *labels: str) -> ClassFolders:
    return read_class_folders(folder, "photos", lambda name: name in labels)


def found(folder: Path, *labels: str) -> dict[str, tuple[str, Split | None]]:
    """Class and split of every picture."""
    classes = read(folder, *labels)
    return {
        classes.picture_name(file): (part.label, part.split) for part in classes.folders for file in part.files.pictures
    }


def refusal(folder: Path) -> str:
    with pytest.raises(SourceError) as refused:
        read(folder)
    line = str(refused.value)
    assert "\n" not in line
    return line


@pytest.mark.parametrize(
    ("name", "split"),
    [
        *((name, TRAIN) for name in ("train", "TRAIN", "Training", "training_set", "train-set", "trainset", "train1")),
        *((name, VALIDATION) for name in ("val", "valid", "Validation", "validation_set", "VAL", "dev")),
        *(
            (name, TEST)
            for name in ("test", "Testing", "test_set", "testset", "testdata", "test_images", "test1", "eval")
        ),
        *((name, None) for name in ("cat", "train_station", "test tube", "training shoes", "seg_train", "contest")),
        *((name, None) for name in ("train_val", "trainvalid", "", "set", "data")),
    ],
)
def test_the_usual_names_are_splits_and_classes_are_not(name: str, split: Split | None) -> None:
    assert split_of(name, strictly=True) is split


def test_other_words_beside_a_split_s_are_allowed_where_folders_show_what_is_meant() -> None:
    assert [split_of(name) for name in ("seg_train", "my test data", "train_val", "pred")] == [TRAIN, TEST, None, None]


@pytest.mark.parametrize(
    ("train", "valid", "test"),
    [
        ("train", "valid", "test"),  # Roboflow
        ("train", "val", "test"),
        ("Training", "Validation", "Testing"),
        ("TRAIN", "VAL", "TEST"),
        ("training_set", "validation_set", "test_set"),
        ("seg_train", "seg_val", "seg_test"),
        ("1.Training", "2.Validation", "3.Test"),
    ],
)
def test_splits_of_any_usual_name_hold_the_classes(tmp_path: Path, train: str, valid: str, test: str) -> None:
    put(tmp_path, *(f"{split}/{name}/1.jpg" for split in (train, valid, test) for name in ("cat", "dog")))
    put(tmp_path, "README.roboflow.txt", "README.dataset.txt")
    assert found(tmp_path) == {
        f"{folder}/{name}/1.jpg": (name, split)
        for folder, split in ((train, TRAIN), (valid, VALIDATION), (test, TEST))
        for name in ("cat", "dog")
    }


def test_two_splits_are_enough_and_so_is_one(tmp_path: Path) -> None:
    put(tmp_path / "a", "train/cats/1.jpg", "train/dogs/2.jpg", "validation/cats/3.jpg", "validation/dogs/4.jpg")
    assert {split for _, split in found(tmp_path / "a").values()} == {TRAIN, VALIDATION}
    put(tmp_path / "b", "train/cats/1.jpg", "train/dogs/2.jpg")
    assert set(found(tmp_path / "b").values()) == {("cats", TRAIN), ("dogs", TRAIN)}


def test_a_split_folder_in_a_folder_of_the_same_name_is_one(tmp_path: Path) -> None:
    """Kaggle's cat-and-dog, as it is unpacked."""
    names = [f"{part}/{part}/{name}/1.jpg" for part in ("training_set", "test_set") for name in ("cats", "dogs")]
    put(tmp_path, *names, "training_set/training_set/cats/_DS_Store")
    assert set(found(tmp_path).values()) == {(name, split) for name in ("cats", "dogs") for split in (TRAIN, TEST)}
    assert list(read(tmp_path).notes("photos")) == ["photos: training_set for training, test_set to measure on"]


def test_splits_within_the_classes_are_splits_as_well(tmp_path: Path) -> None:
    put(tmp_path, *(f"{name}/{part}/1.jpg" for name in ("cat", "dog") for part in ("train", "test")))
    assert found(tmp_path) == found(tmp_path, "cat", "dog")
    assert found(tmp_path) == {
        f"{name}/{part}/1.jpg": (name, split)
        for name in ("cat", "dog")
        for part, split in (("train", TRAIN), ("test", TEST))
    }


def test_folders_within_classes_are_part_of_them(tmp_path: Path) -> None:
    put(tmp_path, "cat/kittens/1.jpg", "cat/2.jpg", "dog/3.jpg", "bus/train/4.jpg", "bus/test/5.jpg")
    assert found(tmp_path) == {
        "bus/test/5.jpg": ("bus", None),
        "bus/train/4.jpg": ("bus", None),
        "cat/2.jpg": ("cat", None),
        "cat/kittens/1.jpg": ("cat", None),
        "dog/3.jpg": ("dog", None),
    }


def test_folders_beside_a_class_s_own_pictures_are_part_of_it(tmp_path: Path) -> None:
    put(tmp_path, *(f"{name}/{place}1.jpg" for name in ("cat", "dog") for place in ("", "indoor/", "outdoor/")))
    assert set(found(tmp_path).values()) == {("cat", None), ("dog", None)}


def test_a_train_is_a_class_among_classes(tmp_path: Path) -> None:
    put(tmp_path, "bus/1.jpg", "train/2.jpg", "train/steam/3.jpg", "train/diesel/4.jpg")
    assert {label for label, _ in found(tmp_path).values()} == {"bus", "train"}


@pytest.mark.parametrize("names", [("train station", "test tube"), ("contest", "training shoes")])
def test_classes_whose_names_only_sound_like_splits_are_classes(tmp_path: Path, names: tuple[str, str]) -> None:
    put(tmp_path, *(f"{name}/1.jpg" for name in names))
    assert set(found(tmp_path).values()) == {(name, None) for name in names}


def test_a_label_of_the_model_is_a_class_whatever_it_is_called(tmp_path: Path) -> None:
    put(tmp_path, "test/1.jpg", "bus/2.jpg", "train/3.jpg")
    assert {label for label, _ in found(tmp_path, "bus", "test", "train").values()} == {"bus", "test", "train"}


@pytest.mark.parametrize("folders", [("a", "b"), ("2019", "2020", "2021")])
def test_folders_that_all_hold_the_same_folders_are_refused(tmp_path: Path, folders: tuple[str, ...]) -> None:
    put(tmp_path, *(f"{folder}/{name}/1.jpg" for folder in folders for name in ("cat", "dog")))
    line = refusal(tmp_path)
    assert line.startswith(f"photos: {', '.join(folders[:-1])} and {folders[-1]} hold the same folders (cat and dog); ")
    assert line.endswith(
        "if they are splits, call them train, validation and test; "
        "if they are classes, put their pictures directly into them"
    )


def test_a_test_folder_without_classes_is_refused_with_what_helps(tmp_path: Path) -> None:
    put(tmp_path, *(f"{part}/{name}/1.jpg" for part in ("train", "validation") for name in ("cats", "dogs")))
    put(tmp_path, "test/1.jpg", "test/2.jpg")
    assert refusal(tmp_path) == (
        "photos: no class folders in test, so nothing says what is on the pictures there; "
        f"sort them into {tmp_path}/test/<class>, or move test away"
    )


def test_splits_without_any_classes_are_refused(tmp_path: Path) -> None:
    put(tmp_path, "train/cat.0.jpg", "train/dog.0.jpg", "test1/1.jpg")
    assert refusal(tmp_path) == (
        "photos: no class folders in test1 and train, so nothing says what is on the pictures there; "
        f"sort them into {tmp_path}/test1/<class>"
    )


@pytest.mark.parametrize(
    ("names", "split", "others"),
    [
        (["cats/1.jpg", "dogs/1.jpg", "test/1.jpg"], "test", "cats and dogs"),
        (["cats/1.jpg", "dogs/1.jpg", "train/cats/1.jpg", "train/dogs/1.jpg"], "train", "cats and dogs"),
        (["chest/train/a/1.jpg", "train/a/1.jpg", "train/b/1.jpg", "val/a/1.jpg", "val/b/1.jpg"], "train", "chest"),
        (
            [f"seg_{part}/{name}/1.jpg" for part in ("train", "test") for name in ("sea", "street")]
            + ["seg_pred/1.jpg"],
            "seg_test",
            "seg_pred",
        ),
    ],
)
def test_splits_among_other_folders_are_refused(tmp_path: Path, names: list[str], split: str, others: str) -> None:
    verb = "are" if " and " in others else "is"
    assert refusal(put(tmp_path, *names)) == (
        f"photos: {split} is a split's name, {others} beside it {verb} not; "
        "give a folder that holds only class folders, or only train, validation and test with these in them"
    )


def test_names_that_a_mac_has_decomposed_are_passed_on_composed(tmp_path: Path) -> None:
    composed = ("강아지", "고양이", "café")
    put(tmp_path, *(unicodedata.normalize("NFD", f"{name}/사진.jpg") for name in composed))
    assert found(tmp_path) == {f"{name}/사진.jpg": (name, None) for name in sorted(composed)}
    assert found(tmp_path, "강아지") == found(tmp_path)


def test_two_files_of_one_name_in_two_compositions_are_refused(tmp_path: Path) -> None:
    put(tmp_path, *(f"cat/{unicodedata.normalize(form, '사진')}.jpg" for form in ("NFC", "NFD")), "dog/1.jpg")
    assert refusal(tmp_path) == (
        "photos: 2 files are called cat/사진.jpg but for how its letters are stored; rename one"
    )


def test_what_is_passed_over_is_counted_once_over_all_folders(tmp_path: Path) -> None:
    put(
        tmp_path,
        "cat/1.jpg",
        "cat/2.heic",
        "dog/3.jpg",
        "dog/old/4.heic",
        "dog/scan",
        "labels.csv",
        "5.jpg",
        ".DS_Store",
    )
    assert list(read(tmp_path).notes("photos")) == [
        "photos: passed over 4 files that are not read as pictures (2 HEIC, 1 CSV, 1 without an ending); "
        "save pictures among them as JPEG",
        "photos: passed over 1 picture in no class folder, such as 5.jpg",
    ]


def test_calibration_takes_what_is_for_training(tmp_path: Path) -> None:
    put(tmp_path / "splits", "Training/a/1.jpg", "Testing/a/2.jpg")
    put(tmp_path / "classes", "train/1.jpg", "bus/2.jpg")
    assert training_folders(tmp_path / "splits") == [tmp_path / "splits" / "Training"]
    assert training_folders(tmp_path / "classes") == [tmp_path / "classes"]
