"""The thresholds of `benchmarks/gates.toml`: what a model may cost on a phone.

The file is read strictly, so that a limit with a misspelt name is never simply not kept.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from benchmarks.compare.comparison import Model
from benchmarks.formats.errors import ComparisonError

FILE = Path(__file__).parent.parent / "gates.toml"
SECTIONS = ("default", "variant", "recipe")


@dataclass(frozen=True, slots=True)
class Threshold:
    """One kind of limit: `least` is a lower one, `unit` follows every number times `scale`.

    `of_a_phone` says what a virtual phone cannot, and `of_rounds` what a sustained run has none of.
    """

    name: str
    words: str
    unit: str
    scale: float = 1.0
    least: bool = False
    of_a_phone: bool = False
    of_rounds: bool = False


THRESHOLDS = {
    one.name: one
    for one in (
        Threshold("accuracy_drop_points", "the drop of accuracy", " points", of_rounds=True),
        Threshold("agreement", "agreement with Keras", " %", 100, least=True, of_rounds=True),
        Threshold("p90_ms", "the 90th percentile", " ms", of_a_phone=True, of_rounds=True),
        Threshold("init_ms", "loading the model", " ms", of_a_phone=True, of_rounds=True),
        Threshold("memory_bytes", "memory at its peak", " MB", 1e-6, of_a_phone=True),
        Threshold("size_bytes", "the model file", " MB", 1e-6),
    )
}


@dataclass(frozen=True, slots=True)
class Limits:
    """All of `gates.toml`: limits by name, for everything, by variant, by recipe, and by both."""

    default: Mapping[str, float]
    variants: Mapping[str, Mapping[str, float]]
    recipes: Mapping[str, Mapping[str, float]]
    pairs: Mapping[tuple[str, str], Mapping[str, float]]

    @classmethod
    def read(cls, path: Path = FILE) -> Self:
        """The limits in the file at `path`; ComparisonError, one line, for anything else than docs/formats.md says."""
        try:
            record = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ComparisonError(f"{path} cannot be read, {error.strerror}; give another with --gates") from error
        except ValueError as error:
            raise ComparisonError(f"{path} is not TOML ({' '.join(str(error).split())}); mend it") from error
        _known(path, "", record, SECTIONS)
        recipes = {name: _table(path, f"recipe.{name}", one) for name, one in _tables(path, "recipe", record)}
        variants = _tables(path, "variant", record)
        pairs = {
            (recipe, variant): _limits(path, f"recipe.{recipe}.variant.{variant}", one)
            for recipe, table in recipes.items()
            for variant, one in _tables(path, "variant", table)
        }
        return cls(
            default=_limits(path, "default", record.get("default", {})),
            variants={name: _limits(path, f"variant.{name}", one) for name, one in variants},
            recipes={name: _limits(path, f"recipe.{name}", _apart(one)) for name, one in recipes.items()},
            pairs=pairs,
        )

    def of(self, model: Model) -> Mapping[str, float]:
        """What holds for a model, the nearest name first."""
        by_name = (self.variants.get(model.variant, {}), self.recipes.get(model.recipe, {}))
        return {**self.default, **by_name[0], **by_name[1], **self.pairs.get((model.recipe, model.variant), {})}


def _tables(path: Path, name: str, record: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    return list(_table(path, name, record.get(name, {})).items())


def _table(path: Path, place: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ComparisonError(f"{path}: {place} is {value!r}, not a table; write [{place}]")
    return value


def _apart(table: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in table.items() if name != "variant"}


def _limits(path: Path, place: str, value: object) -> Mapping[str, float]:
    table = _table(path, place, value)
    _known(path, f"{place}.", table, tuple(THRESHOLDS))
    for name, limit in table.items():
        highest = 1.0 if name == "agreement" else 1e15
        if not isinstance(limit, int | float) or isinstance(limit, bool) or not 0 <= limit <= highest:
            raise ComparisonError(f"{path}: {place}.{name} is {limit!r}, not a number from 0 to {highest:g}; mend it")
    return {name: float(limit) for name, limit in table.items()}


def _known(path: Path, place: str, table: Mapping[str, Any], names: Sequence[str]) -> None:
    for name in table:
        if name not in names:
            raise ComparisonError(f"{path}: {place}{name} is no name known here; choose from {', '.join(names)}")
