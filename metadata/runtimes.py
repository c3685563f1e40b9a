"""Which operators, in which versions, a TensorFlow Lite runtime loads. The tables are made by probe_runtime.py."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from metadata.errors import UnknownRuntimeError
from metadata.model_file import Operator

FORMAT = "handset.runtime/1"
APP_RUNTIME = "2.16.1"
TABLES = Path(__file__).parent / "runtimes"


@dataclass(frozen=True, slots=True)
class Runtime:
    """A runtime's operators, each with the lowest and the highest version that it loads."""

    name: str
    source: str
    operators: Mapping[str, tuple[int, int]]

    def unsupported(self, operators: Iterable[Operator]) -> tuple[Operator, ...]:
        """The builtin operators that this runtime refuses to load. Custom operators come with the app, not with it."""
        return tuple(operator for operator in operators if not operator.custom and not self._loads(operator))

    def _loads(self, operator: Operator) -> bool:
        lowest, highest = self.operators.get(operator.name, (1, 0))
        return lowest <= operator.version <= highest


def known_runtimes() -> tuple[str, ...]:
    """The names that `load_runtime` takes."""
    return tuple(sorted(path.stem for path in TABLES.glob("*.json")))


@cache
def load_runtime(name: str = APP_RUNTIME) -> Runtime:
    """The runtime called `name`, a TensorFlow version; UnknownRuntimeError lists those there are."""
    if name not in known_runtimes():
        raise UnknownRuntimeError(f"runtime {name!r} is unknown; choose one of {', '.join(known_runtimes())}")
    table = json.loads((TABLES / f"{name}.json").read_text("utf-8"))
    if table["format"] != FORMAT:
        raise UnknownRuntimeError(f"runtimes/{name}.json has format {table['format']!r}; this kit reads {FORMAT!r}")
    operators = {operator: (lowest, highest) for operator, (lowest, highest) in table["operators"].items()}
    return Runtime(table["runtime"], table["source"], operators)
