"""Which pictures of the user's folders a model is calibrated on, and which are measured."""

from pathlib import Path

import pytest
from PIL import Image

from export.data import folders
from export.errors import SourceError
from export.own_models import sets
from export.recipe import BuildContext, Choices, Screen
from metadata.card import ImageSpec
from tests.export.conftest import Quiet

IMAGE = ImageSpec(4, 4, 3, (0.0,) * 3, (255.0,) * 3)
FOR_TRAINING, HELD_OUT = (200, 10, 10), (10, 10, 200)


def put(folder: Path, *names: str, colour: tuple[int, int, int] = FOR_TRAINING) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (6, 6), colour).save(folder / name, "JPEG" if "j" in name else "PNG", quality=95)
    return folder


def calibrated(folder: Path) -> tuple[list[int], list[str]]:
    """The red level of each picture that is used, and what is said."""
    progress = Quiet()
    context = BuildContext({}, Choices(), progress)
    levels = sets.calibration(context, IMAGE, Screen.GALLERY, folder)
    return sorted(levels[:, 0, 0, 0].tolist()), progress.said


def test_pictures_that_are_held_out_do_not_calibrate(tmp_path: Path) -> None:
    put(tmp_path, "Train/a/1.png", "Train/b/2.png", "Train/3.png")
    put(tmp_path, "Test/a/4.png", "valid/a/5.png", colour=HELD_OUT)
    assert calibrated(tmp_path) == (
        [200, 200, 200],
        [f"--calibration {tmp_path}: calibrated on the pictures for training alone"],
    )
    measured = folders.find(put(tmp_path / "labelled", "train/a/1.png", "test/a/2.png"), (("a", "b"),)).pictures
    assert [(name, truth) for name, _, truth in measured] == [("test/a/2.png", 0)]


def test_jfif_calibrates_and_what_does_not_is_counted(tmp_path: Path) -> None:
    put(tmp_path, "a.jfif", "b.jpe")
    for name in ("c.heic", "d.tif", "e"):
        (tmp_path / name).touch()
    levels, said = calibrated(tmp_path)
    assert len(levels) == 2
    assert said == [
        f"--calibration {tmp_path}: passed over 3 files that are not read as pictures "
        "(1 HEIC, 1 TIFF, 1 without an ending); save pictures among them as JPEG"
    ]


def test_a_folder_of_heic_alone_is_named_and_refused(tmp_path: Path) -> None:
    (tmp_path / "a.heic").touch()
    with pytest.raises(SourceError, match="holds no pictures; give a folder of them, sub-folders or not"):
        calibrated(tmp_path)
