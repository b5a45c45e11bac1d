"""Simulated runs under a load."""

import numpy as np
import pytest

from hhperf.errors import ForecastError
from hhperf.forecast.offered import Load, Side, runs_of
from tests.forecast.fabricated import BUDGETS_MS, requests_of


def test_both_arms_meet_the_same_requests_at_the_same_times() -> None:
    """So an arm against itself saves nothing in any run, and runs differ from each other."""
    requests = requests_of("parallel", BUDGETS_MS, n=20)
    side = Side.of(requests, 2)
    runs = list(runs_of([side, side], Load(8.0, 3.0), requests.texts, replicates=4, seed=1))
    assert all((x == y).all() for x, y in runs)
    assert len({float(x.mean()) for x, _ in runs}) == 4


def test_as_many_requests_come_as_are_offered() -> None:
    """Over many runs."""
    requests = requests_of("eager", {"text": 1.0}, n=5)
    load = Load(10.0, 2.0, 3)
    runs = runs_of([Side.of(requests, 9)], load, requests.texts, replicates=200, seed=2)
    counts = [len(x) for (x,) in runs]
    assert np.mean(counts) == pytest.approx(load.requests, rel=0.03)


def test_arrivals_that_are_known_are_the_same_in_every_run() -> None:
    """One connection for 10 ms: what comes 1 ms later waits for 9, what comes alone for nothing."""
    requests = requests_of("eager", {"text": 10.0}, n=3)
    load = Load.of_arrivals([[0.0, 0.001, 1.0], [0.5]])
    assert (load.rounds, load.requests) == (2, 4)
    for (taken,) in runs_of([Side.of(requests, 1)], load, requests.texts, replicates=3, seed=1):
        assert 1e3 * taken == pytest.approx([10, 19, 10, 10])


@pytest.mark.parametrize(
    "arrivals", [[], [[]], [[1.0], []], [[2.0, 1.0]], [[-1.0]], [[0.0, float("inf")]]]
)
def test_arrivals_that_are_none_are_refused(arrivals: list[list[float]]) -> None:
    """Each block has some, in order."""
    with pytest.raises(ForecastError, match="ascending from 0"):
        Load.of_arrivals(arrivals)


def test_a_queue_waits_as_long_as_theory_says() -> None:
    """M/D/1 at half its capacity: the mean wait is half a service time (Pollaczek, Khinchine)."""
    requests = requests_of("eager", {"text": 10.0}, n=3)
    load = Load(50.0, 2_000.0, 1)
    [(taken,)] = runs_of([Side.of(requests, 1)], load, requests.texts, replicates=1, seed=3)
    assert taken.mean() == pytest.approx(0.010 + 0.005, rel=0.03)


def test_a_burst_asks_for_one_text_at_one_moment() -> None:
    """Each recorded burst comes whole, as often as it takes to make it as large as offered."""
    requests = requests_of("eager", {"text": np.arange(1.0, 7.0)}, n=6)
    texts = np.array([0, 0, 0, 1, 1, 1])
    load = Load(40.0, 20.0, 1, burst=4)
    [(taken,)] = runs_of([Side.of(requests, 999)], load, texts, replicates=1, seed=5)
    bursts = np.round(1e3 * taken).astype(int).reshape(-1, 4)
    assert {tuple(each) for each in bursts.tolist()} == {(1, 2, 3, 1), (4, 5, 6, 4)}


def test_what_a_burst_shares_ends_with_the_first() -> None:
    """Six equal lookups that are coalesced take as long as the first of them."""
    requests = requests_of("eager", {"embedding": [50.0, 10.0, 90.0]}, n=3)
    load = Load(30.0, 5.0, 1, burst=3)
    sides = [Side.of(requests, 9, coalesced=shared) for shared in (False, True)]
    [(each, shared)] = runs_of(sides, load, np.zeros(3, dtype=int), replicates=1, seed=5)
    assert each.mean() == pytest.approx(0.050)
    assert shared.max() == pytest.approx(0.050)


@pytest.mark.parametrize("rate_hz", [0.0, -1.0, float("nan"), float("inf"), 1e9])
def test_a_load_that_is_none_is_refused(rate_hz: float) -> None:
    """Or one that nobody could wait for."""
    with pytest.raises(ForecastError, match=" s, 2 times: "):
        Load(rate_hz)
