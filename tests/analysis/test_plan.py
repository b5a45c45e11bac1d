"""Planning a run."""

import math

import numpy as np
import pytest

from hhperf.analysis.compare import compare_samples
from hhperf.analysis.plan import Goal, plan_from_assumptions, plan_from_pilot
from hhperf.analysis.simulate import clustered, lognormal
from hhperf.analysis.verdict import Verdict
from hhperf.errors import SampleError


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
