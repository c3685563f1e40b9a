from collections.abc import Mapping

import numpy as np
import pytest

from metadata.errors import ModelFileError
from metadata.flatbuffer import FlatBuffer
from metadata.model_file import IDENTIFIER, KIND
from metadata.ranges import float_tensors, with_ranges

Tiny = Mapping[str, bytes]


def written(model: bytes) -> dict[int, tuple[float, ...]]:
    """`min` and `max` of every tensor that has them."""
    tensors = FlatBuffer.of(model).root(IDENTIFIER, KIND).tables(2)[0].tables(0)
    records = {index: record for index, tensor in enumerate(tensors) if (record := tensor.table(4)) is not None}
    return {
        index: record.numbers(0, "f") + record.numbers(1, "f") for index, record in records.items() if record.length(0)
    }


def test_the_input_and_every_result_can_have_a_range_and_no_weight_can(tiny: Tiny) -> None:
    names = list(float_tensors(tiny["fp32_3"]).values())
    assert names[0].endswith("image:0")
    assert len(names) == 5, "image, convolution, pooling, dense layer, probabilities"


def test_integer_tensors_have_no_range_to_measure(tiny: Tiny) -> None:
    assert float_tensors(tiny["int8_3"]) == {}


def test_ranges_are_written_where_they_belong_and_nothing_else_changes(tiny: Tiny) -> None:
    before = tiny["fp32_3"]
    ranges = {index: (-0.5 - at, 1.25 + at) for at, index in enumerate(float_tensors(before))}
    after = with_ranges(before, ranges)
    assert written(before) == {}
    assert written(after) == ranges
    changed = np.frombuffer(before, np.uint8) != np.frombuffer(after[: len(before)], np.uint8)
    assert changed.sum() <= 4 * len(ranges), "one offset a tensor"


def test_a_range_replaces_the_one_before(tiny: Tiny) -> None:
    index, *_ = float_tensors(tiny["fp32_1"])
    assert written(with_ranges(with_ranges(tiny["fp32_1"], {index: (0, 1)}), {index: (2, 3)})) == {index: (2, 3)}


def test_a_tensor_without_a_record_is_refused(tiny: Tiny) -> None:
    """A tensor's table is cut short before the record by its vtable."""
    model = bytearray(tiny["fp32_1"])
    tensor = FlatBuffer.of(bytes(model)).root(IDENTIFIER, KIND).tables(2)[0].tables(0)[0]
    vtable = tensor.at - int(np.frombuffer(model, "<i4", 1, tensor.at)[0])
    model[vtable + 4 + 2 * 4 : vtable + 4 + 2 * 5] = b"\0\0"
    with pytest.raises(ModelFileError, match=r"^tensor 0 has no quantisation record to write its range to;"):
        with_ranges(bytes(model), {0: (0, 1)})
