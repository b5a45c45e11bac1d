"""Pairs on a machine that stalls."""

import numpy as np
import pytest

from hhperf.analysis.censoring import met_stall
from hhperf.analysis.ranks import quantile
from hhperf.analysis.simulate_stalls import Stalls, draw_stalls, stalled_triples


def test_stalls_take_the_share_they_are_told_to(rng: np.random.Generator) -> None:
    """A fifth of the time, in bursts of 60 ms on average, none before the last has ended."""
    stalls = draw_stalls(rng, 2_000.0, 0.2, 0.06)
    lost = float(np.sum(stalls.ends - stalls.starts))
    assert lost / stalls.ends[-1] == pytest.approx(0.2, rel=0.05)
    assert lost / len(stalls.ends) == pytest.approx(0.06, rel=0.05)
    assert (stalls.starts[1:] > stalls.ends[:-1]).all()


def test_what_would_end_within_a_stall_ends_with_it() -> None:
    """And nothing else is moved."""
    stalls = Stalls(np.array([1.0, 5.0]), np.array([2.0, 6.0]))
    times = np.array([0.5, 1.5, 3.0, 5.5, 7.0])
    assert stalls.passed(times).tolist() == [0.5, 2.0, 3.0, 6.0, 7.0]
    assert stalls.before(times).tolist() == [0.0, 0.5, 1.0, 1.5, 2.0]


@pytest.mark.parametrize("q", [0.5, 0.95, None])
def test_the_saving_without_stalls_is_the_one_asked_for(
    rng: np.random.Generator, q: float | None
) -> None:
    """At the quantile or at the mean, up to the noise of 20,000 requests."""
    free = stalled_triples(rng, 20_000, share=0.06, burst_s=0.4, q=q).free
    x, y = (arm.mean() if q is None else quantile(arm, q) for arm in (free.control, free.treatment))
    assert 1 - y / x == pytest.approx(0.2, abs=0.004)


def test_censoring_tells_the_truth_of_each_request(rng: np.random.Generator) -> None:
    """A request that met no stall took what it takes; the others no less without the stalls."""
    made = stalled_triples(rng, 500, share=0.2, burst_s=0.06)
    seen, clean = made.seen.treatment, made.censoring.treatment_clean
    met = met_stall(seen, clean)
    assert 0.5 < met.mean() < 0.8
    assert seen[~met] == pytest.approx(made.free.treatment[~met])
    assert (made.free.treatment[met] > clean[met]).all()
    assert (made.free.treatment >= seen - made.censoring.treatment_stalled - 1e-9).all()
    assert ((made.censoring.treatment_onset >= 0) == met).all()
