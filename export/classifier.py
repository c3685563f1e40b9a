"""A packed model ready to classify: by its name in the manifest, or by the path of any packed file.

What it is fed and what its answers are called comes from the file itself. Nothing here imports TensorFlow before
`PackedClassifier.runner` is called, so that a wrong name costs no seconds.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.evaluation.desktop import TfliteRunner
from export.errors import ClassifyError, RecipeError, unknown
from export.output.store import MANIFEST, Store
from metadata.card import ImageSpec, ModelCard
from metadata.check import check
from metadata.door import IMAGENET_DOOR, Door
from metadata.labels import shipped_labels
from metadata.reader import PackedModel, read, read_bytes
from metadata.runtimes import load_runtime

PACK = "pack it: python -m metadata pack MODEL.tflite --labels labels.txt --mean … --std …"
# Of all that `check` finds, what keeps a model from classifying a picture on a desktop.
FATAL = frozenset(
    {
        "LABEL-COUNT",
        "LABELS-MISSING",
        "METADATA-MISFIT",
        "NO-LABELS",
        "NO-METADATA",
        "NO-PREPROCESS",
        "NO-WEIGHTS",
        "NOT-AN-IMAGE",
        "PREPROCESS-MISMATCH",
        "PREPROCESS-UNREADABLE",
    }
)
INPUT_TYPES = ("float32", "uint8", "int8")


@dataclass(frozen=True, slots=True)
class PackedClassifier:
    """A model file's bytes, what it is fed, what its outputs are called, and its doggy-door rule if it has one."""

    title: str
    model: bytes = field(repr=False)
    image: ImageSpec
    labels: tuple[str, ...] = field(repr=False)
    door: Door | None

    def runner(self) -> TfliteRunner:
        """The model in desktop TensorFlow Lite; ClassifyError when it does not load there."""
        try:
            return TfliteRunner(self.model, self.image)
        except (RuntimeError, ValueError) as error:
            reason = str(error).strip().splitlines() or ["no reason given"]
            raise ClassifyError(
                f"{self.title} does not load in desktop TensorFlow Lite: {reason[0]}; convert it again"
            ) from error


def find(model: str, variant: str | None, folder: Path) -> PackedClassifier:
    """The classifier that `model` means: a recipe of the manifest in `folder`, or the path of a packed file.

    `variant` None is the recipe's default. RecipeError for a name that does not exist, with the nearest and the list;
    ClassifyError or MetadataError for a file that cannot be used.
    """
    path = Path(model)
    if path.suffix == ".tflite" or len(path.parts) > 1 or path.is_file():
        if variant is not None:
            raise ClassifyError(f"--variant {variant} is for models by name; {path} is one variant already")
        return _from_file(path)
    return _from_manifest(model, variant, folder)


def _from_file(path: Path) -> PackedClassifier:
    packed = read(path)
    card = _card(path, packed)
    door = IMAGENET_DOOR if card.labels == shipped_labels("imagenet") else None
    return PackedClassifier(path.name, path.read_bytes(), card.image, card.labels, door)


def _from_manifest(name: str, variant: str | None, folder: Path) -> PackedClassifier:
    records = Store(folder).records
    if not records:
        raise ClassifyError(f"{folder / MANIFEST} names no model yet; run make export, or give a .tflite file")
    if name not in records:
        raise RecipeError(unknown("model", name, tuple(records)))
    record = records[name]
    chosen = variant or record["default_variant"]
    if chosen not in record["variants"]:
        raise RecipeError(unknown(f"variant of {name}", chosen, tuple(record["variants"])))
    path = folder / record["variants"][chosen]["path"]
    data = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() != record["variants"][chosen]["sha256"]:
        raise ClassifyError(f"{path} is missing or is not what the manifest says; run make export")
    card = _card(path, read_bytes(data))
    door = None if record["door"] is None else Door.from_json(record["door"])
    return PackedClassifier(f"{name} {chosen}", data, card.image, card.labels, door)


def _card(path: Path, packed: PackedModel) -> ModelCard:
    """The card of a model that takes one picture and gives one number a label; ClassifyError for any other."""
    found = [finding for finding in check(packed, load_runtime()) if finding.id in FATAL]
    if packed.card is None:
        raise ClassifyError(f"{path}: {found[0].summary if found else 'it carries no card'}; {PACK}")
    if found:
        raise ClassifyError(f"{path}: {found[0].summary}; {found[0].remedy}")
    (fed,), outputs = packed.file.inputs, packed.file.outputs
    if len(outputs) != 1 or len(outputs[0].shape) != 2:
        shapes = ", ".join(str(output.shape) for output in outputs)
        raise ClassifyError(f"{path}: outputs of shape {shapes}; a classifier has one, (1, labels)")
    if fed.dtype not in INPUT_TYPES:
        raise ClassifyError(f"{path}: its input is {fed.dtype}; {', '.join(INPUT_TYPES)} can be fed here")
    return packed.card
