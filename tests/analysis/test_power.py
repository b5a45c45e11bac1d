"""Planning."""

import math
from dataclasses import replace

import numpy as np
import pytest

from hhperf.analysis.decision import Verdict
from hhperf.analysis.estimate import Estimate
from hhperf.analysis.power import (
    Extension,
    Goal,
    Plan,
    pairs_needed,
    plan_from_assumptions,
    plan_from_pilot,
    variance_from,
)
from hhperf.analysis.savings import compare_samples
from hhperf.analysis.simulate import clustered, lognormal
from hhperf.errors import SampleError


def test_pairs_follow_the_formula() -> None:
    """One-sided 5%, power 90%: V (1.645 + 1.282)^2 / ln(.75/.80)^2."""
    assert pairs_needed(0.4, confidence=0.90) == math.ceil(
        0.4 * 2.926405**2 / math.log(0.9375) ** 2
    )


@pytest.mark.parametrize(
    ("alternative", "threshold"), [(0.2, 0.2), (1.0, 0.2), (0.2, 1.0), (1e-300, 0.0)]
)
def test_what_no_number_of_pairs_tells_apart_is_refused(
    alternative: float, threshold: float
) -> None:
    """There is no plan for telling a saving from itself."""
    with pytest.raises(SampleError, match="no number of pairs"):
        pairs_needed(1.0, alternative=alternative, threshold=threshold)


def test_variance_is_read_off_the_interval() -> None:
    """A log-ratio interval of +-1.96 standard errors gives back n se^2."""
    half = 1.959964 * 0.05
    estimate = Estimate(0.2, 1 - 0.8 * math.exp(half), 1 - 0.8 * math.exp(-half))
    assert variance_from(estimate, 400) == pytest.approx(1.0, rel=1e-6)


def test_advice_counts_the_pairs_that_are_missing() -> None:
    """The sentence has both what is missing and what it comes to."""
    estimate = Estimate(0.22, 0.15, 0.29)
    extension = Extension(n=500, threshold=0.2, alternative=0.25)
    total = extension.total(estimate)
    assert total is not None
    assert total > 500
    assert f"{total - 500:,} more pairs ({total:,} in all)" in extension.advice(estimate)


def test_advice_says_when_pairs_are_not_what_is_missing() -> None:
    """Enough pairs and still undecided: the saving is near the threshold."""
    extension = Extension(n=500, threshold=0.2, alternative=0.25)
    assert "already give 90% power" in extension.advice(Estimate(0.2, 0.19, 0.21))


def test_unbounded_noise_allows_no_advice() -> None:
    """An unbounded interval gives no variance to plan with."""
    extension = Extension(n=5, threshold=0.2, alternative=0.25)
    assert extension.total(Estimate(0.2, -math.inf, 1.0)) is None


def test_lognormal_plan_gives_the_known_figures() -> None:
    """25% against 20%, power 90%, one-sided 5%: figures found by simulation, to 3%."""
    plans = plan_from_assumptions(goal=Goal(confidence=0.90))
    assert [plan.pairs for plan in plans] == pytest.approx(
        [382, 823, 1_861, 3_104, 11_250], rel=0.03
    )


def test_pairing_pays() -> None:
    """Unpaired, p95 takes nearly twice as many."""
    (paired,) = plan_from_assumptions(statistics=["p95"])
    (unpaired,) = plan_from_assumptions(correlation=0.0, statistics=["p95"])
    assert paired.pairs is not None
    assert unpaired.pairs is not None
    assert unpaired.pairs > 1.8 * paired.pairs


def test_a_pilot_finds_what_was_assumed(rng: np.random.Generator) -> None:
    """The spread of a large pilot gives the plan of the distribution it came from."""
    sample = lognormal(rng, 100_000, saving=0.1)
    names = ["mean", "p50", "p90", "p95"]
    found = plan_from_pilot(sample.control, sample.treatment, statistics=names)
    expected = plan_from_assumptions(statistics=names)
    assert [plan.pairs for plan in found] == pytest.approx(
        [plan.pairs for plan in expected], rel=0.1
    )


