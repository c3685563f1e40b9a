"""The arrow from tensors to pictures: which fault of preprocessing, reproduced here, makes what the phone made.

Hypotheses are scored by the tensors that the phone gave its model, where the run has them, else by the answers.
"""

from collections.abc import Iterator

import numpy as np

from benchmarks.compare.comparison import Cause
from benchmarks.evaluation.desktop import TfliteRunner
from benchmarks.explain import label_shift, model_input
from benchmarks.explain.causes import cause
from benchmarks.explain.compared_row import ComparedRow, StageChange
from benchmarks.explain.preprocess_variant import PreprocessVariant
from benchmarks.explain.sample import Sample, read_sample
from benchmarks.explain.scorer import GOOD, MIN_REPORTED, HypothesisScorer, ScoredHypothesis, Values, worth_reporting
from benchmarks.formats.classifier import Classifier
from benchmarks.formats.manifest import ExportedRecipe, ExportedVariant
from metadata.preprocess import Pixels


def causes(row: ComparedRow, change: StageChange) -> Iterator[Cause]:
    """What explains this arrow, in no order; nothing where no hypothesis explains any of it."""
    if (shift := label_shift.shifted(change)) is not None:
        yield shift
        return
    if row.recipe is None or row.variant is None:
        return
    sample = read_sample(row, row.recipe, change)
    seen = row.model_inputs()
    if seen is None:
        yield from _by_answers(change.at(sample.indices), sample, row.recipe, row.variant)
    else:
        yield from _by_tensors(change, sample, np.asarray(seen)[sample.indices], row.variant)


def _by_tensors(change: StageChange, sample: Sample, seen: Values, variant: ExportedVariant) -> Iterator[Cause]:
    quantization = Classifier.of(variant.file.checked().read_bytes()).quantization
    apart = model_input.difference(sample, seen, quantization)
    if apart.differing == 0:
        evidence = f"the phone feeds exactly what this computer feeds, in {apart.inputs} of {apart.inputs} inputs tried"
        yield cause("UNEXPLAINED", change.name, evidence, 0.0)
        return
    size = (
        f"{apart.differing} of {apart.inputs} fed tensors differ, in {apart.values_share:.0%} of their values, "
        f"by {apart.mean_levels:.1f} levels on average and {apart.max_levels:.0f} at most"
    )
    found = worth_reporting(model_input.scored_hypotheses(sample, seen, quantization))
    share = apart.decoder_share
    if share >= MIN_REPORTED and not any(one.score >= GOOD for one in found):
        yield cause("JPEG-DECODER", change.name, f"{size}; {share:.0%} of that is a few levels in JPEG pictures", share)
    for one in found:
        reproduced = f"{_fault(one)} reproduces {one.score:.1%} of that"
        evidence = f"{size}; {reproduced}; the first stage to differ: {one.hypothesis.stages(sample.right)[0]}"
        yield cause(one.hypothesis.id, change.name, evidence, one.score)


def _by_answers(
    change: StageChange, sample: Sample, recipe: ExportedRecipe, variant: ExportedVariant
) -> Iterator[Cause]:
    runner = TfliteRunner(variant.file.checked().read_bytes(), recipe.image)

    def carry_out(variant: PreprocessVariant, levels: Pixels) -> Values:
        return runner.run_model_input(variant.tensor(levels, recipe.image, runner.quantization))

    scorer = HypothesisScorer(sample, change.after, change.before, carry_out)
    found = scorer.usual()
    if found[0].score < GOOD and (refined := scorer.refined()) is not None:
        found.append(refined)
    found += scorer.combined_hypotheses(found)
    for one in worth_reporting(found):
        _, flips = change.reproduced_by(scorer.values(one.hypothesis.variant))
        tried = f"{_fault(one)}, tried here on {sample.count} inputs,"
        evidence = f"{tried} reproduces {one.score:.1%} of the difference and {flips}"
        yield cause(one.hypothesis.id, change.name, evidence, one.score)


def _fault(scored: ScoredHypothesis) -> str:
    return f"that fault ({scored.hypothesis.detail})"
