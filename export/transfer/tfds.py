"""Pictures from TensorFlow Datasets, laid out once as class folders in the kit's cache. An extra: it may be absent."""

import shutil
import tempfile
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.console.places import cache_folder
from export.errors import SourceError
from export.recipe import Progress

OTHERWISE = "give a folder with --images DIR (DIR/<class>/<picture>.jpg)"


def folder(name: str, version: str, progress: Progress) -> Path:
    """The folder of a data set's training pictures, as they were encoded; SourceError when it cannot be had.

    It takes its name only when it is whole.
    """
    target = cache_folder() / "tfds" / f"{name}-{version}"
    if target.is_dir():
        return target
    if find_spec("tensorflow_datasets") is None:
        raise SourceError(f"{name} has no pictures: TensorFlow Datasets is not installed; {OTHERWISE}, or install it")
    progress.say(f"fetching {name} by TensorFlow Datasets; without a network that gives up after minutes")
    tensorflow_datasets: Any = import_module("tensorflow_datasets")
    try:
        builder = tensorflow_datasets.builder(f"{name}:{version}")
        builder.download_and_prepare()
    except Exception as error:  # its many ways to fetch and to prepare raise whatever they like
        why = " ".join(str(error).split())[:200]
        raise SourceError(
            f"{name} could not be had from TensorFlow Datasets ({why}); {OTHERWISE}, or connect"
        ) from error
    _lay_out(builder, target, tensorflow_datasets, progress)
    return target


def _lay_out(builder: Any, target: Path, tfds: Any, progress: Progress) -> None:
    encoded = builder.as_dataset(split="train", decoders={"image": tfds.decode.SkipDecoding()})
    labels = builder.info.features["label"].names
    target.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix=".part-", dir=target.parent) as part,
        progress.stage(f"lay out {builder.name}", len(encoded)) as stage,
    ):
        whole = Path(part) / "whole"
        for label in labels:
            (whole / label).mkdir(parents=True)
        for index, example in enumerate(encoded.as_numpy_iterator()):
            (whole / labels[int(example["label"])] / f"{index:05d}.jpg").write_bytes(example["image"])
            stage.advance(1)
        shutil.move(whole, target)
