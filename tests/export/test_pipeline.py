"""The whole way from a recipe to packed models, on little data."""

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from benchmarks.evaluation.desktop import KerasRunner, ModelRunner, TfliteRunner, answer
from benchmarks.formats import inputs
from benchmarks.formats.declared import plain
from benchmarks.formats.models_file import EvaluationRecord, ExportRecord
from benchmarks.formats.variant_record import TensorSpec
from export.data import mnist
from export.data.folders import labelled_folder
from export.errors import ParityError, RecipeError, SourceError
from export.pipeline import export
from export.recipe import STANDARD, BuildContext, Built, Choices, Recipe, Tolerance, Variant
from export.recipes import digits_mlp
from metadata.runtimes import load_runtime
from tests.export.conftest import Quiet, SmallDisk, unwarned
from tests.export.records import parity_of

pytestmark = pytest.mark.usefixtures("tensorflow")
RECIPE = replace(digits_mlp.RECIPE, tolerances=dict.fromkeys(Variant, Tolerance(accuracy=5, agreement=5)))
Exported = tuple[Path, ExportRecord, Quiet, Built]


def run(folder: Path, recipe: Recipe = RECIPE, *variants: Variant) -> tuple[ExportRecord, Quiet]:
    progress = Quiet()
    choices = Choices(variants=variants or STANDARD)
    return export(recipe, choices, load_runtime(), folder, progress), progress


@pytest.fixture
def little(some_mnist: mnist.Mnist, monkeypatch: pytest.MonkeyPatch) -> mnist.Mnist:
    monkeypatch.setattr(mnist, "load", lambda _: some_mnist)
    return some_mnist


