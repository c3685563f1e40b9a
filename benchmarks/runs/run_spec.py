"""What a run is asked to do: the options that `run` and `pack` share, and the specification that is made of them.

Two runs with the same specification can be one: the second finishes what the first left undone.
"""

import argparse
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import asdict, replace

from benchmarks.console.arguments import add_model_options, count
from benchmarks.formats.declared import plain
from benchmarks.formats.job import Accelerator
from benchmarks.formats.manifest import ExportedRecipe, ExportedVariant, Manifest
from benchmarks.formats.run_file import RunFile, RunModel
from benchmarks.runs.outcome import Settings

PROGRESS = frozenset({"format", "run", "complete", "fingerprint", "phones", "packed"})
"""The fields of `run.json` that do not say what the run is to do."""


@dataclass(frozen=True, slots=True)
class RunSpec:
    """Everything that decides what the results of a run are, except the phones. `limit` None is every input.

    `runner` does the app's work on a virtual phone; None where the app itself does it.
    """

    settings: Settings
    rounds: int
    seed: int
    limit: int | None
    runner: str | None
    recipes: Mapping[str, ExportedRecipe]
    variants: Sequence[ExportedVariant]

    def to_file(self) -> RunFile:
        """As `run.json` holds it, with its fingerprint; its name is given when the run begins."""
        file = RunFile(
            run="",
            complete=False,
            fingerprint="",
            virtual=self.runner is not None,
            runner=self.runner,
            threads=self.settings.threads,
            accelerator=self.settings.accelerator,
            return_fed=self.settings.return_fed,
            schedule=asdict(self.settings.schedule),
            sustain_s=self.settings.sustain_s,
            rounds=self.rounds,
            seed=self.seed,
            limit=self.limit,
            models=tuple(self._model(variant) for variant in self.variants),
            phones={},
        )
        return replace(file, fingerprint=fingerprint_of(file))

    def _model(self, variant: ExportedVariant) -> RunModel:
        recipe = self.recipes[variant.recipe]
        return RunModel(
            recipe=variant.recipe,
            variant=variant.name,
            sha256=variant.file.sha256,
            size_bytes=variant.file.size_bytes,
            inputs_sha256=recipe.inputs.sha256,
            inputs=recipe.input_count if self.limit is None else min(self.limit, recipe.input_count),
            evaluation=recipe.evaluation,
            reference=recipe.reference,
            notes=recipe.notes,
        )


def fingerprint_of(file: RunFile) -> str:
    """A hash over what the run is to do: all fields but its name and what became of it."""
    asked = {name: value for name, value in plain(file).items() if name not in PROGRESS}
    for model in asked["models"]:
        del model["notes"]  # they change nothing that is to be done
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def add_options(parser: argparse.ArgumentParser) -> None:
    """--models, --variants, --limit, --threads, --accelerator and --seed."""
    add = parser.add_argument
    add_model_options(parser, "exported models by name (default: all)", "such as fp32,int8 (default: all)")
    add("--limit", type=count, metavar="N", help="only the first N inputs of every evaluation set")
    add("--threads", "--num_threads", "--num-threads", type=count, default=4, metavar="N", help="default: %(default)s")
    add("--accelerator", type=Accelerator, choices=tuple(Accelerator), default=Accelerator.CPU, metavar="NAME",
        help=f"{', '.join(Accelerator)} (default: %(default)s)")  # fmt: skip
    add("--seed", type=int, default=0, help="of the order within rounds (default: %(default)s)")


def spec_from(options: argparse.Namespace, settings: Settings, rounds: int, runner: str | None) -> RunSpec:
    """What `options` ask for; ManifestError for a model or a variant that is not exported."""
    manifest = Manifest.read(options.build.models)
    variants = manifest.select(options.models, options.variants)
    recipes = {variant.recipe: manifest.recipes[variant.recipe] for variant in variants}
    return RunSpec(settings, rounds, options.seed, options.limit, runner, recipes, variants)
