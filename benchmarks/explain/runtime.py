"""The arrow from desktop TFLite to the phone on the same tensors: files, kernels, threads, accelerators, versions.

What can be tried here is tried and scored. Another accelerator or another version cannot: it gets score 0.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.compare.accuracy import ArrowName
from benchmarks.compare.comparison import Cause
from benchmarks.console.places import ASSETS
from benchmarks.evaluation.desktop import TfliteRunner
from benchmarks.evaluation.interpreter import runtime
from benchmarks.explain import label_shift
from benchmarks.explain.causes import cause
from benchmarks.explain.compared_row import ComparedRow, StageChange
from benchmarks.explain.layer_causes import layer_causes
from benchmarks.explain.other_weights import OtherWeights, differing_layers
from benchmarks.explain.sample import read_sample
from benchmarks.explain.scorer import GOOD, MIN_REPORTED
from benchmarks.formats.catalog import CATALOG_FILE, Catalog
from benchmarks.formats.declared import read_file
from benchmarks.formats.desktop_answers import Probabilities
from benchmarks.formats.errors import ManifestError
from benchmarks.formats.manifest import ExportedRecipe, ExportedVariant, Manifest
from benchmarks.formats.result import ErrorKind
from metadata.card import ImageSpec
from metadata.hashes import sha256_of
from metadata.preprocess import Pixels


def refused(row: ComparedRow) -> Iterator[Cause]:
    """A phone that found another file than the job named, and so ran nothing."""
    for stored in row.failed:
        found, error = stored.result.model_sha256, stored.result.error
        if error is None or error.kind is not ErrorKind.MODEL_REFUSED or found in (None, row.sha256):
            continue
        evidence = f"the phone holds the file {found:.12}, the export says {row.sha256:.12}; it refused to run it"
        yield cause("STALE-MODEL", ArrowName.RUNTIME, evidence, 1.0)
        return


def causes(row: ComparedRow, change: StageChange, manifest: Manifest) -> Iterator[Cause]:
    """What explains this arrow, in no order; what cannot be tried only where nothing that was tried is good."""
    if (shift := label_shift.shifted(change)) is not None:
        yield shift
        return
    tried = [*_earlier_files(row, change), *_tried(row, change, manifest)]
    yield from (one for one in tried if one.score >= MIN_REPORTED)
    if max((one.score for one in tried), default=0.0) < GOOD:
        yield from _by_layers(row, manifest)
        yield from _untried(row, change)


def _earlier_files(row: ComparedRow, change: StageChange) -> Iterator[Cause]:
    """Files of earlier exports, whose answers to all these inputs were kept."""
    for earlier in row.earlier:
        if earlier.answers.shape == change.after.shape:
            share, flips = change.reproduced_by(earlier.answers)
            evidence = (
                f"the file {earlier.sha256:.12} of run {earlier.run} reproduces {share:.1%} of the difference "
                f"and {flips}; the export now has {row.sha256:.12}"
            )
            yield cause("STALE-MODEL", change.name, evidence, share)


def _tried(row: ComparedRow, change: StageChange, manifest: Manifest) -> Iterator[Cause]:
    if row.recipe is None or row.variant is None:
        return
    sample = read_sample(row, row.recipe, change)
    change = change.at(sample.indices)
    threads = row.stored.context.threads
    for id_, what, answers in _other_runs(row.recipe, row.variant, threads, sample.right_levels(), manifest):
        share, flips = change.reproduced_by(answers)
        tried = f"{what}, tried here on {sample.count} inputs,"
        yield cause(id_, change.name, f"{tried} reproduces {share:.1%} of the difference and {flips}", share)


def _other_runs(
    recipe: ExportedRecipe, variant: ExportedVariant, threads: int, levels: Pixels, manifest: Manifest
) -> Iterator[tuple[str, str, Probabilities]]:
    """(id of the cause, what is tried, what it answers to these levels)."""
    data = variant.file.checked().read_bytes()
    yield "KERNEL-SET", "TensorFlow Lite without XNNPACK", TfliteRunner(data, recipe.image, xnnpack=False).run(levels)
    if threads > 1:
        yield "THREADS", f"{threads} threads", TfliteRunner(data, recipe.image, threads).run(levels)
    for other in other_files(recipe, variant, manifest, ASSETS):
        answers = TfliteRunner(other.path.read_bytes(), other.image).run(levels)
        if answers.shape[1] == len(recipe.labels):
            yield other.id, f"{other.what} ({other.sha256:.12})", answers


def _by_layers(row: ComparedRow, manifest: Manifest) -> Iterator[Cause]:
    """What the phone's own tensors say, where it was probed for them."""
    layers = row.stored.probed()
    if layers is None:
        return
    files: list[OtherWeights] = []
    if row.recipe is not None and row.variant is not None:
        model = row.variant.file.checked().read_bytes()
        for other in other_files(row.recipe, row.variant, manifest, ASSETS):
            tensors = differing_layers(model, other.path.read_bytes())
            files.append(OtherWeights(other.what, other.sha256, tensors))
    yield from layer_causes(layers, row.stored.model.notes, files)


def _untried(row: ComparedRow, change: StageChange) -> Iterator[Cause]:
    result = row.stored.results[0].result  # all results of a row have one runtime and one accelerator
    used = result.accelerator
    if used is not None and used.obtained is not used.asked:
        evidence = f"{used.asked} was asked for, {used.obtained} obtained: {used.reason}"
        yield cause("ACCELERATOR-FALLBACK", change.name, evidence, 0.0)
    if used is not None and used.obtained != "cpu":
        nodes = f", {used.delegated_nodes} of {used.total_nodes} nodes" if used.delegated_nodes is not None else ""
        evidence = f"the phone computed on {used.obtained}{nodes}; this computer has none to try"
        yield cause("ACCELERATOR", change.name, evidence, 0.0)
    there, here = f"{result.runtime.name} {result.runtime.version}", " ".join(runtime())
    if there != here:
        evidence = f"{there} on the phone, {here} here; it is not tried here"
        yield cause("RUNTIME-VERSION", change.name, evidence, 0.0)


@dataclass(frozen=True, slots=True)
class OtherFile:
    """A file that the phone may have run instead, the cause that it would be, and what it is in words."""

    id: str
    what: str
    path: Path
    sha256: str
    image: ImageSpec


def other_files(
    recipe: ExportedRecipe, variant: ExportedVariant, manifest: Manifest, assets: Path
) -> Iterator[OtherFile]:
    """The app's and the export's files with the same input and labels that are not the variant's file."""
    for path in _assets_of(recipe, variant, assets):
        sha256 = sha256_of(path)
        if sha256 != variant.file.sha256:
            yield OtherFile("STALE-MODEL", f"the app's asset {path.name}", path, sha256, recipe.image)
    for other in manifest.recipes.values():
        if (other.image, len(other.labels)) != (recipe.image, len(recipe.labels)):
            continue
        for candidate in other.variants.values():
            file = candidate.file
            if file.sha256 != variant.file.sha256 and file.is_whole:
                yield OtherFile("OTHER-MODEL", candidate.title, file.path, file.sha256, other.image)


def _assets_of(recipe: ExportedRecipe, variant: ExportedVariant, assets: Path) -> Iterator[Path]:
    """The app's files for this variant; none where the catalogue cannot be read, because that explains no answer."""
    try:
        models = read_file(assets / CATALOG_FILE, Catalog, ManifestError, "run make export").models
    except ManifestError:
        return
    paths = (assets / one.path for one in models if (one.recipe, one.variant) == (recipe.name, variant.name))
    yield from (path for path in paths if path.is_file())
