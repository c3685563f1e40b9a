"""Folders of little real pictures: a colour a class, with noise, so that no two files are the same."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

COLOURS = ((200, 40, 40), (40, 60, 200), (50, 180, 60), (190, 190, 40))
SIDE = 24


def picture(label: int, seed: int, ending: str = ".png") -> bytes:
    """A noisy picture of the class's colour, encoded."""
    random = np.random.default_rng([label, seed])
    colour = np.array(COLOURS[label % len(COLOURS)])
    levels = np.clip(colour + random.normal(0, 25, (SIDE, SIDE, 3)), 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(levels).save(file, {".png": "PNG", ".jpg": "JPEG"}[ending])
    return file.getvalue()


def draw(folder: Path, counts: dict[str, int], ending: str = ".png", first: int = 0) -> Path:
    """So many pictures for each class folder below `folder`."""
    for label, (name, count) in enumerate(counts.items()):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for index in range(first, first + count):
            (folder / name / f"{index:04d}{ending}").write_bytes(picture(label, index, ending))
    return folder
