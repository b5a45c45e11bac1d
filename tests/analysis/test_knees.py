"""Knees, saturation and crossovers of curves whose truth is known."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhperf.analysis.estimate import Estimate, undefined
from hhperf.analysis.knees import LoadLevel, crossover, knee, saturation
from hhperf.errors import SampleError

LOADS = np.arange(5.0, 100.0, 5.0)


def mm1_response(offered: np.ndarray, capacity: float) -> np.ndarray:
    """Mean response time of an M/M/1 queue."""
    return np.where(offered < capacity, 1 / np.maximum(capacity - offered, 1e-9), np.inf)


def savings(*points: float, half: float = 0.02) -> list[Estimate]:
    """A saving at each load with an interval of equal width."""
    return [Estimate(each, each - half, each + half, 0.95) for each in points]


@given(st.sampled_from([40.0, 60.0, 80.0, 100.0]))
def test_the_knee_of_a_queue_is_at_half_its_capacity(capacity: float) -> None:
    """As its power says."""
    answered = np.minimum(LOADS, capacity)
    found = knee(LOADS, answered, mm1_response(LOADS, capacity))
    assert found == LoadLevel(capacity / 2, capacity / 2 - 5, capacity / 2 + 5)


def test_a_knee_at_the_last_load_may_lie_beyond() -> None:
    """Then its upper bound is open."""
    found = knee([1, 2, 3], [1, 2, 3], [0.1, 0.1, 0.1])
    assert (found.point, found.lower, found.upper) == (3, 2, math.inf)
    assert str(found) == "3/s (2 to more)"


def test_saturation_lies_where_answers_fall_short() -> None:
    """Between the load that was kept up with and the one that was not."""
    found = saturation([10, 20, 30, 40], [10, 20, 27, 27])
    assert found is not None
    assert (found.lower, found.upper) == (20, 30)
    assert found.point == pytest.approx(25.0)


def test_an_arm_that_keeps_up_is_not_saturated() -> None:
    """Within five hundredths."""
    assert saturation([10, 20, 30], [10, 19.5, 28.9]) is None


def test_an_arm_may_be_saturated_from_the_start() -> None:
    """Then the lowest load is the upper bound."""
    assert saturation([10, 20, 30], [5, 5, 5]) == LoadLevel(10, 0, 10)


def test_the_crossover_is_where_the_saving_ends() -> None:
    """Bounded by the loads that surely save and surely lose."""
    found = crossover([10, 20, 30, 40], savings(0.3, 0.2, 0.01, -0.1))
    assert found is not None
    assert (found.lower, found.upper) == (20, 40)
    assert found.point == pytest.approx(30 + 10 / 11)


def test_a_saving_that_comes_back_has_not_ended() -> None:
    """The last crossing counts, loads without a figure are passed over."""
    gone = undefined("too many failed", confidence=0.95, method="")
    found = crossover([10, 20, 30, 40, 50], [*savings(0.3, -0.1, 0.2), gone, *savings(-0.2)])
    assert found is not None
    assert found.point == pytest.approx(40.0)


@pytest.mark.parametrize("points", [(0.3, 0.2, 0.1), (-0.1, -0.2, -0.3), (-0.1, 0.1, 0.2)])
def test_no_crossover_is_made_up(points: tuple[float, ...]) -> None:
    """Where the saving never ends, never was, or begins."""
    assert crossover([10, 20, 30], savings(*points)) is None


@pytest.mark.parametrize("offered", [[1, 2], [2, 1, 3], [0, 1, 2]])
def test_loads_must_ascend(offered: list[float]) -> None:
    """And be enough for a curve."""
    with pytest.raises(SampleError, match="ascending"):
        saturation(offered, offered)


def test_each_load_needs_its_figure() -> None:
    """Said with their number."""
    with pytest.raises(SampleError, match="3 loads need as many"):
        knee([1, 2, 3], [1, 2], [1, 2, 3])
