"""What is counted of two tensors, and what is said of it."""

from math import inf

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from benchmarks.explain.difference import Difference, real_values
from benchmarks.explain.faulty_layer import fault_of
from benchmarks.explain.layer_comparison import nearest
from benchmarks.formats.layers_file import LayerFault
from metadata.tensors import TensorQuantization

STEPS = TensorQuantization((0.5,), (3,), 0)


def floats(got: object, expected: object) -> Difference:
    found = Difference()
    found.add(np.asarray(got, np.float32), np.asarray(expected, np.float32), None)
    return found


def steps(got: object, expected: object) -> Difference:
    found = Difference(0.5)
    found.add(np.asarray(got, np.int8), np.asarray(expected, np.int8), STEPS)
    return found


def test_the_figures_of_floats() -> None:
    found = floats([3.0, 4.0, 0.0], [3.0, 0.0, 0.0])
    assert (found.largest, found.differing) == (4.0, 1)
    assert found.rms == pytest.approx(np.sqrt(16 / 3))
    assert found.relative == pytest.approx(4 / 3)
    assert found.snr_db == pytest.approx(20 * np.log10(3 / 4))
    assert found.cosine == pytest.approx(3 / 5)
    assert (found.largest_steps, found.rms_steps) == (None, None)


def test_the_figures_of_integers_are_in_real_units_and_in_steps() -> None:
    found = steps([5, 127, -128, -128], [3, 100, -128, 0])
    assert (found.largest, found.largest_steps) == (64.0, 128.0)
    assert found.rms_steps == pytest.approx(np.sqrt((4 + 27**2 + 128**2) / 4))
    assert (found.saturated, found.clamped, found.share(found.saturated)) == (2, 1, 0.5)


def test_equal_tensors_have_no_noise_and_zeros_no_direction() -> None:
    same, zeros, ghost = floats([1.0], [1.0]), floats([0.0], [0.0]), floats([1.0], [0.0])
    assert (same.is_same, same.snr_db, same.cosine, same.relative) == (True, None, 1.0, 0.0)
    assert (zeros.snr_db, zeros.cosine, zeros.relative) == (None, None, 0.0)
    assert (ghost.relative, ghost.cosine, ghost.snr_db) == (inf, None, None)


def test_what_is_not_finite_is_counted_and_kept_out_of_the_means() -> None:
    found = floats([np.nan, np.inf, 2.0, np.nan], [1.0, 1.0, 1.0, np.nan])
    assert (found.count, found.finite, found.not_finite, found.rms) == (4, 1, 2, 1.0)
    same = floats([np.inf, 1.0], [np.inf, 1.0])
    assert (same.count, same.finite, same.power, same.is_same) == (2, 1, 1.0, True)
    nothing = floats([np.nan], [1.0])
    assert (nothing.rms, nothing.cosine, fault_of(nothing)) == (0.0, None, LayerFault.NOT_FINITE)


@given(arrays.arrays(np.int8, (6, 4)), arrays.arrays(np.int8, (6, 4)), st.integers(1, 5))
def test_inputs_one_after_the_other_count_as_all_at_once(
    got: npt.NDArray[np.int8], expected: npt.NDArray[np.int8], cut: int
) -> None:
    parts, whole = Difference(0.5), steps(got, expected)
    for some in (slice(0, cut), slice(cut, 6)):
        parts.add(got[some], expected[some], STEPS)
    assert (parts.count, parts.differing, parts.saturated, parts.clamped, parts.largest) == (
        whole.count,
        whole.differing,
        whole.saturated,
        whole.clamped,
        whole.largest,
    )
    assert (parts.squares, parts.product) == pytest.approx((whole.squares, whole.product))


def test_scales_of_channels_lie_along_their_axis() -> None:
    quantization = TensorQuantization((1.0, 2.0), (0, 1), 1)
    real = real_values(np.array([[3, 3], [1, 1]], np.int8), quantization)
    assert real.tolist() == [[3.0, 4.0], [1.0, 0.0]]
    assert real_values(np.array([0.5], np.float32), None).tolist() == [0.5]


def test_one_step_here_and_there_is_no_fault_but_one_step_everywhere_is() -> None:
    expected = np.arange(100, dtype=np.int8)
    few, many = expected.copy(), expected.copy()
    few[::10] += 1
    many[::3] += 1
    assert fault_of(steps(few, expected)) is None
    assert fault_of(steps(many, expected)) is LayerFault.ROUNDING


def test_a_relus_zeros_do_not_hide_another_rounding() -> None:
    expected = np.full(1000, -128, np.int8)
    expected[:20] = np.arange(20)
    got = expected.copy()
    got[:10] += 1
    assert fault_of(steps(got, expected)) is LayerFault.ROUNDING


def test_two_steps_are_no_rounding() -> None:
    expected = np.zeros(10_000, np.int8)
    got = expected.copy()
    got[5] = 2
    assert fault_of(steps(got, expected)) is LayerFault.VALUES


@pytest.mark.parametrize(
    ("relative", "fault"),
    [(1e-6, None), (2e-4, LayerFault.HALF_PRECISION), (0.1, LayerFault.VALUES), (1.0, LayerFault.VALUES)],
)
def test_floats_are_judged_by_the_size_of_their_error(relative: float, fault: LayerFault | None) -> None:
    expected = np.linspace(1, 2, 1000)
    assert fault_of(floats(expected * (1 + relative), expected)) is fault


def test_an_operator_that_quantises_its_input_may_be_further_off() -> None:
    expected = np.linspace(1, 2, 1000)
    assert fault_of(floats(expected * 1.001, expected), is_dynamic=True) is None
    assert fault_of(floats(expected * 1.01, expected), is_dynamic=True) is LayerFault.VALUES


def test_the_nearest_of_several_has_nan_where_the_tensor_has() -> None:
    got = np.array([np.nan, 1.0, 2.0])
    without, other, near = np.array([0.0, 1.0, 2.0]), np.array([np.nan, 9.0, 2.0]), np.array([np.nan, 1.0, 2.5])
    assert nearest(got, [without, other, near]) is near
    assert nearest(got, [near, same := got.copy()]) is same
