"""Savings at quantiles, stalls aside."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from hhperf.analysis.censoring import Censoring
from hhperf.analysis.quantiles import quantile_savings
from hhperf.analysis.relief import Relief
from hhperf.analysis.samples import FloatArray, Pairs, make_pairs
from hhperf.analysis.simulate import lognormal
from hhperf.analysis.simulate_stalls import StalledPairs, stalled_triples
from hhperf.analysis.stall_free import (
    cut_at_stalls,
    stall_free_replicates,
    stall_free_savings,
    stall_obstacle,
)


def _quiet(n: int) -> Censoring:
    """A run on a machine that never stalled."""
    never, nothing = np.full(n, math.inf), np.zeros(n)
    met = np.full(n, -1, dtype=np.intp)
    return Censoring(
        never, never, nothing, nothing, never, nothing, met, met, np.arange(n, dtype=np.intp) // 10
    )


def _pairs(made: StalledPairs) -> Pairs:
    return make_pairs(made.seen.control, made.seen.treatment)


def test_long_stalls_move_the_tail_of_all_data_and_not_the_stall_free_one() -> None:
    """Over a dozen runs that lose 6% in pieces of 400 ms, p95 strays five times as far."""
    all_data, stall_free = [], []
    for seed in range(12):
        made = stalled_triples(np.random.default_rng(seed), 500, share=0.06, burst_s=0.4, q=0.95)
        pairs = _pairs(made)
        truth = quantile_savings(make_pairs(made.free.control, made.free.treatment), (0.95,))
        naive = quantile_savings(pairs, (0.95,), replicates=100)
        found = stall_free_savings(cut_at_stalls(pairs, made.censoring), (0.95,), replicates=100)
        all_data.append(naive[0].point - truth[0].point)
        stall_free.append(found[0].point - truth[0].point)
    assert np.std(stall_free) < 0.012
    assert np.std(all_data) > 5 * np.std(stall_free)


def test_without_stalls_it_is_the_plain_estimate(rng: np.random.Generator) -> None:
    """The same point, and an interval as wide as that of single pairs or wider."""
    sample = lognormal(rng, 800)
    pairs = make_pairs(sample.control, sample.treatment)
    (found,) = stall_free_savings(cut_at_stalls(pairs, _quiet(800)), (0.9,))
    (plain,) = quantile_savings(pairs, (0.9,))
    assert found.point == plain.point
    assert found.upper - found.lower > 0.9 * (plain.upper - plain.lower)


def test_the_interval_is_that_of_the_resampling_that_says_less(rng: np.random.Generator) -> None:
    """Where neighbours in time are alike, stretches of time widen it."""
    made = stalled_triples(rng, 500, share=0.06, burst_s=0.06)
    alone = replace(made.censoring, blocks=np.arange(500, dtype=np.intp))
    wave = np.exp(0.3 * np.sin(made.censoring.blocks))
    pairs = make_pairs(made.free.control * wave, made.free.treatment)
    free = _quiet(500)
    (narrow,) = stall_free_savings(cut_at_stalls(pairs, replace(free, blocks=alone.blocks)), (0.5,))
    (wide,) = stall_free_savings(
        cut_at_stalls(pairs, replace(free, blocks=made.censoring.blocks)), (0.5,)
    )
    assert wide.upper - wide.lower > 1.5 * (narrow.upper - narrow.lower)


def test_a_quantile_does_not_depend_on_its_company(rng: np.random.Generator) -> None:
    """Asking for p90 as well leaves p50 as it is."""
    made = stalled_triples(rng, 200, share=0.06, burst_s=0.06)
    cut = cut_at_stalls(_pairs(made), made.censoring)
    both = stall_free_savings(cut, (0.5, 0.9), replicates=200)
    assert both[0] == stall_free_savings(cut, (0.5,), replicates=200)[0]


def test_both_arms_share_their_draws(rng: np.random.Generator) -> None:
    """An arm against itself saves nothing in every replicate."""
    made = stalled_triples(rng, 300, share=0.06, burst_s=0.06)
    same = replace(made.censoring, treatment_clean=made.censoring.control_clean)
    cut = cut_at_stalls(make_pairs(made.seen.control, made.seen.control), same)
    for (drawn,) in stall_free_replicates(cut, [0.5], replicates=100, seed=1):
        assert drawn.ratios(math.nan).tolist() == [1.0] * 100


def test_too_much_hidden_is_not_measurable_and_says_what_would_do(
    rng: np.random.Generator,
) -> None:
    """p95 of 500 requests of which a stall hides seven in ten is worth a hundred."""
    made = stalled_triples(rng, 500, share=0.2, burst_s=0.06)
    cut = cut_at_stalls(_pairs(made), made.censoring)
    assert stall_obstacle(cut, 0.5) is None
    found = stall_obstacle(cut, 0.95)
    assert found is not None
    assert "too few; fewer requests in flight, " in found


def _with_clean(n: int, clean: FloatArray) -> Censoring:
    return replace(_quiet(n), control_clean=clean)


def test_windows_that_are_hardly_ever_clean_are_not_measurable(rng: np.random.Generator) -> None:
    """However many pairs: the few that are clean by luck are not stretched over the rest."""
    n = 20_000
    latency = rng.lognormal(0.0, 0.1, n)
    cut = cut_at_stalls(make_pairs(latency, latency), _with_clean(n, rng.exponential(1 / 3.5, n)))
    found = stall_obstacle(cut, 0.9)
    assert found is not None
    assert "of stretches as long as the control's p90 are clean" in found


def test_what_stalls_hid_is_undefined_and_says_so() -> None:
    """No stretch was clean for as long as the longest tenth took."""
    latency = np.concatenate([np.full(180, 1.0), np.full(20, 3.0)])
    cut = cut_at_stalls(make_pairs(latency, latency), _with_clean(200, np.full(200, 2.0)))
    (found,) = stall_free_savings(cut, (0.95,), replicates=100)
    assert not found.defined
    assert "stalls hid what took so long in the control" in found.warnings[0]


def test_a_quantile_among_failures_is_undefined() -> None:
    """A failure that met no stall is one."""
    treatment = np.array([1.0] * 180 + [math.inf] * 20)
    cut = cut_at_stalls(make_pairs(np.ones(200), treatment), _quiet(200))
    (found,) = stall_free_savings(cut, (0.95,), replicates=100)
    assert found.warnings == ("p95 is undefined: it falls among failed requests of the treatment",)


@pytest.mark.parametrize("stretches", [1, 9])
def test_few_stretches_of_time_are_not_resampled(rng: np.random.Generator, stretches: int) -> None:
    """Single requests are, alone."""
    made = stalled_triples(rng, 200, share=0.06, burst_s=0.06)
    few = replace(made.censoring, blocks=np.arange(200, dtype=np.intp) % stretches)
    alone = replace(made.censoring, blocks=np.arange(200, dtype=np.intp))
    pairs = make_pairs(made.seen.control, made.seen.treatment)
    found, expected = (
        stall_free_savings(cut_at_stalls(pairs, each), (0.5,), replicates=200)
        for each in (few, alone)
    )
    assert found[0].lower == pytest.approx(expected[0].lower, abs=0.01)
    assert stall_obstacle(cut_at_stalls(pairs, few), 0.5) is None


def test_what_a_machine_may_lose_is_told_where_it_is_known_what_it_loses(
    rng: np.random.Generator,
) -> None:
    """Less than the fifth that it loses."""
    made = stalled_triples(rng, 500, share=0.2, burst_s=0.06)
    found = stall_obstacle(
        cut_at_stalls(_pairs(made), replace(made.censoring, relief=Relief(lost=0.2))), 0.95
    )
    assert found is not None
    most = re.search(r"a machine that loses less than (\d+\.\d)% of its time", found)
    assert most is not None
    assert 0 < float(most[1]) < 20


def test_the_claim_is_a_fifth_where_none_is_named(rng: np.random.Generator) -> None:
    """The p-value is that of a saving of 20%, and another claim's is another."""
    made = stalled_triples(rng, 200, share=0.06, burst_s=0.06)
    cut = cut_at_stalls(_pairs(made), made.censoring)
    (unnamed,) = stall_free_savings(cut, (0.5,), replicates=200)
    fifth, quarter = (
        stall_free_savings(cut, (0.5,), replicates=200, threshold=claim)[0]
        for claim in (0.20, 0.25)
    )
    assert unnamed.p_value == fifth.p_value != quarter.p_value
