import shutil
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from export.data.split_names import Split
from export.errors import SourceError
from export.transfer.classes import Classes, Photo, find
from export.transfer.splits import Splits, _divided, divide
from tests.export.conftest import Quiet
from tests.export.transfer.drawn import draw


def divided(folder: Path, seed: int = 0) -> tuple[Splits, list[str]]:
    progress = Quiet()
    return divide(find(folder), seed, progress), progress.said


def names(splits: Splits, split: Split) -> set[str]:
    return {photo.name for photo, _ in splits.photos[split]}


def every(splits: Splits) -> list[str]:
    return [sha256 for photos in splits.photos.values() for _, sha256 in photos]


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    return draw(tmp_path / "pets", {"cat": 20, "dog": 10})


def test_a_fifth_of_every_class_measures_and_a_tenth_says_when_to_stop(pets: Path) -> None:
    splits, _ = divided(pets)
    counts = {split: Counter(photo.label for photo, _ in photos) for split, photos in splits.photos.items()}
    assert counts == {Split.TRAIN: {0: 14, 1: 7}, Split.VALIDATION: {0: 2, 1: 1}, Split.TEST: {0: 4, 1: 2}}
    assert len(set(every(splits))) == 30


def test_the_content_decides_so_other_names_give_the_same_splits(pets: Path, tmp_path: Path) -> None:
    before, _ = divided(pets)
    for index, path in enumerate(sorted(pets.glob("*/*"), reverse=True)):
        path.rename(path.with_name(f"renamed{index}.png"))
    after, _ = divided(pets)
    assert {split: {sha for _, sha in photos} for split, photos in before.photos.items()} == {
        split: {sha for _, sha in photos} for split, photos in after.photos.items()
    }
    assert tmp_path in pets.parents


def test_another_seed_gives_other_splits(pets: Path) -> None:
    assert names(divided(pets, 0)[0], Split.TEST) != names(divided(pets, 1)[0], Split.TEST)


def test_a_copy_counts_once_and_is_named(pets: Path) -> None:
    shutil.copy(pets / "cat" / "0003.png", pets / "cat" / "copy.png")
    splits, said = divided(pets)
    assert splits.duplicates == 1
    assert "left out cat/copy.png: the same picture as cat/0003.png" in said
    assert len(every(splits)) == len(set(every(splits))) == 30


def test_a_copy_across_given_splits_stays_where_it_measures(tmp_path: Path) -> None:
    draw(tmp_path / "train", {"cat": 8, "dog": 8})
    draw(tmp_path / "test", {"cat": 2, "dog": 2}, first=7)
    splits, said = divided(tmp_path)
    assert "left out train/cat/0007.png: the same picture as test/cat/0007.png" in said
    assert splits.duplicates == 2
    test, train = names(splits, Split.TEST), names(splits, Split.TRAIN) | names(splits, Split.VALIDATION)
    assert test == {f"test/{name}/000{index}.png" for name in ("cat", "dog") for index in (7, 8)}
    assert all(name.startswith("train/") for name in train)
    assert len(train) == 14


def test_the_same_picture_in_two_classes_counts_in_none(pets: Path) -> None:
    shutil.copy(pets / "cat" / "0003.png", pets / "dog" / "is_it.png")
    splits, said = divided(pets)
    assert (splits.contradictions, splits.duplicates) == (2, 0)
    assert "left out cat/0003.png and dog/is_it.png: the same picture in 2 classes, cat and dog" in said
    assert len(every(splits)) == 29


def test_a_long_list_is_cut_and_counted(pets: Path) -> None:
    for index in range(15):
        shutil.copy(pets / "cat" / f"{index:04d}.png", pets / "cat" / f"copy{index:02d}.png")
    _, said = divided(pets)
    assert len([line for line in said if line.startswith("left out")]) == 10
    assert said[-1] == "… and 5 more copies"


