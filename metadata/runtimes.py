"""Which operators a TensorFlow Lite runtime loads, in which versions, and computes, of which types of tensors.

The tables are made by probe_runtime.py.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from metadata.errors import UnknownRuntimeError
from metadata.operators import OPERANDS, Operator, OperatorUse, Scales
from metadata.tensors import DType

FORMAT = "handset.runtime/1"
APP_RUNTIME = "2.16.1"
TABLES = Path(__file__).parent / "runtimes"


NEW_TYPES = frozenset({DType.INT4, DType.BFLOAT16, None})
"""Types that an operator computes only where the table says so."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """A runtime's operators, each with the lowest and the highest version that it loads.

    `types` has what operators with weights compute: the types of their input and weights, and the weights' `Scales`.
    """

    name: str
    source: str
    operators: Mapping[str, tuple[int, int]]
    types: Mapping[str, frozenset[tuple[str, ...]]] = field(default_factory=dict)

    def unsupported(self, operators: Iterable[Operator]) -> tuple[Operator, ...]:
        """The builtin operators that this runtime refuses to load. Custom operators come with the app, not with it."""
        return tuple(operator for operator in operators if not operator.custom and not self._loads(operator))

    def not_computed(self, uses: Iterable[OperatorUse]) -> tuple[OperatorUse, ...]:
        """The uses that this runtime refuses or computes wrongly, although it loads the operator's version."""
        return tuple(use for use in uses if use.name in self.operators and not self._computes(use))

    def _computes(self, use: OperatorUse) -> bool:
        if use.name not in self.types or use.name not in OPERANDS:
            return not NEW_TYPES & set(use.types)
        one_channel = use.scales is Scales.ONE_CHANNEL
        every = (Scales.TENSOR, Scales.CHANNEL) if one_channel else (use.scales,)
        types = tuple(str(dtype) for dtype in use.types)
        return any((*types, str(scales)) in self.types[use.name] for scales in every)

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
    types = {operator: frozenset(map(tuple, every)) for operator, every in table["types"].items()}
    return Runtime(table["runtime"], table["source"], operators, types)
