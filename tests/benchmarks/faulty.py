"""A phone with a real fault: the desktop runner with an error between the picture and the tensor.

The faults are written a second time here, with Pillow and NumPy, so that `explain` is not tested with its own code.
"""

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from msgspec.structs import asdict
from PIL import Image, ImageOps

from benchmarks.compare.row_results import collect_rows
from benchmarks.evaluation.reference import References
from benchmarks.explain.compared_row import ComparedRow, read_row
from benchmarks.formats import inputs
from benchmarks.formats.archive import WrittenArchive, write_images, write_tensors
from benchmarks.formats.classifier import Classifier
from benchmarks.formats.job import JOB_FILE, ONCE, Accelerator, InputArchive, InputKind, Job, JobModel, Mode
from benchmarks.formats.manifest import ExportedRecipe, ExportedVariant, Manifest, NamedFile
from benchmarks.formats.run_file import RunModel
from benchmarks.formats.run_folder import RunFolder
from benchmarks.runners.desktop import execute
from benchmarks.runners.desktop.prepare import ModelInput, Prepare, preparer
from benchmarks.runners.desktop.runner import run as run_job
from metadata.card import ImageSpec
from metadata.hashes import sha256_of
from tests.benchmarks.runner_jobs import finished
from tests.benchmarks.sample_runs import asked

Levels = npt.NDArray[np.uint8]
PHONE = "phone-1"
THREADS = 2


def preparing(fault: str) -> Callable[[InputKind, Classifier], Prepare]:
    """Instead of the runner's own `preparer`: right for tensors, faulty for pictures."""

    def faulty(kind: InputKind, model: Classifier) -> Prepare:
        if kind is InputKind.TENSORS:
            return preparer(kind, model)

        def prepare(name: str, data: bytes) -> ModelInput:
            return ModelInput(_normalised(_levels(name, data, model.preprocess, fault), model, fault), 1, 1)

        return prepare

    return faulty


def _levels(name: str, data: bytes, spec: ImageSpec, fault: str) -> Levels:
    size = (spec.width, spec.height)
    if name.endswith(".raw"):
        levels = np.frombuffer(data, np.uint8).reshape(*size, spec.channels)
    else:
        with Image.open(io.BytesIO(data)) as opened:
            picture: Image.Image = opened.convert("RGB")
            if fault != "no EXIF":
                picture = ImageOps.exif_transpose(opened).convert("RGB")
        if fault == "EXIF twice":
            turned = ImageOps.exif_transpose(opened)
            turned.getexif()[0x112] = opened.getexif().get(0x112, 1)
            picture = ImageOps.exif_transpose(turned).convert("RGB")
        if fault == "rotated":
            picture = picture.rotate(-90, expand=True)
        if fault == "mirrored":
            picture = ImageOps.mirror(picture)
        picture = _cropped(picture, spec, fault)
        if spec.channels == 1:
            picture = picture.convert("L")
        levels = _resized(picture, size, fault).reshape(*size, spec.channels)
    if fault == "rotated" and name.endswith(".raw"):
        levels = np.rot90(levels, -1)
    if fault in ("BGR", "BGR and torchvision"):
        levels = levels[..., ::-1]
    return np.invert(levels) if fault == "inverted" else levels


def _cropped(picture: Image.Image, spec: ImageSpec, fault: str) -> Image.Image:
    if spec.crop is None or fault == "no crop":
        return picture
    side = min(picture.size) if fault == "full square" else max(1, min(picture.size) * spec.crop.num // spec.crop.den)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    return picture.crop((left, top, left + side, top + side))


def _resized(picture: Image.Image, size: tuple[int, int], fault: str) -> Levels:
    if fault == "nearest":
        return np.asarray(picture.resize(size, Image.Resampling.NEAREST))
    if fault == "no antialias":  # tf.image.resize as every tutorial calls it
        import tensorflow as tf

        resized = tf.image.resize(np.asarray(picture)[..., np.newaxis] if picture.mode == "L" else picture, size[::-1])
        return np.asarray(tf.cast(tf.round(resized), tf.uint8).numpy())
    wide = picture.resize((size[0], picture.height), Image.Resampling.BILINEAR)
    return np.asarray(wide.resize(size, Image.Resampling.BILINEAR))


NORMALISED: Mapping[str, Callable[[ImageSpec], tuple[Any, Any]]] = {
    "mean": lambda spec: (np.array(spec.mean) - 60.0, spec.std),
    "std": lambda spec: (spec.mean, np.array(spec.std) / 2.5),
    "torchvision": lambda _: ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375)),
    "BGR and torchvision": lambda _: ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375)),
}


