"""The arrow from desktop TFLite to the phone on the same tensors: files, kernels, threads, accelerators, versions.

What can be tried here is tried and scored. What cannot, another accelerator or another version, is said with score 0.
"""

from collections.abc import Iterator
from importlib.metadata import version

import numpy as np

from benchmarks.compare.accuracy import ArrowName
from benchmarks.compare.comparison import Cause
from benchmarks.console.places import ASSETS
from benchmarks.evaluation.desktop import TfliteRunner
from benchmarks.explain import labels
from benchmarks.explain.case import Case, StageChange
from benchmarks.explain.files import other_files
from benchmarks.explain.preprocess_variant import PreprocessVariant
from benchmarks.explain.sample import take
from benchmarks.explain.scorer import GOOD, MIN_REPORTED
from benchmarks.explain.texts import cause
from benchmarks.formats.desktop_answers import Probabilities
from benchmarks.formats.manifest import ExportedRecipe, ExportedVariant, Manifest
from benchmarks.formats.result import ErrorKind
from metadata.preprocess import Pixels


def refused(case: Case) -> Iterator[Cause]:
    """A phone that found another file than the job named, and so ran nothing."""
    for one in case.failed:
        found, error = one.result.model_sha256, one.result.error
        if error is None or error.kind is not ErrorKind.MODEL_REFUSED or found in (None, case.sha256):
            continue
        evidence = f"the phone holds the file {found:.12}, the export says {case.sha256:.12}; it refused to run it"
        yield cause("STALE-MODEL", ArrowName.RUNTIME, evidence, 1.0)
        return


def causes(case: Case, step: StageChange, manifest: Manifest) -> Iterator[Cause]:
    """What explains this arrow, in no order; the untried come only where nothing tried is good."""
    if (shift := labels.shifted(step)) is not None:
        yield shift
        return
    tried = [*_earlier(case, step), *_tried(case, step, manifest)]
    yield from (one for one in tried if one.score >= MIN_REPORTED)
    if max((one.score for one in tried), default=0.0) < GOOD:
        yield from _untried(case, step)


def _earlier(case: Case, step: StageChange) -> Iterator[Cause]:
    """Files of earlier exports, whose answers to all these inputs were kept."""
    for one in case.earlier:
        if one.answers.shape == step.after.shape:
            score, hits = _score(step.after, step.before, one.answers)
            evidence = (
                f"the file {one.sha256:.12} of run {one.run} reproduces {score:.1%} of the difference and {hits}; "
                f"the export now has {case.sha256:.12}"
            )
            yield cause("STALE-MODEL", step.name, evidence, score)


def _tried(case: Case, step: StageChange, manifest: Manifest) -> Iterator[Cause]:
    if case.recipe is None or case.variant is None:
        return
    sample = take(case, case.recipe, step)
    right = PreprocessVariant.right(case.recipe.image)
    levels = sample.pictures.levels([right.geometry])[right.geometry]
    for id_, what, answers in _suspects(case, case.recipe, case.variant, levels, manifest):
        score, hits = _score(step.after[sample.indices], step.before[sample.indices], answers)
        evidence = f"{what}, tried here on {sample.count} inputs, reproduces {score:.1%} of the difference and {hits}"
        yield cause(id_, step.name, evidence, score)


def _suspects(
    case: Case, recipe: ExportedRecipe, variant: ExportedVariant, levels: Pixels, manifest: Manifest
) -> Iterator[tuple[str, str, Probabilities]]:
    """(id, what is tried, what it answers to these levels)."""
    data = variant.file.checked().read_bytes()
    yield "KERNEL-SET", "TensorFlow Lite without XNNPACK", TfliteRunner(data, recipe.image, xnnpack=False).run(levels)
    threads = case.row.context.threads
    if threads > 1:
        yield "THREADS", f"{threads} threads", TfliteRunner(data, recipe.image, threads).run(levels)
    for other in other_files(recipe, variant, manifest, ASSETS):
        answers = TfliteRunner(other.path.read_bytes(), other.image).run(levels)
        if answers.shape[1] == len(recipe.labels):
            yield other.id, f"{other.what} ({other.sha256:.12})", answers


def _untried(case: Case, step: StageChange) -> Iterator[Cause]:
    result = case.row.results[0].result  # all of a row's have one runtime and one accelerator
    got = result.accelerator
    if got is not None and got.obtained is not got.asked:
        evidence = f"{got.asked} was asked for, {got.obtained} obtained: {got.reason}"
        yield cause("ACCELERATOR-FALLBACK", step.name, evidence, 0.0)
    if got is not None and got.obtained != "cpu":
        nodes = f", {got.delegated_nodes} of {got.total_nodes} nodes" if got.delegated_nodes is not None else ""
        evidence = f"the phone computed on {got.obtained}{nodes}; this computer has none to try"
        yield cause("ACCELERATOR", step.name, evidence, 0.0)
    if result.runtime.version != (here := version("tensorflow")):
        evidence = f"{result.runtime.name} {result.runtime.version} on the phone, {here} here; it is not tried here"
        yield cause("RUNTIME-VERSION", step.name, evidence, 0.0)


def _score(seen: Probabilities, expected: Probabilities, answers: Probabilities) -> tuple[float, str]:
    """The share of the difference that `answers` reproduce, and how many flipped answers in words."""
    apart = np.abs(seen - expected).sum(dtype=np.float64)
    score = 1 - float(np.abs(seen - answers).sum(dtype=np.float64) / apart)
    flipped = seen.argmax(axis=1) != expected.argmax(axis=1)
    hits = (answers.argmax(axis=1) == seen.argmax(axis=1))[flipped].sum()
    return max(0.0, score), f"{hits} of {flipped.sum()} flipped answers"
