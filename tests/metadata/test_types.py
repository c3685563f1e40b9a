"""Which types of tensors a runtime computes, found in the file without running it."""

from collections.abc import Mapping
from itertools import product

import pytest

from metadata.check import check
from metadata.finding import Finding
from metadata.reader import read_bytes
from metadata.runtimes import known_runtimes, load_runtime


def findings(model: bytes, runtime: str = "2.16.1") -> dict[str, Finding]:
    return {finding.id: finding for finding in check(read_bytes(model), load_runtime(runtime))}


@pytest.mark.usefixtures("quiet_tensorflow")
def test_types_that_a_runtime_does_not_compute_are_found_and_only_those() -> None:
    from metadata.probe_types import FLOATS, INPUT_TYPES, INTEGERS, SHAPES, weighted_model

    weights = [*((dtype, "none") for dtype in FLOATS), *product(INTEGERS, ("tensor", "channel"))]
    for name in SHAPES:
        for input_type, (dtype, scales) in product(INPUT_TYPES if name != "DEQUANTIZE" else ("float32",), weights):
            model = weighted_model(name, input_type, dtype, scales)[0]
            for runtime in known_runtimes():
                types = (dtype, scales) if name == "DEQUANTIZE" else (input_type, dtype, scales)
                listed = types in load_runtime(runtime).types[name]
                assert ("OPERATOR-TYPES" in findings(model, runtime)) is not listed, (name, types, runtime)


@pytest.mark.usefixtures("quiet_tensorflow")
def test_four_bit_weights_of_todays_quantiser_are_for_newer_runtimes_only() -> None:
    from metadata.probe_types import weighted_model

    model = weighted_model("CONV_2D", "float32", "int4", "channel")[0]
    assert findings(model, "2.16.1")["OPERATOR-TYPES"].summary == (
        "CONV_2D of float32 and int4, one scale a channel (1 in the graph): "
        "TensorFlow Lite 2.16.1 refuses it or computes something else"
    )
    assert "OPERATOR-TYPES" not in findings(model, "2.19.1")


def test_a_product_of_two_inputs_needs_no_weights(tiny: Mapping[str, bytes]) -> None:
    assert "NO-WEIGHTS" not in findings(tiny["two_inputs"])