def _normalised(levels: Levels, model: Classifier, fault: str) -> npt.NDArray[Any]:
    spec = model.preprocess
    mean, std = NORMALISED[fault](spec) if fault in NORMALISED else (spec.mean, spec.std)
    real = (levels.astype(np.float64) - mean) / std
    quantization = model.quantization
    if quantization is None:
        return np.asarray(real, np.float32)
    rounded = np.floor(real / quantization.scale + quantization.zero_point + 0.5)
    return np.asarray(np.clip(rounded, *quantization.limits), str(quantization.dtype))


class Bench:
    """A recipe of build/models on inputs of a test, and runs of it on phones with faults."""

    def __init__(self, recipe: ExportedRecipe, variants: Sequence[str], home: Path) -> None:
        self.recipe = recipe
        self.variants = tuple(recipe.variants[name] for name in variants)
        self.manifest = Manifest({recipe.name: recipe})
        self.home = home
        self.results = home / "results"
        self._inputs = recipe.evaluation_set(None)
        self._images = write_images(self._inputs, home / "images.zip")
        self._count = 0

    def run(
        self, fault: str, variant: ExportedVariant | None = None, tensors: bool = False, **patches: Any
    ) -> RunFolder:
        """A finished run of one variant on a phone with that fault.

        With `tensors` the phone returns its model inputs; `patches` replace parts of the runner.
        """
        variant = variant or self.variants[0]
        run = RunFolder.begin(self.results, asked(threads=THREADS, models=(self._model_record(variant),)))
        self._keep_references(run, variant)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(execute, "preparer", preparing(fault))
            for name, value in patches.items():
                patch.setattr(execute, name, value)
            for kind in InputKind:
                self._job(run, variant, kind, tensors)
        run.update_phone(PHONE, title="Pixel (S1)", complete=True)
        return run

    def row(self, run: RunFolder, earlier: Sequence[RunFolder] = ()) -> ComparedRow:
        """The only row of `run`."""
        (evidence,) = collect_rows([run])
        return read_row(evidence, self.manifest, earlier)

    def _job(self, run: RunFolder, variant: ExportedVariant, kind: InputKind, tensors: bool) -> None:
        archive = self._archive(variant, kind)
        job = Job(
            id=f"{variant.recipe}-{variant.name}-{kind}",
            mode=Mode.EVALUATE,
            model=JobModel(str(variant.file.path), variant.file.sha256, variant.file.size_bytes),
            inputs=InputArchive(str(archive.path), archive.sha256, archive.size_bytes, kind, archive.count),
            round=0,
            input_id=None,
            return_fed=tensors,
            threads=THREADS,
            accelerator=Accelerator.CPU,
            xnnpack=True,
            **asdict(ONCE),
        )
        folder = run.path / "jobs" / job.id
        folder.mkdir(parents=True)
        (folder / JOB_FILE).write_bytes(job.encode())
        stored = finished(run_job(folder, run.phone_folder(PHONE)))
        if stored.result.error is not None:  # kept as a run keeps it
            stored.path.rename(stored.path.with_name(f"{job.id}.failed-1.json"))

    def _archive(self, variant: ExportedVariant, kind: InputKind) -> WrittenArchive:
        if kind is InputKind.IMAGES:
            return self._images
        self._count += 1
        model = Classifier.of(variant.file.path.read_bytes())
        return write_tensors(self._inputs, model, self.home / f"tensors-{self._count}.zip")

    def _keep_references(self, run: RunFolder, variant: ExportedVariant) -> None:
        folder = run.path / "references"
        folder.mkdir()
        references = References(self.recipe, None, self.home / "kept")
        (self.home / "kept").mkdir(exist_ok=True)
        for name, answers in references.answers([variant]).items():
            np.save(folder / f"{self.recipe.name}-{name}.npy", answers)
        (folder / f"{self.recipe.name}-truth.json").write_text(json.dumps(references.inputs.truth))

    def _model_record(self, variant: ExportedVariant) -> RunModel:
        return RunModel(
            recipe=variant.recipe,
            variant=variant.name,
            sha256=variant.file.sha256,
            size_bytes=variant.file.size_bytes,
            inputs_sha256=self.recipe.inputs.sha256,
            inputs=self.recipe.input_count,
            evaluation=self.recipe.evaluation,
        )


def on(recipe: ExportedRecipe, entries: Iterator[tuple[str, bytes, int | None]], folder: Path) -> ExportedRecipe:
    """`recipe` with these inputs as its whole evaluation set."""
    folder.mkdir()
    written = inputs.write(folder, entries)
    np.save(folder / "none.npy", np.zeros(0))
    archive, truth, stale = (named(folder / name) for name in (inputs.ARCHIVE, inputs.TRUTH, "none.npy"))
    # Keras's answers in the export are for other inputs.
    return replace(
        recipe, inputs=archive, truth=truth, probabilities=replace(stale, sha256=""), input_count=len(written.ids)
    )


def named(path: Path) -> NamedFile:
    return NamedFile(path, sha256_of(path), path.stat().st_size)


@contextmanager
def unwarned() -> Iterator[None]:
    """Without TensorFlow's own warnings, which would fail a test."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
