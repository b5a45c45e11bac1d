"""Order statistics."""

import numpy as np
import pytest
from scipy import stats

from hhperf.analysis.ranks import (
    check_quantile,
    measurable,
    pairs_to_measure,
    parse_statistic,
    quantile,
    rank_of,
    statistic_name,
)
from hhperf.errors import SampleError


@pytest.mark.parametrize(
    ("q", "n", "rank"), [(0.5, 10, 5), (0.95, 20, 19), (0.07, 100, 7), (0.99, 5, 5), (0.01, 5, 1)]
)
def test_rank_is_the_ceiling_of_nq(q: float, n: int, rank: int) -> None:
    """Rounding noise in n q never shifts the rank."""
    assert rank_of(q, n) == rank


def test_quantile_is_the_inverted_distribution_function(rng: np.random.Generator) -> None:
    """The quantile agrees with NumPy's inverted_cdf."""
    values = rng.exponential(size=997)
    for q in (0.1, 0.5, 0.95, 0.99):
        assert quantile(values, q) == np.quantile(values, q, method="inverted_cdf")


def test_quantile_is_where_scipys_quantile_test_is_neutral(rng: np.random.Generator) -> None:
    """SciPy's sign test rejects neither side at our quantile."""
    values = rng.exponential(size=400)
    result = stats.quantile_test(values, q=quantile(values, 0.9), p=0.9)
    assert result.pvalue > 0.5


@pytest.mark.parametrize(
    ("q", "n", "enough"), [(0.95, 400, True), (0.95, 399, False), (0.05, 399, False)]
)
def test_twenty_beyond_the_quantile_make_it_measurable(q: float, n: int, enough: bool) -> None:
    """The thinner side of the quantile decides."""
    assert measurable(q, n) is enough


@pytest.mark.parametrize("q", [0.01, 0.05, 0.07, 0.5, 0.9, 0.95, 0.999])
def test_with_one_pair_fewer_a_quantile_is_not_measurable(q: float) -> None:
    """The fewest pairs agree with what is called measurable."""
    fewest = pairs_to_measure(q)
    assert measurable(q, fewest)
    assert not measurable(q, fewest - 1)


@pytest.mark.parametrize(("q", "name"), [(0.5, "p50"), (0.95, "p95"), (0.999, "p99.9")])
def test_quantiles_are_named_in_percent(q: float, name: str) -> None:
    """Names are short and exact."""
    assert statistic_name(q) == name


@pytest.mark.parametrize("q", [0.0, 1.0, 95.0, float("nan")])
def test_what_is_no_quantile_is_refused(q: float) -> None:
    """p95 is written 0.95."""
    with pytest.raises(SampleError, match="between 0 and 1"):
        check_quantile(q)


@pytest.mark.parametrize(("name", "q"), [("mean", None), ("p50", 0.5), ("p99.9", 0.999)])
def test_names_lead_back_to_quantiles(name: str, q: float | None) -> None:
    """What can be printed can be asked for."""
    assert parse_statistic(name) == q


@pytest.mark.parametrize("name", ["max", "p", "p0", "p100", "95", "pxx"])
def test_other_names_are_refused(name: str) -> None:
    """The error says which names there are."""
    with pytest.raises(SampleError, match="no statistic"):
        parse_statistic(name)
