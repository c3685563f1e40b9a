"""A packed model ready to classify: by its name in the manifest, or by the path of any packed file.

The file is not loaded before `PackedClassifier.runner` is called, so that a wrong name is told at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.evaluation.desktop import TfliteRunner
from benchmarks.evaluation.separate_process import require_running
from benchmarks.formats.errors import ModelError
from benchmarks.formats.manifest import ExportedRecipe, ExportedVariant, Manifest, NamedFile
from benchmarks.formats.variant_record import TensorSpec
from metadata.card import ImageSpec
from metadata.check import check
from metadata.door import IMAGENET_DOOR
from metadata.errors import CardError
from metadata.hashes import sha256_of
from metadata.labels import shipped_labels
from metadata.reader import PackedModel, read, read_bytes
from metadata.resize import with_one_size
from metadata.runtimes import APP_RUNTIME, load_runtime
from metadata.tensors import Tensor

PACK = "pack it: python -m metadata pack MODEL.tflite --labels labels.txt --mean … --std …"
# Of all that `check` finds, what keeps a model from classifying a picture on a desktop.
FATAL = frozenset(
    {
        "LABEL-COUNT",
        "LABELS-MISSING",
        "METADATA-MISFIT",
        "NO-LABELS",
        "NO-METADATA",
        "NO-SCALE",
        "NO-WEIGHTS",
        "NOT-A-CLASSIFIER",
        "NOT-AN-IMAGE",
        "PREPROCESS-MISMATCH",
        "PREPROCESS-UNREADABLE",
    }
)
INPUT_TYPES = ("float32", "uint8", "int8")
GIVEN = "given"
"""The variant of a file that is given by its path: nobody says how its weights were made small."""


@dataclass(frozen=True, slots=True)
class PackedClassifier:
    """A model file's bytes, and what the manifest says of it; of a file given by its path, what the file itself says.

    `title` is what a person calls it. The recipe has how a picture becomes the input, the labels, and the doggy-door
    rule, which is None for most models.
    """

    title: str
    recipe: ExportedRecipe = field(repr=False)
    variant: ExportedVariant = field(repr=False)
    model: bytes = field(repr=False)

    def runner(self) -> TfliteRunner:
        """The model in LiteRT; ModelError when it does not load there.

        A file that is given by its path is run in a process of its own first, because it may crash the process.
        """
        if self.variant.name == GIVEN:
            require_running(self.title, self.model)
        try:
            return TfliteRunner(self.model, self.recipe.image)
        except (RuntimeError, ValueError) as error:
            reason = str(error).strip().splitlines() or ["no reason given"]
            raise ModelError(
                f"{self.title} does not load in LiteRT on this computer: {reason[0]}; convert it again"
            ) from error


def find(models: Sequence[str], variants: Sequence[str], folder: Path) -> tuple[PackedClassifier, ...]:
    """The classifiers that `models` mean: recipes of the manifest in `folder`, or paths of packed files.

    Without `variants`, a recipe's default one. ManifestError for a name that does not exist, with the nearest and the
    list; ModelError or MetadataError for a file that cannot be used.
    """
    return tuple(found for model in models for found in _find(model, variants, folder))


def _find(model: str, variants: Sequence[str], folder: Path) -> tuple[PackedClassifier, ...]:
    path = Path(model)
    if path.suffix == ".tflite" or len(path.parts) > 1 or path.is_file():
        if variants:
            raise ModelError(f"--variants {','.join(variants)} is for models by name; {path} is one variant already")
        return (_from_file(path),)
    manifest = Manifest.read(folder)
    recipe = manifest.recipes.get(model)
    chosen = manifest.select([model], variants or ([recipe.default_variant] if recipe else ()))
    return tuple(_from_manifest(manifest.recipes[model], variant) for variant in chosen)


def _from_manifest(recipe: ExportedRecipe, variant: ExportedVariant) -> PackedClassifier:
    path = variant.file.checked()
    data = path.read_bytes()
    _require_classifier(path, read_bytes(data))
    return PackedClassifier(variant.title, recipe, variant, data)


def _from_file(path: Path) -> PackedClassifier:
    packed = read(path)
    image, labels = _require_classifier(path, packed)
    file = NamedFile(path.resolve(), sha256_of(path), path.stat().st_size)
    tensors = _tensor(packed.file.inputs[0], packed.input_shape), _tensor(packed.file.outputs[0])
    variant = ExportedVariant(path.name, GIVEN, file, *tensors, packed.file.operators)
    recipe = ExportedRecipe(
        name=path.name,
        image=image,
        labels=labels,
        door=IMAGENET_DOOR if labels == shipped_labels("imagenet") else None,
        app_runtime=APP_RUNTIME,
        trained_with=None,
        evaluation="none",
        input_count=0,
        variants={GIVEN: variant},
        default_variant=GIVEN,
        model=file,  # nothing older than the file itself is known
        inputs=file,
        truth=file,
        probabilities=file,
    )
    return PackedClassifier(path.name, recipe, variant, with_one_size(path.read_bytes()))


def _tensor(tensor: Tensor, shape: tuple[int, ...] | None = None) -> TensorSpec:
    quantization = tensor.quantization
    scale, zero_point = (quantization.scales[0], quantization.zero_points[0]) if quantization else (None, None)
    return TensorSpec(tensor.name, shape or tensor.shape, str(tensor.dtype), scale, zero_point)


def _require_classifier(path: Path, packed: PackedModel) -> tuple[ImageSpec, tuple[str, ...]]:
    """How a model prepares its picture, and its labels; ModelError where it is no classifier, or does not say."""
    found = [finding for finding in check(packed, load_runtime()) if finding.id in FATAL]
    if packed.labels is None:
        raise ModelError(f"{path}: {found[0].summary if found else 'it carries no labels'}; {PACK}")
    if found:
        raise ModelError(f"{path}: {found[0].summary}; {found[0].remedy}")
    (model_input,) = packed.file.inputs
    if model_input.dtype not in INPUT_TYPES:
        raise ModelError(f"{path}: its input is {model_input.dtype}; {', '.join(INPUT_TYPES)} can be used here")
    try:
        return packed.preprocessing, packed.labels
    except CardError as error:
        raise ModelError(f"{path}: {error}") from error
