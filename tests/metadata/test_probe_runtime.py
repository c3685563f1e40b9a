"""The probe runs in the environment it probes; here that is this one."""

import pytest

from metadata.runtimes import load_runtime


@pytest.mark.usefixtures("quiet_tensorflow")
def test_the_installed_runtime_still_computes_as_its_table_says() -> None:
    """Some of each outcome: right, refused, and loaded but wrong."""
    from metadata.probe_types import computes

    table = load_runtime("2.19.1").types
    for name, *types in (
        ("CONV_2D", "float32", "int4", "channel"),
        ("FULLY_CONNECTED", "int8", "int8", "tensor"),
        ("DEPTHWISE_CONV_2D", "float32", "int8", "tensor"),
        ("TRANSPOSE_CONV", "float32", "int4", "channel"),
        ("BATCH_MATMUL", "float32", "int4", "tensor"),
        ("DEQUANTIZE", "float32", "int4", "channel"),
    ):
        listed = tuple(types if name != "DEQUANTIZE" else types[1:]) in table[name]
        assert computes(name, *types) is listed, (name, types)


@pytest.mark.usefixtures("quiet_tensorflow")
def test_the_installed_runtime_still_answers_as_its_table_says() -> None:
    from tensorflow.lite.python.schema_py_generated import BuiltinOperator

    from metadata.probe_runtime import loads, version_range

    table = load_runtime("2.19.1").operators
    for name in ("FULLY_CONNECTED", "CONV_2D", "STABLEHLO_COMPOSITE", "CALL_ONCE"):
        code = getattr(BuiltinOperator, name)
        assert version_range(name, code) == list(table[name])
    assert loads(BuiltinOperator.ADD, 1)
    assert not loads(BuiltinOperator.ADD, 99)
