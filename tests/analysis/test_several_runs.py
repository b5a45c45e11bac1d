"""Several runs."""

import math

import numpy as np
import pytest
from scipy import stats

from hhperf.analysis.samples import Pairs, make_pairs
from hhperf.analysis.several_runs import estimate_over_runs, runs_saving
from hhperf.analysis.simulate import lognormal
from hhperf.errors import SampleError


def _runs(rng: np.random.Generator, count: int, between: float, n: int = 500) -> list[Pairs]:
    """Runs whose true log ratio is ln 0.8, give or take ``between``."""
    found = []
    for shift in between * rng.standard_normal(count):
        sample = lognormal(rng, n)
        found.append(make_pairs(sample.control, math.exp(shift) * sample.treatment))
    return found


def test_the_interval_is_the_t_interval_of_log_ratios(rng: np.random.Generator) -> None:
    """SciPy's t interval of the runs' log ratios, on the scale of savings."""
    logs = math.log(0.75) + 0.05 * rng.standard_normal(12)
    expected = stats.ttest_1samp(logs, math.log(0.8), alternative="less")
    ends = stats.ttest_1samp(logs, 0).confidence_interval(0.95)
    found = runs_saving(logs)
    assert found.p_value == pytest.approx(expected.pvalue)
    assert (found.lower, found.upper) == pytest.approx(
        (1 - math.exp(ends.high), 1 - math.exp(ends.low))
    )


def test_variance_between_and_within_runs_are_told_apart(rng: np.random.Generator) -> None:
    """Runs that differ by 10% show it; runs that do not show next to nothing."""
    differing = estimate_over_runs(_runs(rng, 20, 0.10), "mean")
    equal = estimate_over_runs(_runs(rng, 20, 0.0), "mean")
    assert differing.between == pytest.approx(0.01, rel=0.6)
    assert equal.between < 0.0005
    assert differing.within == pytest.approx(equal.within, rel=0.2)


def test_pairs_per_run_balance_restart_and_measurement(rng: np.random.Generator) -> None:
    """sqrt(60 s / 1 s x within / between) pairs; one long run when runs do not differ."""
    found = estimate_over_runs(_runs(rng, 20, 0.10), "mean")
    assert found.pairs_per_run(60.0, 1.0) == math.ceil(math.sqrt(60 * found.within / found.between))
    flat = estimate_over_runs([make_pairs([1.0, 2.0, 3.0], [1.0, 2.0, 2.0])] * 3, "mean")
    assert flat.pairs_per_run(60.0, 1.0) is None


def test_quantiles_work_alike_and_few_runs_are_warned_about(rng: np.random.Generator) -> None:
    """Three runs give an answer, with a caution."""
    found = estimate_over_runs(_runs(rng, 3, 0.02), "p95")
    assert len(found.log_ratios) == 3
    assert "3 runs" in found.estimate.warnings[0]


@pytest.mark.parametrize(("saving", "p_value"), [(0.5, 0.0), (0.1, 1.0)])
def test_identical_runs_are_certain(saving: float, p_value: float) -> None:
    """Runs without spread give a point for an interval."""
    found = runs_saving(np.full(10, math.log1p(-saving)))
    assert (found.lower, found.upper, found.p_value) == pytest.approx((saving, saving, p_value))


def test_one_run_is_not_several() -> None:
    """A spread between runs takes two of them."""
    with pytest.raises(SampleError, match="at least 2"):
        estimate_over_runs([make_pairs([1.0, 2.0], [1.0, 2.0])])


def test_a_run_without_the_statistic_is_named() -> None:
    """The second run failed too often for a p95."""
    good = make_pairs(np.ones(100), np.ones(100))
    bad = make_pairs(np.ones(100), [1.0] * 80 + [math.inf] * 20)
    found = estimate_over_runs([good, bad]).estimate
    assert not found.defined
    assert found.warnings[0].startswith("run 2: p95 is undefined")
