import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.formats import inputs
from benchmarks.formats.errors import InputsError
from metadata.card import CenterSquare, ImageSpec
from metadata.errors import PictureError
from metadata.preprocess import pixels

GREY = ImageSpec(height=4, width=4, channels=1, mean=(0.0,), std=(255.0,))
COLOUR = ImageSpec(height=8, width=8, channels=3, mean=(127.0,) * 3, std=(128.0,) * 3, crop=CenterSquare(7, 8))


def raw(level: int) -> bytes:
    return bytes([level] * 16)


def png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def noise(seed: int) -> Image.Image:
    levels = np.random.default_rng(seed).integers(0, 256, (13, 17, 3), np.uint8)
    return Image.fromarray(levels)


def test_what_was_written_is_read_back_in_order(tmp_path: Path) -> None:
    written = inputs.write(tmp_path, [("b.raw", raw(1), 3), ("a.raw", raw(2), 0)])
    assert inputs.read(tmp_path) == written
    assert (written.ids, written.truth, written.labelled) == (("b.raw", "a.raw"), (3, 0), True)


def test_one_unknown_truth_makes_the_set_unlabelled(tmp_path: Path) -> None:
    assert not inputs.write(tmp_path, [("a.raw", raw(1), 3), ("b.raw", raw(2), None)]).labelled


def test_equal_inputs_make_equal_files(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        inputs.write(tmp_path / name, [("a.raw", raw(9), 1)])
    for file in (inputs.ARCHIVE, inputs.TRUTH):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "other" / file).read_bytes()


def test_bare_pixels_come_back_as_they_are_in_batches(tmp_path: Path) -> None:
    written = inputs.write(tmp_path, [(f"{level}.raw", raw(level), level) for level in range(5)])
    batches = list(written.batches(GREY, 2))
    assert [len(batch) for batch in batches] == [2, 2, 1]
    assert np.concatenate(batches)[:, 0, 0, 0].tolist() == [0, 1, 2, 3, 4]
    assert batches[0].dtype == np.uint8


def test_encoded_pictures_are_cropped_and_resized_as_the_spec_says(tmp_path: Path) -> None:
    written = inputs.write(tmp_path, [(f"{seed}.png", png(noise(seed)), None) for seed in range(3)])
    (batch,) = written.batches(COLOUR, 8)
    assert np.array_equal(batch, np.stack([pixels(noise(seed), COLOUR) for seed in range(3)]))


def test_a_damaged_picture_is_named(tmp_path: Path) -> None:
    written = inputs.write(tmp_path, [("cat/fine.png", png(noise(0)), 0), ("cat/torn.png", png(noise(1))[:60], 0)])
    with pytest.raises(PictureError, match=r"^cat/torn\.png: damaged"):
        list(written.batches(COLOUR, 8))


def test_bare_pixels_of_another_size_are_refused(tmp_path: Path) -> None:
    written = inputs.write(tmp_path, [("a.raw", raw(1)[:15], 0)])
    with pytest.raises(InputsError, match=r"a\.raw has 15 bytes, not those of \(4, 4, 1\) pixels; export the model"):
        list(written.batches(GREY, 8))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"\xff\xfe",
        b'{"format": "handset.truth/1"}',
        b'{"format": "handset.truth/1", "inputs": [{"id": "a"}]}',
        b'{"format": "handset.truth/1", "inputs": 7}',
    ],
)
def test_a_damaged_truth_file_is_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / inputs.TRUTH).write_bytes(content)
    with pytest.raises(InputsError, match=r"truth\.json( is not JSON|:) .*; run make export$"):
        inputs.read(tmp_path)


def test_a_missing_set_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(InputsError, match=r"truth\.json cannot be opened, No such file.*; run make export$"):
        inputs.read(tmp_path)


def test_another_format_is_named(tmp_path: Path) -> None:
    inputs.write(tmp_path, [])
    (tmp_path / inputs.TRUTH).write_text(json.dumps({"format": "handset.truth/2", "inputs": []}))
    with pytest.raises(InputsError, match=r"format is 'handset\.truth/2', not 'handset\.truth/1'"):
        inputs.read(tmp_path)


@pytest.mark.parametrize("damage", ["missing", "cut", "without the entry"])
def test_an_archive_that_does_not_hold_its_inputs_is_one_line(tmp_path: Path, damage: str) -> None:
    written = inputs.write(tmp_path, [("a.raw", raw(1), 0)])
    content = written.archive.read_bytes()
    written.archive.unlink()
    if damage == "cut":
        written.archive.write_bytes(content[:-30])
    if damage == "without the entry":
        (tmp_path / "other").mkdir()
        inputs.write(tmp_path / "other", [("b.raw", raw(1), 0)]).archive.rename(written.archive)
    with pytest.raises(InputsError, match=r"inputs\.zip .*; run make export$"):
        list(written.batches(GREY, 8))
