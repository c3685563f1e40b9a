"""The probe runs in the environment it probes; here that is this one."""

import pytest

from metadata.runtimes import load_runtime


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