def test_clusters_take_more_pairs(rng: np.random.Generator) -> None:
    """Dependent pairs are worth fewer than they number."""
    sample = clustered(rng, 5_000)
    (alone,) = plan_from_pilot(sample.control, sample.treatment, statistics=["p50"])
    (tied,) = plan_from_pilot(sample.control, sample.treatment, sample.clusters, statistics=["p50"])
    assert tied.variance > 1.5 * alone.variance


@pytest.mark.parametrize("statistic", ["mean", "p50"])
def test_planned_pairs_give_the_planned_power(rng: np.random.Generator, statistic: str) -> None:
    """Of 100 runs of the planned size with a true saving of 25%, about 90 say EXCEEDS."""
    (plan,) = plan_from_assumptions(statistics=[statistic])
    assert plan.pairs is not None
    q = None if statistic == "mean" else 0.5
    found = 0
    for seed in range(100):
        sample = lognormal(rng, plan.pairs, saving=0.25, q=q)
        compared = compare_samples(
            sample.control, sample.treatment, quantiles=(0.5,), replicates=500, seed=seed
        )
        found += compared[statistic].verdict is Verdict.EXCEEDS
    assert 78 <= found <= 99


def test_a_tail_takes_its_twenty(rng: np.random.Generator) -> None:
    """However large the saving, p99 takes 2,000 pairs."""
    (plan,) = plan_from_assumptions(statistics=["p99"], goal=Goal(alternative=0.9))
    assert plan.pairs == 2_000


def test_minutes_follow_from_the_rate() -> None:
    """Pairs over pairs per second, over sixty."""
    (plan,) = plan_from_assumptions(statistics=["mean"])
    assert plan.pairs is not None
    assert plan.minutes(2.0) == pytest.approx(plan.pairs / 120)
    with pytest.raises(SampleError, match="never ends"):
        plan.minutes(0.0)


def test_a_pilot_with_failures_needs_a_timeout_for_the_mean() -> None:
    """No number of pairs measures an infinite mean."""
    control = [*np.linspace(1, 2, 99), math.inf]
    treatment = np.linspace(1, 3, 100)
    assert plan_from_pilot(control, treatment, statistics=["mean"])[0].pairs is None
    cut = plan_from_pilot(control, treatment, statistics=["mean"], timeout=5.0)[0]
    assert cut.pairs is not None


def test_too_small_a_pilot_is_refused() -> None:
    """Five pairs show no spread."""
    with pytest.raises(SampleError, match="make no pilot"):
        plan_from_pilot([1.0] * 5, [1.0] * 5)


def test_impossible_spreads_are_refused() -> None:
    """A correlation is below one."""
    with pytest.raises(SampleError, match="correlation"):
        plan_from_assumptions(correlation=1.0)


@pytest.mark.parametrize(
    ("goal", "said"),
    [
        ({"alternative": math.nan}, "no number of pairs tells a saving of nan"),
        ({"threshold": math.nan}, "from nan"),
        ({"threshold": -math.inf}, "from -inf"),
        ({"power": 1.0}, "power 1 must lie between 0 and 1"),
        ({"confidence": math.nan}, "confidence nan must lie"),
    ],
    ids=str,
)
def test_a_goal_that_no_pairs_reach_is_refused(goal: dict[str, float], said: str) -> None:
    """When it is set."""
    with pytest.raises(SampleError, match=said):
        Goal(**goal)


def test_an_assumed_spread_is_a_number() -> None:
    """Not NaN, and not endless."""
    for sigma in (math.nan, math.inf):
        with pytest.raises(SampleError, match="spreads must be positive"):
            plan_from_assumptions(sigma)


def test_a_plan_says_how_many_pairs_or_that_no_number_would_do() -> None:
    """In a line."""
    plan = Plan("p95", 1_200, 0.4, 0.25, 0.2, 0.95, 0.9, "pilot")
    assert repr(plan) == "Plan(p95: 1,200 pairs to find 25% against 20%, from pilot)"
    assert "no number of pairs" in repr(replace(plan, pairs=None))


@pytest.mark.parametrize(("lower", "upper"), [(0.1, 1.0), (-math.inf, 0.5)], ids=str)
def test_an_interval_that_is_open_has_endless_variance(lower: float, upper: float) -> None:
    """A ratio that may be nought or endless has no logarithm to read it off."""
    assert variance_from(Estimate(0.3, lower, upper), 400) == math.inf