@pytest.fixture(scope="module")
def exported(_imported: None, some_mnist: mnist.Mnist, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """One export of digits_mlp, trained on 2000 digits."""
    folder, built = tmp_path_factory.mktemp("exported"), list[Built]()

    def build(context: BuildContext) -> Built:
        built.append(RECIPE.build(context))
        return built[0]

    with pytest.MonkeyPatch.context() as patch, unwarned():
        patch.setattr(mnist, "load", lambda _: some_mnist)
        record, progress = run(folder, replace(RECIPE, build=build))
    return folder, record, progress, built[0]


@pytest.fixture
def trained(exported: Exported, little: mnist.Mnist) -> Recipe:  # noqa: ARG001 - it is evaluated on little
    """The recipe, for which nothing is trained a second time."""
    return replace(RECIPE, build=lambda _: exported[3])


def test_the_record_has_every_field_of_the_manifest(exported: Exported) -> None:
    folder, record, *_ = exported
    assert set(plain(record)) == {
        *("card", "screen", "shipped", "door", "parameters", "app_runtime", "seed", "tools", "sources", "training"),
        *("evaluation", "variants", "default_variant", "remedies", "trained_with", "reference", "seconds", "notes"),
    }
    assert record.evaluation == EvaluationRecord("MNIST test set", 200, True)
    assert list(record.variants) == ["fp32", "fp16", "dynamic", "int8"]
    for variant in record.variants.values():
        assert set(plain(variant)) == {
            *("path", "sha256", "bytes", "seconds", "input", "output", "operators", "minimum_runtime", "parity"),
            *("calibration_samples", "float_layers", "accuracy"),
        }
    assert (record.remedies, record.trained_with) == ((), None)
    int8 = record.variants["int8"]
    assert int8.input.scale == pytest.approx(1 / 255)
    assert int8.input == TensorSpec("image", (1, 28, 28, 1), "uint8", int8.input.scale, 0)
    assert (int8.output.dtype, int8.output.scale) == ("uint8", 1 / 256)
    assert msgspec.json.decode(msgspec.json.encode(record), type=ExportRecord) == record
    assert all((folder / file.path).is_file() for file in record.files)


def test_the_reference_is_all_that_is_needed_to_measure_again(exported: Exported) -> None:
    folder, record, *_ = exported
    reference = inputs.read(folder / "reference")
    assert (len(reference.ids), reference.labelled) == (200, True)
    runners: dict[str, ModelRunner] = {
        "keras": KerasRunner(folder / "reference" / "model.keras", RECIPE.card.image),
        "int8": TfliteRunner((folder / record.variants["int8"].path).read_bytes(), RECIPE.card.image),
    }
    done: list[int] = []
    answers = answer(reference, RECIPE.card.image, runners, done.append)
    assert sum(done) == 200
    assert np.array_equal(answers["keras"], np.load(folder / "reference" / "probabilities.npy"))
    truth = np.array(reference.truth)
    parity = parity_of(record.variants["int8"])
    assert float((answers["int8"].argmax(axis=1) == truth).mean()) == pytest.approx(parity.accuracy)
    assert float((answers["keras"].argmax(axis=1) == truth).mean()) == pytest.approx(parity.keras_accuracy)


def test_the_reference_model_is_for_inference_only(exported: Exported) -> None:
    import keras

    model = keras.models.load_model(exported[0] / "reference" / "model.keras")
    assert not model.compiled
    assert model.count_params() == exported[1].parameters == 101_770


def test_progress_names_every_stage_with_its_length(exported: Exported) -> None:
    said = exported[2].said
    assert [line for line in said if line.split(":")[0] in ("train", "convert and pack", "compare with Keras")] == [
        *("train: 64", "convert and pack: 4", "compare with Keras: 200")
    ]


def test_a_variant_that_surely_loses_too_much_stops_the_export_with_the_numbers(
    trained: Recipe, tmp_path: Path
) -> None:
    strict = replace(trained, tolerances={Variant.INT8: Tolerance(accuracy=-50, agreement=5)})
    with pytest.raises(ParityError) as refusal:
        run(tmp_path, strict, Variant.INT8)
    message = str(refusal.value)
    assert message.startswith("digits_mlp loses too much: int8: accuracy ")
    assert "on 200 inputs, -50 points may be lost" in message


def test_a_model_that_has_not_the_parameters_of_its_recipe_is_refused(trained: Recipe, tmp_path: Path) -> None:
    wrong = replace(trained, parameters=101_771)
    with pytest.raises(RecipeError, match="digits_mlp has 101770 parameters, its recipe says 101771; correct one"):
        run(tmp_path, wrong, Variant.FP32)


@pytest.mark.parametrize("size_bytes", [100_000, 400_000, 1_100_000])
def test_a_disk_that_fills_up_at_any_stage_is_said_by_the_system(
    trained: Recipe, small_disk: SmallDisk, size_bytes: int
) -> None:
    """The inputs, a packed file, and the Keras model do not fit, in this order."""
    with pytest.raises(OSError, match="No space left on device"):
        run(small_disk(size_bytes), trained)


def test_a_damaged_picture_of_an_evaluation_folder_is_named(trained: Recipe, tmp_path: Path) -> None:
    photos, staged = tmp_path / "photos", tmp_path / "staged"
    for folder in (photos / "7", staged):
        folder.mkdir(parents=True)
    Image.new("L", (28, 28)).save(photos / "7" / "fine.png")
    (photos / "7" / "torn.png").write_bytes((photos / "7" / "fine.png").read_bytes()[:40])
    said: list[str] = []
    on_folder = replace(trained, evaluation=lambda _: labelled_folder(photos, said.append, RECIPE.card.labels))
    with pytest.raises(
        SourceError, match=r"1 of 2 pictures cannot be read, more than 5%; repair or remove those named"
    ):
        run(staged, on_folder, Variant.FP32)
    (line,) = said
    assert line.startswith("skipped 7/torn.png: damaged, ")
    for index in range(20):
        Image.new("L", (28, 28)).save(photos / "7" / f"also_fine_{index}.png")
    (staged / "again").mkdir()
    record, _ = run(staged / "again", on_folder, Variant.FP32)
    assert record.evaluation.inputs == 21
