"""The kit as it is typed, on exported models and on a virtual phone behind a real adb server."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.formats.declared import read_file
from benchmarks.formats.errors import RunError
from benchmarks.formats.layers_file import Layers, probed_file
from benchmarks.formats.manifest import ExportedVariant, Manifest
from benchmarks.formats.run_folder import find
from benchmarks.virtual_phone.runner import JobRunner
from metadata.graph import GraphOperator, read_graph
from tests.benchmarks.conftest import Reach, Start
from tests.benchmarks.explain.faulty_models import kinds_of, weighted_operator
from tests.benchmarks.explain.faulty_phone import faulty_phone
from tests.benchmarks.models import MODELS
from tests.benchmarks.rig import left_on, start_with_app
from tests.benchmarks.runs_made import PHONE

INPUTS = 4
STRICT = "[default]\nagreement = 0.99\naccuracy_drop_points = 0.1\n"
"""Limits that a stale layer does not keep on 40 digits."""


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


@dataclass
class Kit:
    """Commands on a build folder that has the exported models; `phone` are the options that name the phone."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    phone: Sequence[str] = ()
    build: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir()
        (self.folder / "models").symlink_to(MODELS)
        self.build = ["--build", str(self.folder)]

    def __call__(self, *words: str) -> Said:
        self.capsys.readouterr()
        code = main([*words, *self.build, *self.phone])
        return Said(code, *self.capsys.readouterr())

    def run_of(self, variant: ExportedVariant, gates: str = "", count: int = INPUTS) -> list[str]:
        """The words of a run of one variant on a few inputs, judged by these limits."""
        limits = self.folder / "gates.toml"
        limits.write_text(gates)
        chosen = ["--models", variant.recipe, "--variants", variant.name, "--limit", str(count)]
        return ["run", *chosen, "--rounds", "0", "--json", "--gates", str(limits)]

    def explain_layers(self, variant: ExportedVariant) -> Said:
        """`explain --layers` of that model in the last run."""
        return self("explain", "--layers", "--models", f"{variant.recipe}_{variant.name}")

    @property
    def phone_folder(self) -> Path:
        """Where the last run keeps what its phone gave."""
        return find(None, self.folder / "results").path / PHONE

    def layers(self, variant: ExportedVariant) -> Layers:
        """The layers that the last run has of that model."""
        path = probed_file(self.phone_folder, f"{variant.recipe}_{variant.name}")
        return read_file(path, Layers, RunError, "")


def exported(recipe: str, variant: str) -> ExportedVariant:
    """A variant in build/models."""
    return Manifest.read(MODELS).recipes[recipe].variants[variant]


def weighted(variant: ExportedVariant, place: int) -> tuple[int, GraphOperator]:
    """`faulty_models.weighted_operator` of a variant's file."""
    return weighted_operator(read_graph(variant.file.path.read_bytes()), place)


def assert_named(
    kit: Kit, start: Start, reach: Reach, runner: JobRunner, variant: ExportedVariant, fault: str, place: int
) -> None:
    """A phone whose every file of a model has that fault is measured and explained, and the fault is named."""
    at, operator = weighted(variant, place)
    virtual = start_with_app(start, runner=faulty_phone(runner, fault, at))
    kit.phone = reach(virtual)
    assert kit(*kit.run_of(variant)).code == 0
    said = kit.explain_layers(variant)
    assert (said.code, said.err.count("its layers are not known")) == (0, 0), said.err
    first = kit.layers(variant).first_faulty
    assert first is not None
    assert (first.operator, first.tensor) == (operator.name, operator.outputs[0])
    assert first.fault in kinds_of(variant.name, fault)
    assert f"the first faulty layer is {first.short_name} ({operator.name}): " in said.out
    assert left_on(virtual) == []
    assert not (kit.phone_folder / "probes").exists()
