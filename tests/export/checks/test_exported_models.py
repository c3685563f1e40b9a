"""What lies in build/models, judged from outside: by the manifest's promises, by Google's readers, by real pictures."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.evaluation.desktop import KerasRunner, ModelRunner, Probabilities, TfliteRunner, answer
from benchmarks.evaluation.picture_files import ENDINGS
from benchmarks.formats import inputs
from benchmarks.formats.models_file import RecipeRecord
from export.data import photographs
from export.output.store import Store
from metadata.bindings import class_name, generate
from metadata.check import check
from metadata.picture import decode
from metadata.preprocess import pixels
from metadata.reader import read
from metadata.runtimes import load_runtime
from metadata.support_library import load_support
from tests.export.conftest import cached, unwarned
from tests.export.records import card_of, parity_of
from tests.metadata.conftest import needs_support
from tests.metadata.test_google_tools import TASK_LIBRARY

ROOT = Path(__file__).parents[3]
MODELS = ROOT / "build" / "models"
GOLDEN = ROOT / "tests" / "golden" / "metadata"
UPDATE = "UPDATE_GOLDEN"
DATA = Path(os.environ.get("HANDSET_TEST_DATA") or ROOT.parent / "shared" / "data")
RECORDS = Store(MODELS).records
MLPS = ("digits_mlp", "digits_mlp_functional", "digits_mlp_subclass")
SOME = 20
"""Inputs that Keras answers again."""
VARIANTS = [(recipe, variant) for recipe, record in RECORDS.items() for variant in record.variants]

pytestmark = [
    pytest.mark.usefixtures("tensorflow"),
    pytest.mark.skipif(not RECORDS, reason="build/models holds no exported models: run make export first"),
]
each_recipe = pytest.mark.parametrize("recipe", list(RECORDS))
each_variant = pytest.mark.parametrize(("recipe", "variant"), VARIANTS)


def model_path(recipe: str, variant: str) -> Path:
    return MODELS / str(RECORDS[recipe].variants[variant].path)


def of(recipe: str) -> RecipeRecord:
    """A recipe's record; skipped where it has not been exported."""
    if recipe not in RECORDS:
        pytest.skip(f"{recipe} is not in build/models: run make export first")
    return RECORDS[recipe]


@each_recipe
def test_every_file_of_the_manifest_is_whole(recipe: str) -> None:
    record = RECORDS[recipe]
    assert Store(MODELS).damaged(record) is None
    assert {(MODELS / file.path).stat().st_size for file in record.files} == {file.size_bytes for file in record.files}
    for source in record.sources:
        assert len(source.sha256) == 64
    for variant in record.variants.values():
        assert variant.output.shape == (1, len(record.card.labels))
        assert variant.verdict in ("PASS", "INCONCLUSIVE")


@needs_support
@each_variant
def test_googles_displayer_reads_what_it_always_read(recipe: str, variant: str) -> None:
    path = model_path(recipe, variant)
    display = load_support("metadata.python.metadata").MetadataDisplayer.with_model_file(str(path))
    assert display.get_packed_associated_file_list() == ["preprocess.json", "labels.txt"]
    labels = display.get_associated_file_buffer("labels.txt").decode().splitlines()
    assert tuple(labels) == RECORDS[recipe].card.labels
    shown, golden = display.get_metadata_json(), GOLDEN / f"{recipe}_{variant}.json"
    if os.environ.get(UPDATE):
        golden.write_text(shown.rstrip() + "\n", "utf-8")
    if not golden.is_file():
        pytest.skip(f"nobody has kept what a displayer shows of {recipe}; {UPDATE}=1 keeps it")
    assert json.loads(golden.read_text("utf-8")) == json.loads(shown)


@each_variant
def test_nothing_is_found_wrong_with_a_packed_file(recipe: str, variant: str) -> None:
    model = read(model_path(recipe, variant))
    assert check(model, load_runtime()) == ()
    assert model.card is not None
    assert card_of(model.card) == RECORDS[recipe].card


@each_variant
def test_the_wrapper_class_knows_labels_and_normalisation(recipe: str, variant: str, tmp_path: Path) -> None:
    path = model_path(recipe, variant)
    java = generate(path, "com.example.app", tmp_path).files[0].read_text()
    assert f"public class {class_name(path)} {{" in java
    assert "probabilityLabels = FileUtil.loadLabels(extractor.getAssociatedFile(probabilityLabelsFileName))" in java
    assert "new NormalizeOp(metadata.getImageMean(), metadata.getImageStddev())" in java


