from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from export.commands.table import footnotes
from export.convert import convert
from export.convert.calibration import Range
from export.convert.range_notes import range_notes
from export.pipeline import export
from export.recipe import Built, Choices, Variant
from metadata.finding import Severity
from metadata.runtimes import load_runtime
from tests.export import fragile
from tests.export.conftest import Quiet, noise

SAMPLES = convert.with_black_and_white(noise(1, 10, 16, 16, 3))


def ids(*ranges: Range) -> list[str]:
    return [note.id for note in range_notes(dict(enumerate(ranges)))]


def test_ordinary_layers_are_no_note() -> None:
    assert ids(Range("image", -1, 1), Range("conv", -46, 53), Range("relu6", 0, 6), Range("softmax", 0, 1)) == []
    assert ids() == [], "where nothing was calibrated"


def test_half_of_float16_is_where_a_note_begins() -> None:
    assert ids(Range("conv", 0, 32_752)) == []
    assert ids(Range("conv", 0, 32_753)) == ["FP16-OVERFLOW"]
    assert ids(Range("conv", -70_000, 0)) == ["FP16-OVERFLOW"]


def test_one_note_names_the_largest_layer_and_counts_the_others() -> None:
    large = [Range("a", 0, 40_000), Range("b", -123_456, 0), Range("c", 0, 50_000)]
    (note,) = range_notes(dict(enumerate(large)))
    assert note.severity is Severity.WARNING
    assert note.summary.startswith(
        "a and 2 more give up to 123,456 (b) on the samples for calibration, and float16 ends"
    )


def test_a_constant_is_dead_where_it_is_zero_and_saturated_elsewhere() -> None:
    dead, saturated = range_notes({1: Range("relu", 0, 0), 2: Range("relu6", 6, 6)})
    assert (dead.id, saturated.id) == ("DEAD-LAYER", "SATURATED-LAYER")
    assert dead.summary == "relu gives nothing but 0 on all samples for calibration"
    assert saturated.summary == "relu6 gives nothing but 6 on all samples for calibration"


def shifted(bias: float) -> Any:
    """The fragile classifier with one layer's bias so far away that its activation has one value only."""
    model = fragile.model(1)
    after = model.get_layer("after")
    kernel, _ = after.get_weights()
    after.set_weights([kernel, np.full(7, bias)])
    return model


@pytest.mark.usefixtures("tensorflow")
def test_a_relu_that_lets_nothing_through_is_found_in_a_real_model() -> None:
    frozen = convert.freeze(shifted(-1e3), fragile.IMAGE)
    convert.convert(frozen, Variant.INT8, SAMPLES, fragile.IMAGE)
    (note,) = range_notes(frozen.ranges)
    assert note.id == "DEAD-LAYER"
    assert "/after_" in note.summary


def loud(built: Built) -> Built:
    """The same classifier after a layer that gives 40,000 and one that takes it back."""
    import keras

    layers = keras.layers
    up, pool, down = layers.Rescaling(4e4, name="loud"), layers.AveragePooling2D(1), layers.Rescaling(1 / 4e4)
    return replace(built, model=keras.Sequential([keras.Input((16, 16, 3)), up, pool, down, built.model]))


@pytest.mark.usefixtures("tensorflow")
def test_an_export_keeps_its_notes_and_prints_them(tmp_path: Path) -> None:
    healthy = fragile.recipe(1)
    recipe = replace(healthy, build=lambda context: loud(healthy.build(context)))
    for name, variants in (("both", (Variant.FP32, Variant.INT8)), ("float", (Variant.FP32,))):
        (tmp_path / name).mkdir()
        record = export(recipe, Choices(variants=variants), load_runtime(), tmp_path / name, Quiet())
        lines = [line for line in footnotes({"fragile": record}) if line.startswith("note: ")]
        if name == "float":
            assert (record.notes, lines) == ((), []), "nothing was calibrated"
            continue
        assert [note.id for note in record.notes] == ["FP16-OVERFLOW"]
        assert lines[0].startswith("note: fragile: FP16-OVERFLOW: ")
        assert "/loud_" in lines[0]
        assert lines[0].endswith("run the model on the processor, or train it again with smaller weights")
