"""Arrival times are real, kept apart, ascending and of the rate asked for."""

import json
from collections import Counter, defaultdict
from itertools import pairwise
from statistics import fmean, pstdev
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hhperf.search.model import SearchRequest
from hhperf.workload.corpus.candidates import Tenant
from hhperf.workload.make import (
    STREAMS,
    Recipe,
    Stream,
    arrival_times,
    load_arrivals,
    make_query_log,
)
from hhperf.workload.query_log import LoggedRequest, QueryLog

streams = st.sampled_from(STREAMS)


def gaps(times: tuple[float, ...]) -> list[float]:
    return [later - earlier for earlier, later in pairwise(times)]


@pytest.mark.parametrize(
    ("stream", "number", "rate_hz", "variation"),
    [("conv", 19_366, 5.53, 1.09), ("code", 8_819, 2.57, 13.2)],
)
def test_recordings_are_whole(
    stream: Stream, number: int, rate_hz: float, variation: float
) -> None:
    """Each recording has its own size, rate and burstiness."""
    times = load_arrivals(stream)
    between = gaps(times)
    assert len(times) == number
    assert 1 / fmean(between) == pytest.approx(rate_hz, rel=0.01)
    assert pstdev(between) / fmean(between) == pytest.approx(variation, rel=0.01)


@given(st.integers(0, 300), streams, st.integers(-50_000, 50_000))
def test_arrivals_ascend_from_zero(number: int, stream: Stream, start: int) -> None:
    """Wherever in the recording it starts, a schedule starts at 0 and never goes back."""
    times = arrival_times(number, stream, start=start)
    assert len(times) == number
    assert times[:1] in ((), (0.0,))
    assert all(gap >= 0 for gap in gaps(times))


def test_arrivals_are_those_recorded() -> None:
    """Gaps are the recording's own."""
    recorded = load_arrivals("code")[100:200]
    assert gaps(arrival_times(100, "code", start=100)) == pytest.approx(gaps(recorded), abs=1e-5)


@pytest.mark.parametrize("stream", STREAMS)
def test_recording_is_continued_at_its_own_rate(stream: Stream) -> None:
    """Past its end a recording begins anew, one mean gap later."""
    once = load_arrivals(stream)
    times = arrival_times(2 * len(once), stream)
    assert times[len(once)] - times[len(once) - 1] == pytest.approx(fmean(gaps(once)), abs=1e-5)
    assert times[-1] / (len(times) - 1) == pytest.approx(fmean(gaps(once)), rel=1e-6)


def test_unknown_stream_is_an_error() -> None:
    """The streams there are, are named."""
    with pytest.raises(ValueError, match="conv, code"):
        load_arrivals("both")


def test_negative_numbers_are_refused() -> None:
    """Fewer than none cannot be taken."""
    with pytest.raises(ValueError, match="-1"):
        arrival_times(-1)


def repeats(log: QueryLog) -> float:
    """The share of requests that some request before them was the same as."""
    asked = {(request.tenant, json.dumps(request.body)) for request in log}
    return 1 - len(asked) / len(log)


def sessions(log: QueryLog) -> list[list[LoggedRequest]]:
    found = defaultdict(list)
    for request in log:
        found[request.session].append(request)
    return list(found.values())


@pytest.fixture(scope="module")
def log() -> QueryLog:
    return make_query_log(1_000, seed=5)


def test_seed_makes_the_log(log: QueryLog) -> None:
    """The same seed gives the same log, another one another."""
    assert make_query_log(1_000, seed=5) == log
    assert make_query_log(1_000, seed=6).sha256 != log.sha256


@settings(max_examples=15, deadline=None)
@given(
    st.integers(0, 120),
    st.integers(0, 99),
    st.sampled_from(STREAMS),
    st.floats(0, 2),
    st.floats(0, 1),
)
def test_any_log_is_sound(
    count: int, seed: int, arrivals: Stream, exponent: float, share: float
) -> None:
    """Whatever is asked for: as many requests, in time order, different ids, bodies that pass."""
    recipe = Recipe(arrivals=arrivals, zipf_exponent=exponent, filters=share, next_search=share)
    log = make_query_log(count, seed=seed, recipe=recipe)
    assert len(log) == len({request.request_id for request in log}) == count
    assert all(left.offset_s <= right.offset_s for left, right in pairwise(log))
    assert all(SearchRequest.from_wire(request.body) for request in log)


@pytest.mark.parametrize("stream", STREAMS)
def test_arrival_times_are_recorded_ones(stream: Stream) -> None:
    """The log is a stretch of the recording, to the microsecond."""
    made = [request.offset_s for request in make_query_log(50, recipe=Recipe(arrivals=stream))]
    recorded = load_arrivals(stream)
    stretches = (recorded[at : at + 50] for at in range(len(recorded) - 49))
    lags = ([time - stretch[0] for time in stretch] for stretch in stretches)
    assert any(pytest.approx(made, abs=2e-6) == lag for lag in lags if abs(lag[1] - made[1]) < 2e-6)


def test_popularity_is_a_parameter() -> None:
    """The higher the exponent, the more requests are repeated."""
    shares = [repeats(make_query_log(800, recipe=Recipe(zipf_exponent=s))) for s in (0, 0.8, 1.5)]
    assert shares[0] < 0.25
    assert shares == sorted(shares)
    assert shares[2] > 0.6


def test_single_searches_without_popularity_hardly_repeat() -> None:
    """With many vacancies, each searched for once, what repeats are common short queries."""
    recipe = Recipe(zipf_exponent=0, vacancies_per_request=50, next_search=0)
    assert repeats(make_query_log(800, recipe=recipe)) < 0.15


def test_sessions_are_one_tenant_and_one_pause_apart(log: QueryLog) -> None:
    """A session's searches are a recruiter's: one tenant, with time to think in between."""
    found = sessions(log)
    assert max(map(len, found)) > 3
    for session in found:
        assert len({request.tenant for request in session}) == 1
        assert all(right.offset_s - left.offset_s >= 4 for left, right in pairwise(session))


def test_sessions_overlap(log: QueryLog) -> None:
    """Many recruiters work at once."""
    assert any(left.session != right.session for left, right in pairwise(log))
    assert len(sessions(log)) > 200


def test_tenants_keep_their_shares() -> None:
    """Tenants are drawn by session."""
    recipe = Recipe(tenants=(Tenant("a", 3), Tenant("b", 1)), next_search=0)
    counts = Counter(request.tenant for request in make_query_log(2_000, recipe=recipe))
    assert counts["a"] / 2_000 == pytest.approx(0.75, abs=0.03)


@pytest.mark.parametrize(
    "wrong",
    [
        {"filters": 1.5},
        {"portuguese": -0.1},
        {"next_search": float("nan")},
        {"zipf_exponent": -1},
        {"vacancies_per_request": 0},
        {"think_time_s": (5, 1)},
        {"tenants": ()},
        {"arrivals": "both"},
    ],
)
def test_impossible_recipes_are_refused(wrong: dict[str, Any]) -> None:
    """The parameter is named."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Recipe(**wrong)
