from collections.abc import Iterable

import pytest

from metadata.errors import UnknownRuntimeError
from metadata.operators import Operator
from metadata.runtimes import Runtime, known_runtimes, load_runtime


def test_the_apps_runtime_lacks_what_the_dense_layer_trap_is_about() -> None:
    assert load_runtime("2.16.1").operators["FULLY_CONNECTED"] == (1, 11)
    assert load_runtime("2.19.1").operators["FULLY_CONNECTED"] == (1, 13)


def test_each_table_names_its_runtime_and_its_source() -> None:
    assert "2.16.1" in known_runtimes()
    for name in known_runtimes():
        runtime = load_runtime(name)
        assert runtime.name == name
        assert "probe_runtime.py" in runtime.source
        assert len(runtime.operators) > 150


def test_an_unknown_runtime_lists_the_known_ones() -> None:
    with pytest.raises(UnknownRuntimeError, match=r"runtime '\.\./x' is unknown; choose one of 2\.16\.1, 2\.19\.1"):
        load_runtime("../x")


def names(operators: Iterable[Operator]) -> list[str]:
    return [operator.name for operator in operators]


def test_only_builtin_operators_outside_the_range_are_unsupported() -> None:
    runtime = Runtime("x", "made up", {"ADD": (1, 3), "MUL": (2, 2)})
    operators = [
        Operator("ADD", 3, 1, custom=False),
        Operator("ADD", 4, 1, custom=False),
        Operator("MUL", 1, 0, custom=False),
        Operator("BUILTIN_300", 1, 1, custom=False),
        Operator("Mine", 1, 1, custom=True),
    ]
    assert names(runtime.unsupported(operators)) == ["ADD", "MUL", "BUILTIN_300"]
