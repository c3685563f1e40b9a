"""What `make export` wrote, run by the app's own runner and by the desktop runner on the same inputs."""

import hashlib
import io
import json
import zipfile
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pytest
from msgspec.structs import asdict

from benchmarks.formats import archive, inputs
from benchmarks.formats.classifier import Classifier
from benchmarks.formats.inputs import Inputs
from benchmarks.formats.job import JOB_FILE, ONCE, Accelerator, InputArchive, InputKind, Job, JobModel, Mode, ProbeJob
from benchmarks.formats.results import StoredResult, read_result
from benchmarks.runners.desktop.runner import run
from benchmarks.runners.kotlin import build, kotlin_runner, missing
from benchmarks.virtual_phone.runner import JobRequest
from metadata import picture
from metadata.graph import read_graph
from metadata.probes import probed, with_outputs
from tests.benchmarks.runner_jobs import tensors_off

MODELS = Path(__file__).resolve().parents[3] / "build" / "models"
MANIFEST = MODELS / "manifest.json"
FLOAT, STEP = 1e-5, 1 / 255
JPEG_LEVELS = 2
"""How far Java's JPEG decoder may be from libjpeg-turbo's, of 255 levels."""

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(missing() is not None, reason=str(missing())),
    pytest.mark.skipif(not MANIFEST.exists(), reason="nothing is exported; run make export"),
]


def finished(work: Generator[Any, None, Any]) -> Any:
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


@dataclass(frozen=True, slots=True)
class Exported:
    """A packed model, and the first inputs that it is evaluated on."""

    path: Path
    data: bytes
    inputs: Inputs

    @classmethod
    def of(cls, recipe: str, variant: str, count: int) -> Self:
        recipes = json.loads(MANIFEST.read_bytes())["recipes"]
        if recipe not in recipes:
            pytest.skip(f"{recipe} is not exported; run make export")
        path = MODELS / recipes[recipe]["variants"][variant]["path"]
        chosen = inputs.read((MODELS / recipes[recipe]["reference"]["inputs"]["path"]).parent)
        return cls(path, path.read_bytes(), Inputs(chosen.archive, chosen.ids[:count], chosen.truth[:count]))


def reencoded(photographs: Inputs) -> Iterator[tuple[str, bytes, int | None]]:
    """The same pictures as JPEG files, chroma halved both ways, as phones write them."""
    with zipfile.ZipFile(photographs.archive) as pictures:
        for name in photographs.ids:
            encoded = io.BytesIO()
            picture.decode(pictures.read(name), name).save(encoded, "JPEG", quality=90, subsampling="4:2:0")
            yield f"{Path(name).stem}.jpg", encoded.getvalue(), None


def job_of(model: Exported, kind: InputKind, folder: Path) -> Job:
    """The evaluation of `model` on its inputs, which are put into `folder`."""
    place = folder / "job.zip"
    if kind is InputKind.IMAGES:
        written = archive.write_images(model.inputs, place)
    else:
        written = archive.write_tensors(model.inputs, Classifier.of(model.data), place)
    return Job(
        id=f"{model.path.stem}-{kind}",
        mode=Mode.EVALUATE,
        model=JobModel(str(model.path), hashlib.sha256(model.data).hexdigest(), len(model.data)),
        inputs=InputArchive(str(place), written.sha256, written.size_bytes, kind, written.count),
        round=0,
        input_id=None,
        return_fed=kind is InputKind.IMAGES,
        threads=1,
        accelerator=Accelerator.CPU,
        xnnpack=True,
        **asdict(ONCE),
    )


def probe_of(model: Exported, folder: Path) -> ProbeJob:
    """A probe of all tensors of `model`; the probe and the inputs are put into `folder`."""
    job = job_of(model, InputKind.TENSORS, folder)
    data, _ = with_outputs(model.data, probed(read_graph(model.data)).tensors)
    (folder / "probe.tflite").write_bytes(data)
    return ProbeJob(
        id=job.id,
        model=JobModel(str(folder / "probe.tflite"), hashlib.sha256(data).hexdigest(), len(data)),
        inputs=job.inputs,
        threads=job.threads,
        accelerator=job.accelerator,
        xnnpack=job.xnnpack,
    )


def both(job: Job | ProbeJob, folder: Path) -> tuple[StoredResult, StoredResult]:
    """The results of the app's runner and of the desktop's."""
    (folder / JOB_FILE).write_bytes(job.encode())
    build()
    theirs = finished(kotlin_runner(JobRequest(folder, folder / "kotlin", {"job": "/"}, Path)))
    ours = finished(run(folder, folder / "desktop"))
    return read_result(theirs.result, theirs.values["handset_sha256"]), read_result(ours)


def fed_levels(theirs: StoredResult, ours: StoredResult) -> npt.NDArray[np.int64]:
    """By how much the fed integers differ."""
    one, other = theirs.fed(), ours.fed()
    assert one is not None
    assert other is not None
    difference: npt.NDArray[np.int64] = np.abs(one.astype(np.int64) - other.astype(np.int64))
    return difference


@pytest.mark.parametrize("variant", ["fp32", "fp16", "int8"])
@pytest.mark.parametrize(("recipe", "count"), [("digits_cnn", 1000), ("efficientnet_lite0", 100)])
def test_both_runners_answer_the_same_on_the_same_tensors(
    recipe: str, count: int, variant: str, tmp_path: Path
) -> None:
    theirs, ours = both(job_of(Exported.of(recipe, variant, count), InputKind.TENSORS, tmp_path), tmp_path)
    assert theirs.result.device.abi == ours.result.device.abi
    assert np.array_equal(theirs.outputs().argmax(axis=1), ours.outputs().argmax(axis=1))
    assert np.abs(theirs.probabilities() - ours.probabilities()).max() <= (STEP if variant == "int8" else FLOAT)


@pytest.mark.parametrize("variant", ["fp32", "fp16", "int8"])
def test_both_runners_fetch_the_same_tensors_of_every_layer(variant: str, tmp_path: Path) -> None:
    theirs, ours = both(probe_of(Exported.of("digits_cnn", variant, 10), tmp_path), tmp_path)
    assert len(theirs.probe.tensors) > 5
    assert theirs.probe.tensors == ours.probe.tensors
    assert tensors_off(theirs.values(), ours.values()) <= (1 if variant == "int8" else FLOAT)


@pytest.mark.parametrize(("recipe", "count"), [("digits_cnn", 1000), ("efficientnet_lite0", 100)])
def test_both_runners_feed_the_same_pixels_and_png_photographs_byte_for_byte(
    recipe: str, count: int, tmp_path: Path
) -> None:
    theirs, ours = both(job_of(Exported.of(recipe, "fp32", count), InputKind.IMAGES, tmp_path), tmp_path)
    assert np.array_equal(theirs.fed(), ours.fed())  # type: ignore[arg-type]  # both return them


def test_jpeg_photographs_differ_by_what_their_decoders_differ(tmp_path: Path) -> None:
    model = Exported.of("efficientnet_lite0", "int8", 100)
    model = replace(model, inputs=inputs.write(tmp_path, reencoded(model.inputs)))
    levels = fed_levels(*both(job_of(model, InputKind.IMAGES, tmp_path), tmp_path))
    print(f"levels differ by at most {levels.max()} of 255, and in {(levels > 0).mean():.2%} of the pixels")
    assert levels.max() <= JPEG_LEVELS
