"""Pictures from TensorFlow Datasets, if that is installed, written once as class folders into the kit's cache."""

import shutil
import tempfile
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.console.places import cache_folder
from export.errors import SourceError
from export.recipe import Progress

ALTERNATIVE = "give a folder with --images DIR (DIR/<class>/<picture>.jpg)"


def folder(name: str, version: str, progress: Progress) -> Path:
    """The folder of a data set's training pictures, as they were encoded; SourceError if it cannot be obtained.

    The folder gets its name only when it is complete.
    """
    target = cache_folder() / "tfds" / f"{name}-{version}"
    if target.is_dir():
        return target
    if find_spec("tensorflow_datasets") is None:
        raise SourceError(f"{name} has no pictures: TensorFlow Datasets is not installed; {ALTERNATIVE}, or install it")
    progress.say(f"fetching {name} by TensorFlow Datasets; without a network it takes minutes to fail")
    tensorflow_datasets: Any = import_module("tensorflow_datasets")
    try:
        builder = tensorflow_datasets.builder(f"{name}:{version}")
        builder.download_and_prepare()
    except Exception as error:  # its builders raise exceptions of many kinds
        why = " ".join(str(error).split())[:200]
        raise SourceError(
            f"{name} could not be obtained from TensorFlow Datasets ({why}); {ALTERNATIVE}, or connect"
        ) from error
    _write(builder, target, tensorflow_datasets, progress)
    return target


def _write(builder: Any, target: Path, tfds: Any, progress: Progress) -> None:
    encoded = builder.as_dataset(split="train", decoders={"image": tfds.decode.SkipDecoding()})
    labels = builder.info.features["label"].names
    target.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix=".part-", dir=target.parent) as part,
        progress.stage(f"write {builder.name}", len(encoded)) as stage,
    ):
        complete = Path(part) / "complete"
        for label in labels:
            (complete / label).mkdir(parents=True)
        for index, example in enumerate(encoded.as_numpy_iterator()):
            (complete / labels[int(example["label"])] / f"{index:05d}.jpg").write_bytes(example["image"])
            stage.advance(1)
        shutil.move(complete, target)