@each_recipe
def test_the_reference_model_reloads_and_answers_as_it_did(recipe: str) -> None:
    record = RECORDS[recipe]
    folder = (MODELS / record.reference.model.path).parent
    image = record.card.spec()
    levels = next(inputs.read(folder).batches(image, SOME))
    kept: Probabilities = np.load(folder / "probabilities.npy")
    assert kept.shape == (record.evaluation.inputs, len(record.card.labels))
    answered = KerasRunner(folder / "model.keras", image).run(levels)
    assert np.abs(answered - kept[:SOME]).max() < 1e-5
    assert np.array_equal(answered.argmax(axis=1), kept[:SOME].argmax(axis=1))


@pytest.mark.parametrize(
    ("recipe", "least"), [*((name, 0.976) for name in MLPS), ("digits_cnn", 0.992), ("digits_resnet50v2", 0.95)]
)
def test_digits_are_read_as_well_as_promised(recipe: str, least: float) -> None:
    parities = [parity_of(variant) for variant in of(recipe).variants.values()]
    assert {parity.inputs for parity in parities} == {10_000}
    assert min(parity.keras_accuracy or 0 for parity in parities) >= least
    assert min(parity.accuracy or 0 for parity in parities) >= least


@needs_support
@pytest.mark.parametrize("variant", ["fp32", "int8"])
@pytest.mark.parametrize("photograph", ["coffee.png", "motorcycle_left.png"])
def test_the_task_library_sees_in_a_photograph_what_the_desktop_sees(
    variant: str, photograph: str, tmp_path: Path
) -> None:
    """To a step of the output where the picture has the model's own size; by name where Google's code resizes it."""
    record, model = of("efficientnet_lite0"), model_path("efficientnet_lite0", variant)
    image = record.card.spec()
    whole = next(path for path in cached(photographs.SOURCE) if path.name == photograph)
    levels, sized = pixels(decode(whole), image), tmp_path / "sized.png"
    Image.fromarray(levels).save(sized)
    expected = TfliteRunner(model.read_bytes(), image).run(levels[np.newaxis])[0]
    label = record.card.labels[int(expected.argmax())]
    name, probability = task_library(model, sized)
    assert name == label
    assert probability == pytest.approx(float(expected.max()), abs=1 / 256 if variant == "int8" else 1e-4)
    assert task_library(model, whole)[0] == label


def task_library(model: Path, picture: Path) -> tuple[str, float]:
    """The first label and its probability, as Google's Task Library answers in a process of its own."""
    command = [sys.executable, "-c", TASK_LIBRARY, str(model), str(picture)]
    first = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]
    _, label = first.split(" ", 1)
    name, probability = label.rsplit(" ", 1)
    return name, float(probability)


@pytest.fixture(scope="module")
def imagenet(_imported: None, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, float]:
    """Top-1 accuracy of fp32 and int8 on the 200 labelled photographs that lie beside a developer's checkout."""
    folder = DATA / "imagenet_samples"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there; HANDSET_TEST_DATA names another folder that holds imagenet_samples")
    image = of("efficientnet_lite0").card.spec()
    evaluated = inputs.write(tmp_path_factory.mktemp("imagenet"), labelled(folder))
    names = ("fp32", "int8")
    with unwarned():
        runners: dict[str, ModelRunner] = {
            name: TfliteRunner(model_path("efficientnet_lite0", name).read_bytes(), image) for name in names
        }
    answers = answer(evaluated, image, runners, lambda _: None)
    return {name: float((answers[name].argmax(axis=1) == np.array(evaluated.truth)).mean()) for name in names}


def labelled(folder: Path) -> Iterator[tuple[str, bytes, int]]:
    """The photographs are named after their class: NNN_synset_name.jpg."""
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in ENDINGS:
            yield path.name, path.read_bytes(), int(path.name.split("_")[0])


@pytest.mark.thorough
def test_imagenet_photographs_are_named_as_well_as_promised(imagenet: Mapping[str, float]) -> None:
    assert imagenet["fp32"] >= 0.85
    assert imagenet["int8"] >= imagenet["fp32"] - 0.02
