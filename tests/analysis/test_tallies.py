"""Counts and sums over parts."""

import numpy as np
import pytest

from hhperf.analysis.mean import moments
from hhperf.analysis.passes import CODES
from hhperf.analysis.samples import make_pairs
from hhperf.analysis.tallies import moments_in_passes, spread_of
from tests.analysis.test_selection import in_parts


def test_spreads_add_up(rng: np.random.Generator) -> None:
    """To the mean and the products of all, from parts that are far apart, one of them empty."""
    rows = np.concatenate([rng.normal(1e6, 1, (2, 40)), rng.normal(0, 1, (2, 60))], axis=1)
    parts = [spread_of(rows[:, :40]), spread_of(rows[:, :0]), spread_of(rows[:, 40:])]
    whole, total = spread_of(rows), spread_of(rows[:, :0])
    for each in parts:
        total = total.with_more(each)
    assert total.count == whole.count
    assert total.mean == pytest.approx(whole.mean)
    assert total.products == pytest.approx(whole.products)


@pytest.mark.parametrize("clusters", [None, 30])
def test_moments_are_those_in_memory(rng: np.random.Generator, clusters: int | None) -> None:
    """Cut where failed requests are."""
    x, y = rng.lognormal(0, 1, (2, 3_000))
    codes = np.append(np.arange(30), rng.integers(0, 30, 2_970)).astype(np.int32)
    whole = moments(make_pairs(x, y, None if clusters is None else codes).truncated(2.0))
    passes = in_parts(control=x, treatment=y, **{CODES: codes})
    found = moments_in_passes(passes, ("control", "treatment"), 2.0, clusters)
    numbers = found.x, found.y, found.var_x, found.var_y, found.cov, found.degrees
    expected = whole.x, whole.y, whole.var_x, whole.var_y, whole.cov, whole.degrees
    assert numbers == pytest.approx(expected, rel=1e-11)
