"""Draws are seeded, in range and fairly weighted."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhperf.workload.corpus.draw import Draw, cumulative, zipf


def test_equal_keys_give_equal_streams() -> None:
    """A stream is its key; any other key gives another stream."""
    first, again, other = (Draw("a", seed) for seed in (1, 1, 2))
    drawn = [first.uniform() for _ in range(5)]
    assert drawn == [again.uniform() for _ in range(5)] != [other.uniform() for _ in range(5)]


def test_stream_is_pinned() -> None:
    """The sequence must not change between Python versions: shipped files are made from it."""
    draw = Draw("pinned", 7)
    assert [draw.integer(1, 100) for _ in range(6)] == [55, 96, 32, 65, 97, 64]


def test_shares_end_at_one_whatever_rounding_does() -> None:
    """Running shares end at exactly 1, so that every draw finds its item."""
    assert cumulative([0.1] * 10)[-1] == 1.0
    assert cumulative([1, 3]) == (0.25, 1.0)


def test_zipf_weights_fall_with_rank() -> None:
    """Rank r weighs r ** -exponent."""
    assert zipf(3, 1.0) == pytest.approx([6 / 11, 9 / 11, 1.0])
    assert zipf(4, 0.0) == pytest.approx([0.25, 0.5, 0.75, 1.0])


@given(st.integers(), st.integers(-50, 50), st.integers(0, 50))
def test_integers_stay_in_range(key: int, low: int, spread: int) -> None:
    """Both ends are possible, nothing beyond them is."""
    draw = Draw(key)
    assert {low <= draw.integer(low, low + spread) <= low + spread for _ in range(20)} == {True}


@given(st.integers(), st.integers(0, 12), st.integers(1, 8))
def test_samples_hold_different_items(key: int, wanted: int, available: int) -> None:
    """A sample never repeats an item and takes all there are when too many are wanted."""
    items = list(range(available))
    sample = Draw(key).sample(items, wanted, zipf(available))
    assert len(sample) == len(set(sample)) == min(wanted, available)
    assert set(sample) <= set(items)


def test_weighted_draws_follow_the_shares() -> None:
    """Three quarters of the weight come up about three quarters of the time."""
    draw = Draw("weights")
    counts = Counter(draw.weighted("ab", cumulative([1, 3])) for _ in range(4_000))
    assert counts["b"] / 4_000 == pytest.approx(0.75, abs=0.03)
