"""Probes show what the interpreter itself keeps, in every variant, and answer as the model does."""

from collections.abc import Iterator

import numpy as np
import pytest

from benchmarks.evaluation.all_tensors import ProbedModel
from benchmarks.evaluation.interpreter import Interpreter, loaded
from benchmarks.formats.classifier import Classifier
from benchmarks.formats.manifest import ExportedRecipe, Manifest
from metadata.graph import read_graph
from metadata.preprocess import normalised
from metadata.probes import probed, with_outputs
from tests.benchmarks.faulty import unwarned
from tests.benchmarks.models import MODELS, is_exported

pytestmark = pytest.mark.skipif(not is_exported(), reason="build/models holds no models: run make export first")

VARIANTS = ("fp32", "fp16", "dynamic", "int8", "int16x8")
SHOWN = {"digits_cnn": 9, "efficientnet_lite0": 61}
"""How many tensors at least each network computes."""


QUICK = ("fp32", "int8")
CASES = [
    pytest.param((name, variant), marks=() if name == "digits_cnn" or variant in QUICK else pytest.mark.thorough)
    for name in SHOWN
    for variant in VARIANTS
]


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> Iterator[tuple[str, bytes, ExportedRecipe]]:
    name, variant = request.param
    recipe = Manifest.read(MODELS).recipes[name]
    with unwarned():
        model = _int16x8(recipe) if variant == "int16x8" else recipe.variants[variant].file.path.read_bytes()
        yield name, model, recipe


def _int16x8(recipe: ExportedRecipe) -> bytes:
    import keras

    from export.convert import convert
    from export.recipe import Variant

    levels = next(recipe.evaluation_set(4).batches(recipe.image, 4))
    frozen = convert.freeze(keras.models.load_model(recipe.model.path, compile=False), recipe.image)
    return convert.convert(frozen, Variant.INT16X8, levels, recipe.image)


@pytest.mark.parametrize("xnnpack", [True, False])
def test_probes_show_every_tensor_as_the_interpreter_keeps_it_and_answer_as_the_model_does(
    case: tuple[str, bytes, ExportedRecipe], xnnpack: bool
) -> None:
    name, model, recipe = case
    levels = next(recipe.evaluation_set(1).batches(recipe.image, 1))
    model_input = normalised(levels, recipe.image, Classifier.of(model).quantization)
    probe, plain = ProbedModel(model, xnnpack=xnnpack), Interpreter(model, xnnpack=xnnpack)
    values = probe.run(model_input)
    plain.feed(model_input)
    plain.invoke()
    (output,) = probe.graph.outputs
    assert np.array_equal(values[output][0], plain.scores())
    assert len(values) > SHOWN[name]
    assert probe.hidden == {}
    if not xnnpack:  # which does not keep them
        keeping, _ = loaded(model, xnnpack=False, experimental_preserve_all_tensors=True)
        keeping.set_tensor(keeping.get_input_details()[0]["index"], model_input)
        keeping.invoke()
        assert all(np.array_equal(shown, keeping.get_tensor(index)) for index, shown in values.items())


@pytest.mark.parametrize("case", [("efficientnet_lite0", "fp32")], indirect=True)
def test_tensors_in_several_copies_are_those_of_one(case: tuple[str, bytes, ExportedRecipe]) -> None:
    _, model, recipe = case
    model_input = normalised(next(recipe.evaluation_set(1).batches(recipe.image, 1)), recipe.image)
    whole = ProbedModel(model).run(model_input)
    graph = read_graph(model)
    tensors = probed(graph).tensors
    for part in (tensors[:20], tensors[20:]):
        copy, outputs = with_outputs(model, part)
        interpreter = Interpreter(copy)
        interpreter.feed(model_input)
        interpreter.invoke()
        for place, index in enumerate(outputs):
            assert np.array_equal(interpreter.value(place), whole[index])
