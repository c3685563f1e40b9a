"""All variants of one model, in the order that keeps the least of it in memory; and those that could not be made."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.evaluation.desktop import GraphRunner, ModelRunner
from benchmarks.formats.variant_record import VariantRecord
from export.checks import verify
from export.convert.calibration import Ranges
from export.convert.single_precision import fake_quantisation_step
from export.convert.variants import CALIBRATED, Workbench
from export.errors import CalibrationError, VariantError
from export.recipe import Built, ProgressStage, Variant

QUANTISATION_AWARE = (
    "the model imitates quantisation (FakeQuant), which this converter does not join with its own; for an int8, give "
    "the model as it was before quantisation-aware training"
)


@dataclass(slots=True)
class Converted:
    """The packed variants' records, and `ranges` of the float model's tensors where one was calibrated.

    `runners` are those of the calibrated variants, which may not load. `refused` is why there is no int8; `left_out`
    are lines about what is missing for another reason.
    """

    records: dict[Variant, VariantRecord] = field(default_factory=dict)
    runners: dict[str, ModelRunner] = field(default_factory=dict)
    ranges: Ranges = field(default_factory=dict)
    refused: str | None = None
    left_out: list[str] = field(default_factory=list)

    def refuse(self, variant: Variant, error: VariantError, imitates: bool) -> None:
        """Note why a calibrated variant is not there; raises `error` where the export cannot go on without it."""
        if imitates and self.records:
            self.left_out.append(f"  {variant} is left out: {error}; {QUANTISATION_AWARE}")
        elif variant is Variant.INT8:
            self.refused = str(error)
        else:
            raise error


def convert_all(workbench: Workbench, built: Built, variants: Sequence[Variant], stage: ProgressStage) -> Converted:
    """Make the variants: first those of the graph, fp32 last of them, then, without it, those that are calibrated.

    So the fp32 file, with which these begin, is not in memory while the others are made.
    ParityError where fp32 does not answer as the user's file does; VariantError for a variant that must not ship,
    unless it is an int8, for which there are remedies.
    """
    made = Converted()
    exact = sorted((one for one in variants if one not in CALIBRATED), key=lambda one: one is Variant.FP32)
    calibrated = [one for one in variants if one in CALIBRATED]
    imitates = fake_quantisation_step(workbench.frozen.graph_def) is not None
    _make_exact(workbench, built, exact, made, stage)
    if calibrated:
        workbench.frozen.drop_graph()
    for variant in calibrated:
        stage.advance(0, str(variant))
        try:
            record = workbench.make(variant, built.calibration, lambda note: stage.advance(0, note))
            made.runners[variant] = workbench.runner(variant)
            made.records[variant] = record
        except CalibrationError:
            raise
        except VariantError as error:
            made.refuse(variant, error, imitates)
        stage.advance(1, f"{len(made.records)} variants")
    made.ranges = workbench.frozen.ranges
    made.records = {variant: made.records[variant] for variant in variants if variant in made.records}
    return made


def _make_exact(
    workbench: Workbench, built: Built, variants: Sequence[Variant], made: Converted, stage: ProgressStage
) -> None:
    """Make fp32, fp16 and dynamic, and hold fp32, or else the graph, against the user's file."""
    original = built.original
    if original is not None and Variant.FP32 not in variants:
        graph = workbench.frozen.graph_def.SerializeToString()
        verify.require_original(original, GraphRunner(graph, workbench.recipe.card.image))
    for variant in variants:
        stage.advance(0, str(variant))
        made.records[variant] = workbench.make(variant, built.calibration)
        if original is not None and variant is Variant.FP32:
            verify.require_original(original, workbench.runner(variant))
        stage.advance(1, f"{len(made.records)} variants")
