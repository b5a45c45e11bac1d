"""What must hold for any latencies at all."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hhperf.analysis.comparison import Comparison
from hhperf.analysis.estimate import Estimate
from hhperf.analysis.samples import FloatArray
from hhperf.analysis.savings import compare_samples

LATENCY = st.floats(1e-6, 1e6) | st.sampled_from([1.0, 2.0, math.inf])


@st.composite
def arms(draw: st.DrawFn, least: int = 2) -> tuple[FloatArray, FloatArray, list[int] | None]:
    """Two arms of one length, with or without clusters, ties and failures."""
    n = draw(st.integers(least, 60))
    column = st.lists(LATENCY, min_size=n, max_size=n).map(np.array)
    clusters = draw(st.none() | st.lists(st.integers(0, 9), min_size=n, max_size=n))
    return draw(column), draw(column), clusters


def _compare(x: FloatArray, y: FloatArray, clusters: Any, **options: Any) -> Comparison:
    return compare_samples(
        x, y, clusters, quantiles=(0.5, 0.9), replicates=200, timeout=None, **options
    )


def _numbers(found: Comparison) -> list[tuple[float, float, float]]:
    return [(r.estimate.point, r.estimate.lower, r.estimate.upper) for r in found.results]


def _same(one: Sequence[tuple[float, ...]], other: Sequence[tuple[float, ...]]) -> bool:
    return np.allclose(one, other, rtol=1e-6, atol=1e-6, equal_nan=True)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(arms(), st.integers(-20, 20))
def test_the_unit_of_latency_does_not_matter(sample: Any, exponent: int) -> None:
    """Seconds or microseconds: the same savings, intervals and verdicts."""
    x, y, clusters = sample
    scale = 2.0**exponent
    one, other = _compare(x, y, clusters), _compare(scale * x, scale * y, clusters)
    assert _same(_numbers(one), _numbers(other))
    assert [r.verdict for r in one.results] == [r.verdict for r in other.results]


@settings(deadline=None, derandomize=True, max_examples=60)
@given(arms(), st.randoms(use_true_random=False))
def test_the_order_of_pairs_does_not_matter(sample: Any, shuffler: Any) -> None:
    """Pairs may come in any order, and so may their clusters with them."""
    x, y, clusters = sample
    order = list(range(len(x)))
    shuffler.shuffle(order)
    moved = None if clusters is None else [clusters[i] for i in order]
    assert _same(_numbers(_compare(x, y, clusters)), _numbers(_compare(x[order], y[order], moved)))


@settings(deadline=None, derandomize=True, max_examples=60)
@given(arms(least=40))
def test_swapping_arms_turns_the_saving_around(sample: Any) -> None:
    """A saving of s is a loss of 1/(1-s) - 1 seen from the other side, interval and all."""
    x, y, clusters = sample
    there, back = _compare(x, y, clusters)["p50"], _compare(y, x, clusters)["p50"]
    one, other = there.estimate, back.estimate
    if one.defined:
        assert other.point == pytest.approx(_swapped(one.point), rel=1e-9, abs=1e-9)
        assert other.lower == pytest.approx(_swapped(one.upper), rel=1e-9, abs=1e-9)
        assert other.upper == pytest.approx(_swapped(one.lower), rel=1e-9, abs=1e-9)


def _swapped(saving: float) -> float:
    ratio = 1 - saving
    return 1 - (math.inf if ratio == 0 else 1 / ratio)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(arms())
def test_an_interval_holds_its_point(sample: Any) -> None:
    """Whatever the data, lower <= point <= upper <= 1, and p lies in 0..1."""
    for result in _compare(*sample).results:
        if result.estimate.defined:
            _check(result.estimate)


def _check(estimate: Estimate) -> None:
    assert estimate.lower <= estimate.point <= estimate.upper <= 1
    assert 0 <= estimate.p_value <= 1


@given(arms())
@settings(deadline=None, derandomize=True, max_examples=40)
def test_the_seed_decides(sample: Any) -> None:
    """The same data and seed give the same numbers."""
    one, other = _numbers(_compare(*sample, seed=5)), _numbers(_compare(*sample, seed=5))
    assert np.array_equal(one, other, equal_nan=True)


def test_a_wider_confidence_is_a_wider_interval() -> None:
    """99% takes more room than 90%."""
    x, y = np.exp(np.random.default_rng(0).standard_normal((2, 500)))
    narrow, wide = (_compare(x, y, None, confidence=level) for level in (0.90, 0.99))
    for a, b in zip(narrow.results, wide.results, strict=True):
        assert b.estimate.lower < a.estimate.lower
        assert b.estimate.upper > a.estimate.upper