@pytest.mark.parametrize("count", [1, 2, 4])
def test_too_few_pictures_a_class_are_refused_with_the_count(tmp_path: Path, count: int) -> None:
    draw(tmp_path, {"cat": 9, "dog": count})
    with pytest.raises(SourceError, match=rf"too few different pictures: dog has {count}; give every class 5 or more$"):
        divided(tmp_path)


def test_copies_do_not_make_a_class_large_enough(tmp_path: Path) -> None:
    draw(tmp_path, {"cat": 9, "dog": 2})
    for index in range(9):
        shutil.copy(tmp_path / "dog" / "0000.png", tmp_path / "dog" / f"copy{index}.png")
    with pytest.raises(SourceError, match="dog has 2; give every class 5 or more"):
        divided(tmp_path)


def test_of_many_small_classes_three_are_named(tmp_path: Path) -> None:
    draw(tmp_path, {f"class{index}": 2 for index in range(9)})
    with pytest.raises(SourceError, match="class0 has 2, class1 has 2, class2 has 2 and 6 more classes; give every"):
        divided(tmp_path)


def test_empty_files_are_no_copies_of_each_other_but_unreadable(tmp_path: Path) -> None:
    draw(tmp_path, {"cat": 30, "dog": 30})
    for index in range(3):
        (tmp_path / "cat" / f"empty{index}.png").touch()
    splits, said = divided(tmp_path)
    assert (splits.unreadable, splits.duplicates) == (3, 0)
    assert "skipped cat/empty0.png: empty, 0 bytes; copy it again" in said
    (tmp_path / "cat" / "empty3.png").touch()
    with pytest.raises(
        SourceError, match="4 of 64 pictures cannot be read, more than 5%; repair or remove those named"
    ):
        divided(tmp_path)


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    draw(tmp_path, {"cat": 30, "dog": 30})
    (tmp_path / "cat" / "moved.png").symlink_to(tmp_path / "nowhere.png")
    assert "skipped cat/moved.png: cannot be read, No such file or directory" in divided(tmp_path)[1]


def test_the_digest_follows_every_name_class_and_byte(pets: Path) -> None:
    before = divided(pets)[0].digest
    assert divided(pets)[0].digest == before
    (pets / "cat" / "0000.png").rename(pets / "cat" / "other.png")
    renamed = divided(pets)[0].digest
    (pets / "dog" / "0000.png").write_bytes((pets / "dog" / "0000.png").read_bytes() + b"\0")
    assert len({before, renamed, divided(pets)[0].digest}) == 3


@given(st.lists(st.integers(5, 40), min_size=2, max_size=12), st.integers(0, 99))
@settings(max_examples=50)
def test_every_class_is_in_every_split_and_no_picture_in_two(counts: list[int], seed: int) -> None:
    photos = [
        (Photo(Path(f"{label}/{index}"), f"{label}/{index}", label, None), f"{label}-{index}")
        for label, count in enumerate(counts)
        for index in range(count)
    ]
    splits = _divided(photos, seed)
    for chosen in splits.values():
        assert {photo.label for photo, _ in chosen} == set(range(len(counts)))
    shas = [sha for chosen in splits.values() for _, sha in chosen]
    assert sorted(shas) == sorted(sha for _, sha in photos)


@pytest.mark.parametrize("count", [500, pytest.param(5000, marks=pytest.mark.thorough)])
def test_many_classes_are_divided(tmp_path: Path, count: int) -> None:
    """Any bytes will do: only a later stage decodes them."""
    for label in range(count):
        (tmp_path / f"{label:04d}").mkdir()
        for index in range(5):
            (tmp_path / f"{label:04d}" / f"{index}.jpg").write_bytes(f"{label} {index}".encode())
    classes: Classes = find(tmp_path)
    splits = divide(classes, 0, Quiet())
    assert {split: len(photos) for split, photos in splits.photos.items()} == {
        Split.TRAIN: 3 * count,
        Split.VALIDATION: count,
        Split.TEST: count,
    }
