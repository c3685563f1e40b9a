"""The arrow from tensors to pictures: which fault of preprocessing, committed here, makes what the phone made.

Where the run has the fed tensors, suspects are judged by them; elsewhere by the answers that they would bring about.
"""

from collections.abc import Iterator

import numpy as np

from benchmarks.compare.comparison import Cause
from benchmarks.evaluation.desktop import TfliteRunner
from benchmarks.explain import labels, model_input
from benchmarks.explain.case import Case, StageChange
from benchmarks.explain.preprocess_variant import PreprocessVariant
from benchmarks.explain.sample import Sample, take
from benchmarks.explain.scorer import GOOD, MIN_REPORTED, HypothesisScorer, ScoredHypothesis, Values, worth_reporting
from benchmarks.explain.texts import cause
from benchmarks.formats.classifier import Classifier
from benchmarks.formats.manifest import ExportedRecipe, ExportedVariant
from metadata.preprocess import Pixels


def causes(case: Case, step: StageChange) -> Iterator[Cause]:
    """What explains this arrow, in no order; nothing where no suspect explains any of it."""
    if (shift := labels.shifted(step)) is not None:
        yield shift
        return
    if case.recipe is None or case.variant is None:
        return
    sample = take(case, case.recipe, step)
    seen = case.fed()
    if seen is None:
        yield from _by_answers(step, sample, case.recipe, case.variant)
    else:
        yield from _by_tensors(step, sample, np.asarray(seen)[sample.indices], case.variant)


def _by_tensors(step: StageChange, sample: Sample, seen: Values, variant: ExportedVariant) -> Iterator[Cause]:
    quantization = Classifier.of(variant.file.checked().read_bytes()).quantization
    apart = model_input.difference(sample, seen, quantization)
    if apart.differing == 0:
        evidence = f"the phone feeds exactly what this computer feeds, in {apart.inputs} of {apart.inputs} inputs tried"
        yield cause("UNEXPLAINED", step.name, evidence, 0.0)
        return
    size = (
        f"{apart.differing} of {apart.inputs} fed tensors differ, in {apart.values_share:.0%} of their values, "
        f"by {apart.mean_levels:.1f} levels on average and {apart.max_levels:.0f} at most"
    )
    found = worth_reporting(model_input.judged(sample, seen, quantization))
    share = apart.decoder_share
    if share >= MIN_REPORTED and not any(one.score >= GOOD for one in found):
        yield cause("JPEG-DECODER", step.name, f"{size}; {share:.0%} of that is a few levels in JPEG pictures", share)
    for one in found:
        evidence = (
            f"{size}; {_doing(one)} reproduces {one.score:.1%} of that; the first stage to differ: {one.suspect.stage}"
        )
        yield cause(one.suspect.id, step.name, evidence, one.score)


def _by_answers(step: StageChange, sample: Sample, recipe: ExportedRecipe, variant: ExportedVariant) -> Iterator[Cause]:
    runner = TfliteRunner(variant.file.checked().read_bytes(), recipe.image)

    def carry_out(way: PreprocessVariant, levels: Pixels) -> Values:
        return runner.run_model_input(way.tensor(levels, recipe.image, runner.quantization))

    seen, expected = step.after[sample.indices], step.before[sample.indices]
    trial = HypothesisScorer(sample.pictures, seen, expected, carry_out)
    found = trial.usual()
    if found[0].score < GOOD and (refined := trial.refined()) is not None:
        found.append(refined)
    found += trial.combined_hypotheses(found)
    flipped = seen.argmax(axis=1) != expected.argmax(axis=1)
    for one in worth_reporting(found):
        hits = (trial.values(one.suspect.way).argmax(axis=1) == seen.argmax(axis=1))[flipped].sum()
        evidence = (
            f"{_doing(one)}, tried here on {sample.count} inputs, reproduces {one.score:.1%} of the difference "
            f"and {hits} of {flipped.sum()} flipped answers"
        )
        yield cause(one.suspect.id, step.name, evidence, one.score)


def _doing(one: ScoredHypothesis) -> str:
    return f"that fault ({one.suspect.detail})"
