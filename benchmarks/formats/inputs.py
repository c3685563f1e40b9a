"""Evaluation inputs as files: `inputs.zip`, stored, and `truth.json`. Written once by an export, read by everything.

An entry named `*.raw` holds bare pixels, uint8 of the model's height × width × channels; any other entry is an encoded
picture as it was found. docs/formats.md has both files field by field.
"""

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt

from benchmarks.formats import declared
from benchmarks.formats.declared import Count, Declared, about
from benchmarks.formats.errors import InputsError
from metadata.card import ImageSpec
from metadata.picture import decode
from metadata.preprocess import pixels

TRUTH_FORMAT = "handset.truth/1"
ARCHIVE, TRUTH = "inputs.zip", "truth.json"
RAW = ".raw"
"""How the name of an entry of bare pixels ends."""
DECODERS = 2  # Pillow lets go of the interpreter lock while it decodes and resizes


class TruthEntry(Declared, frozen=True):
    """One input."""

    id: Annotated[str, about("the entry's name in `inputs.zip`")]
    label: Annotated[Count | None, about("its label's index; null where nobody knows")]


class Truth(Declared, frozen=True, tag_field="format", tag=TRUTH_FORMAT):
    """`truth.json`."""

    inputs: Annotated[tuple[TruthEntry, ...], about("in the order of the archive")]


@dataclass(frozen=True, slots=True)
class Inputs:
    """An evaluation set; `truth[i]` is the label index of `ids[i]`, None where nobody knows."""

    archive: Path
    ids: tuple[str, ...]
    truth: tuple[int | None, ...]

    @property
    def labelled(self) -> bool:
        """Whether every input has a truth, so that accuracy means something."""
        return None not in self.truth

    def first(self, limit: int | None) -> "Inputs":
        """The first `limit` of them; all, where it is None."""
        return Inputs(self.archive, self.ids[:limit], self.truth[:limit])

    def at(self, places: Sequence[int] | npt.NDArray[np.intp]) -> "Inputs":
        """Those at these places."""
        return Inputs(self.archive, tuple(self.ids[at] for at in places), tuple(self.truth[at] for at in places))

    def batches(self, image: ImageSpec, size: int) -> Iterator[npt.NDArray[np.uint8]]:
        """All inputs in order as uint8 (≤ size, height, width, channels), cropped and resized, not yet normalised.

        InputsError when the archive does not hold them; PictureError, with its id, for a picture that is damaged.
        """
        with ThreadPoolExecutor(DECODERS) as pool:
            for ids, encoded in self.encoded(size):
                # To hand bare pixels to a thread takes longer than to read them.
                each = map if all(name.endswith(RAW) for name in ids) else pool.map
                yield np.stack(list(each(_pixels, ids, encoded, [image] * len(ids))))

    def encoded(self, size: int) -> Iterator[tuple[tuple[str, ...], list[bytes]]]:
        """All inputs in order as they lie in the archive, up to `size` at a time: their ids and their bytes.

        InputsError when the archive does not hold them.
        """
        try:
            with zipfile.ZipFile(self.archive) as archive:
                for start in range(0, len(self.ids), size):
                    ids = self.ids[start : start + size]
                    yield ids, [archive.read(name) for name in ids]
        except (OSError, KeyError, zipfile.BadZipFile) as error:
            raise InputsError(f"{self.archive} does not hold its inputs ({error}); run make export") from error


def _pixels(name: str, data: bytes, image: ImageSpec) -> npt.NDArray[np.uint8]:
    if not name.endswith(RAW):
        return pixels(decode(data, name), image)
    shape = (image.height, image.width, image.channels)
    if len(data) != image.height * image.width * image.channels:
        raise InputsError(f"{name} has {len(data)} bytes, not those of {shape} pixels; export the model again")
    return np.frombuffer(data, np.uint8).reshape(shape)


def write(folder: Path, entries: Iterable[tuple[str, bytes, int | None]]) -> Inputs:
    """Write both files into `folder` from (id, bytes, truth) and return the set."""
    truth: dict[str, int | None] = {}
    with zipfile.ZipFile(folder / ARCHIVE, "w", zipfile.ZIP_STORED) as archive:
        for name, data, label in entries:
            # A fixed date, so that the same inputs make the same file.
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
            truth[name] = label
    record = Truth(tuple(TruthEntry(name, label) for name, label in truth.items()))
    (folder / TRUTH).write_bytes(declared.write(record, TRUTH, InputsError, "rename the inputs") + b"\n")
    return Inputs(folder / ARCHIVE, tuple(truth), tuple(truth.values()))


def read(folder: Path) -> Inputs:
    """The set that `write` left in `folder`; InputsError when it is missing or of another format."""
    entries = declared.read_file(folder / TRUTH, Truth, InputsError, "run make export").inputs
    return Inputs(folder / ARCHIVE, tuple(one.id for one in entries), tuple(one.label for one in entries))
