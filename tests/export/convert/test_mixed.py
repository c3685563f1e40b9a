"""The layers that int8 breaks are found, and left in float."""

from typing import Any

import numpy as np
import pytest

from benchmarks.evaluation.desktop import TfliteRunner
from export.convert import convert
from export.convert.mixed import MixedModel, convert_mixed
from export.recipe import Tolerance, Variant
from metadata.preprocess import normalised
from metadata.reader import read_bytes
from metadata.runtimes import load_runtime
from tests.export.fragile import IMAGE, model, pictures

pytestmark = pytest.mark.usefixtures("tensorflow")
CALIBRATION = convert.with_black_and_white(pictures(1, 40)[0])
PICTURES = pictures(2, 100)[0]


@pytest.fixture(scope="module")
def loud(_imported: None) -> Any:
    return model(1e3)


def mixed(of: Any, points: float) -> MixedModel:
    return convert_mixed(convert.freeze(of, IMAGE), CALIBRATION, IMAGE, Tolerance(points, points))


def layers(of: MixedModel) -> list[str]:
    """Keras's names of the layers in float."""
    return [name.split("/")[1].rpartition("_")[0] for name in of.float_layers]


def test_the_layers_around_the_drowned_tensor_are_in_float_and_the_answers_are_back(loud: Any) -> None:
    found = mixed(loud, 0.0)
    assert layers(found) == ["loud", "quiet"]
    expected = loud.predict(normalised(PICTURES, IMAGE), verbose=0)
    answered = TfliteRunner(found.model, IMAGE).run(PICTURES)
    assert (answered.argmax(axis=1) == expected.argmax(axis=1)).mean() > 0.98
    int8 = TfliteRunner(convert.convert(convert.freeze(loud, IMAGE), Variant.INT8, CALIBRATION, IMAGE), IMAGE)
    assert (int8.run(PICTURES).argmax(axis=1) == expected.argmax(axis=1)).mean() < 0.5


def test_the_rest_is_int8_between_float_ends(loud: Any, tensorflow: Any) -> None:
    found = mixed(loud, 0.0)
    interpreter = tensorflow.lite.Interpreter(model_content=found.model)
    kinds = [tensor["dtype"] for tensor in interpreter.get_tensor_details() if len(tensor["shape"]) == 4]
    assert {np.int8, np.float32} == set(kinds)
    file = read_bytes(found.model).file
    assert (file.inputs[0].name, file.inputs[0].dtype, file.outputs[0].dtype) == ("image", "float32", "float32")
    assert not load_runtime().unsupported(file.operators)
    versions = {operator.name: operator.version for operator in file.operators}
    assert versions["FULLY_CONNECTED"] <= 11


def test_no_more_is_spared_than_has_to_be(loud: Any) -> None:
    assert len(mixed(loud, 0.0).float_layers) == 2
    assert len(mixed(model(1), 100.0).float_layers) == 2


def test_half_of_the_tensors_is_as_far_as_it_goes(loud: Any) -> None:
    """Nothing disagrees less than never, so the last try comes back: two tensors of six, as four are too many."""
    assert 2 < len(mixed(loud, -1.0).float_layers) <= 4


@pytest.mark.parametrize("loudness", [1e5, 1e9])
def test_layers_that_xnnpack_refuses_in_integers_are_left_in_float(loudness: float) -> None:
    """The plain kernels, which show the tensors, take them."""
    refused = model(loudness)
    found = mixed(refused, 0.0)
    assert {"loud", "quiet"} <= set(layers(found))
    expected = refused.predict(normalised(PICTURES, IMAGE), verbose=0)
    answered = TfliteRunner(found.model, IMAGE).run(PICTURES)
    assert (answered.argmax(axis=1) == expected.argmax(axis=1)).mean() > 0.98
