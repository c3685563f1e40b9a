"""What a run was asked to do. Two runs with one wish can be one: the second finishes what the first left undone."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from benchmarks.formats.manifest import ExportedRecipe, ExportedVariant
from benchmarks.formats.run_folder import Record
from benchmarks.runs.outcome import Settings


@dataclass(frozen=True, slots=True)
class RunSpec:
    """Everything that decides what the results of a run are, except the phones.

    `runner` does the app's work on a virtual phone; None where the app itself does it.
    """

    settings: Settings
    rounds: int
    seed: int
    limit: int | None
    runner: str | None
    recipes: Mapping[str, ExportedRecipe]
    variants: Sequence[ExportedVariant]

    def to_json(self) -> Record:
        """As `run.json` holds it, with its fingerprint."""
        wish: Record = {
            "virtual": self.runner is not None,
            "runner": self.runner,
            "threads": self.settings.threads,
            "accelerator": str(self.settings.accelerator),
            "return_fed": self.settings.return_fed,
            "schedule": asdict(self.settings.schedule),
            "sustain_s": self.settings.sustain_s,
            "rounds": self.rounds,
            "seed": self.seed,
            "limit": self.limit,
            "models": [self._model(one) for one in self.variants],
        }
        return {"fingerprint": hashlib.sha256(json.dumps(wish, sort_keys=True).encode()).hexdigest(), **wish}

    def _model(self, variant: ExportedVariant) -> Record:
        recipe = self.recipes[variant.recipe]
        return {
            "recipe": variant.recipe,
            "variant": variant.name,
            "sha256": variant.file.sha256,
            "bytes": variant.file.size_bytes,
            "inputs_sha256": recipe.inputs.sha256,
            "inputs": recipe.input_count if self.limit is None else min(self.limit, recipe.input_count),
            "evaluation": recipe.evaluation,
            "reference": recipe.reference,
        }
