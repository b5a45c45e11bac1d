"""Changes of level: none where there is none, and where there is one its place and size."""

import numpy as np
import pytest

from hhperf.analysis.change_points import FEWEST, find_changes
from hhperf.errors import SampleError


def step(rng: np.random.Generator, before: int, after: int, shift: float) -> np.ndarray:
    """Noise of standard deviation 1, shifted after so many points."""
    series = rng.standard_normal(before + after)
    series[before:] += shift
    return series


def test_a_clear_step_is_found_where_it_is(rng: np.random.Generator) -> None:
    """With its size inside the interval."""
    (found,) = find_changes(step(rng, 12, 15, 5.0))
    assert found.first <= 12 <= found.last
    assert found.lower < 5.0 < found.upper
    assert found.p_value <= 0.01


def test_a_small_step_is_placed_with_less_certainty() -> None:
    """Its set of places is wider than a large one's, in the same noise."""
    small, large = (
        find_changes(step(np.random.default_rng(3), 20, 20, shift))[0] for shift in (2.0, 8.0)
    )
    assert small.last - small.first > large.last - large.first
    assert (large.first, large.last) == (20, 20)


def test_steps_there_and_back_are_two_changes(rng: np.random.Generator) -> None:
    """A regression and its repair."""
    series = np.concatenate([step(rng, 15, 15, 6.0), rng.standard_normal(15)])
    assert [each.index for each in find_changes(series)] == [15, 30]


def test_noise_is_seldom_found_changed() -> None:
    """In 5% of histories without a change: of 40, more than 6 would come once in a hundred."""
    found = [
        find_changes(np.random.default_rng(seed).standard_exponential(14), permutations=99)
        for seed in range(40)
    ]
    assert sum(map(bool, found)) <= 6


def test_too_few_points_are_never_changed() -> None:
    """However far apart: shuffling them could not show it."""
    assert find_changes([0.0] * 3 + [9.0] * (FEWEST - 4)) == ()


def test_points_that_are_all_equal_are_no_change() -> None:
    """Nor an error."""
    assert find_changes([0.3] * 20) == ()


def test_two_levels_without_noise_are_one_change() -> None:
    """Its place and size are then certain."""
    (found,) = find_changes([1.0] * 8 + [2.0] * 8)
    assert (found.first, found.index, found.last) == (8, 8, 8)
    assert [found.lower, found.upper] == pytest.approx([1.0, 1.0])


def test_the_same_series_gives_the_same_answer(rng: np.random.Generator) -> None:
    """What is drawn comes from the seed."""
    series = step(rng, 10, 10, 2.5)
    assert find_changes(series) == find_changes(series.tolist())


def test_a_number_that_is_none_is_refused() -> None:
    """A hole in a history is left out by whoever knows why, not here."""
    with pytest.raises(SampleError, match="finite"):
        find_changes([1.0, float("nan"), 2.0])
