"""Curves of few points."""

import numpy as np

from hhperf.show.look.curves import MOST_POINTS, ecdf, ranks_drawn


def test_a_curve_of_many_has_few_points_and_both_ends() -> None:
    """Neither the fastest nor the slowest is left out."""
    ranks = ranks_drawn(100_000)
    assert len(ranks) <= MOST_POINTS
    assert (ranks[0], ranks[-1]) == (0, 99_999)


def test_the_tail_is_drawn_request_by_request() -> None:
    """The slowest ten of 100,000 all have a point."""
    assert set(range(99_990, 100_000)) <= set(ranks_drawn(100_000).tolist())


def test_a_curve_ends_where_failures_begin() -> None:
    """A quarter that failed leaves it at 75%."""
    drawn = ecdf(np.array([0.1, 0.2, 0.3, np.inf]))
    assert drawn == {"x": [100.0, 200.0, 300.0], "y": [25.0, 50.0, 75.0]}


def test_nothing_has_an_empty_curve() -> None:
    """Not an error: a brush may pick out nothing."""
    assert ecdf(np.array([])) == {"x": [], "y": []}
