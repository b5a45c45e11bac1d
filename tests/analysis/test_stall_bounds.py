"""Savings in the worse case."""

import math

import numpy as np
import pytest

from hhperf.analysis.decision import Verdict
from hhperf.analysis.estimate import Estimate
from hhperf.analysis.quantiles import quantile_savings
from hhperf.analysis.samples import Pairs, make_pairs
from hhperf.analysis.simulate_stalls import StalledPairs, stalled_triples
from hhperf.analysis.stall_bounds import Bounds, extremes, shortest


def _median(pairs: Pairs) -> Estimate:
    return quantile_savings(pairs, (0.5,), replicates=200)[0]


def _bounds(made: StalledPairs) -> Bounds:
    pairs = make_pairs(made.seen.control, made.seen.treatment)
    return extremes(pairs, made.censoring).judged(_median)


def test_the_saving_without_stalls_lies_between_the_bounds(rng: np.random.Generator) -> None:
    """And so does that of all data."""
    made = stalled_triples(rng, 500, share=0.2, burst_s=0.06, q=0.5)
    found = _bounds(made)
    for sample in (made.free, made.seen):
        point = _median(make_pairs(sample.control, sample.treatment)).point
        assert found.least.point < point < found.most.point


def test_a_great_saving_holds_in_the_worse_case(rng: np.random.Generator) -> None:
    """Half saved is more than a fifth, whatever 6% of stalls did; a fifth is not."""
    made = stalled_triples(rng, 500, share=0.06, burst_s=0.06, saving=0.5, q=0.5)
    assert _bounds(made).verdict(0.20) is Verdict.EXCEEDS
    made = stalled_triples(rng, 500, share=0.06, burst_s=0.06, saving=0.2, q=0.5)
    assert _bounds(made).verdict(0.20) is None


def test_a_loss_holds_in_the_better_case(rng: np.random.Generator) -> None:
    """Ten percent lost is no fifth saved."""
    made = stalled_triples(rng, 500, share=0.06, burst_s=0.06, saving=-0.1, q=0.5)
    assert _bounds(made).verdict(0.20) is Verdict.BELOW


def test_only_what_met_a_stall_may_have_been_shorter() -> None:
    """A failure among it may have been nothing, or one all the same; a true one stays."""
    latency = np.array([2.0, 2.0, 2.0, math.inf, math.inf])
    clean = np.array([3.0, 1.0, 1.0, 1.0, math.inf])
    stalled = np.array([0.0, 0.5, 2.0, 9.0, 0.0])
    found = shortest(latency, clean, stalled)
    assert found.tolist() == pytest.approx([2.0, 1.5, 2e-9, 2e-9, math.inf])


def test_an_undefined_bound_decides_nothing() -> None:
    """The tail may lie among failures in one case and not in the other."""
    nothing = Estimate(math.nan, math.nan, math.nan)
    assert Bounds(nothing, nothing).verdict(0.2) is None
