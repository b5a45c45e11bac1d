"""Changes of level: none where there is none, and where there is one its place and size."""

import numpy as np
import pytest

from hhperf.analysis.change_points import FEWEST, _scores, find_changes
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


def test_a_change_may_leave_two_points_on_either_side(rng: np.random.Generator) -> None:
    """No fewer make a level."""
    late, early = step(rng, 20, 2, 40.0), step(rng, 2, 20, 40.0)
    assert [each.index for each in find_changes(late)] == [20]
    assert [each.index for each in find_changes(early)] == [2]


def test_the_unit_of_a_series_changes_nothing(rng: np.random.Generator) -> None:
    """Seconds or nanoseconds: a level is told from noise, not from nothing."""
    series = step(rng, 12, 15, 5.0)
    (plain,), (small,) = find_changes(series), find_changes(1e-6 * series)
    assert (small.index, small.p_value) == (plain.index, plain.p_value)


def test_a_part_too_short_to_be_split_is_left_whole(rng: np.random.Generator) -> None:
    """Three points before the change."""
    assert [each.index for each in find_changes(step(rng, 3, 15, 9.0))] == [3]


def test_four_points_are_split_no_more_readily_than_shuffling_splits_them() -> None:
    """A third of all orders of two pairs splits them as well."""
    assert [each.index for each in find_changes([0.0, 0.0, 1.0, 1.0] + [100.0] * 12)] == [4]


def test_a_split_is_scored_by_the_energy_distance_of_its_sides(rng: np.random.Generator) -> None:
    """By its definition: twice the mean distance between, less the mean distances within."""
    series = rng.standard_normal(9)
    found = _scores(np.abs(series[:, None] - series[None, :])[None])[0]
    expected = []
    for m in range(2, 8):
        left, right = series[:m], series[m:]
        between = np.abs(left[:, None] - right).mean()
        within = [
            np.abs(side[:, None] - side).sum() / (len(side) * (len(side) - 1))
            for side in (left, right)
        ]
        expected.append((2 * between - sum(within)) * m * (9 - m) / 9)
    assert found == pytest.approx(expected)


def test_a_series_is_shuffled_alike_each_time_it_is_asked_of() -> None:
    """By the seed 0 where none is named; another seed finds other p-values."""
    series = [step(np.random.default_rng(seed), 8, 8, 1.2) for seed in (1, 2, 4)]
    unnamed, zero, one = (
        [[each.p_value for each in find_changes(some, permutations=99, **seed)] for some in series]
        for seed in ({}, {"seed": 0}, {"seed": 1})
    )
    assert unnamed == zero != one
