"""What caching and coalescing do, from times and texts alone."""

import pytest

from hhperf.errors import ForecastError
from hhperf.forecast.lookups_predicted import Caching, predict_lookups
from hhperf.runs.observation import Arm
from hhperf.why.lookups import ArmLookups, Lookup, counted


def seen(times: list[tuple[str, float]], lasts: float = 0.5) -> ArmLookups:
    """Lookups that all missed, of such a length."""
    events = tuple(Lookup(key, at, at + lasts, hit=False) for key, at in times)
    return ArmLookups(Arm.CONTROL, "parallel", "embedding", True, counted(events), events)


EVERY_SECOND = seen([("java", float(second)) for second in range(12)])


def test_what_was_stored_is_hit_until_its_time_is_over() -> None:
    """Fetched at 0, stored from 0.5 to 4.5: renewed at 5 and at 10."""
    found = predict_lookups(EVERY_SECOND, Caching(ttl_s=4.0, jitter=0.0))
    assert (found.hits, found.renewed) == (9, 2)


def test_without_a_time_to_live_nothing_is_hit() -> None:
    """No cache at all."""
    assert predict_lookups(EVERY_SECOND, Caching(ttl_s=0.0)).hits == 0


def test_an_expired_answer_is_asked_for_by_all_who_come_meanwhile() -> None:
    """A stampede: one fetches where it is coalesced, all where it is not."""
    burst = seen([("java", 0.0), *[("java", 5.0 + 0.01 * n) for n in range(8)]])
    shared = predict_lookups(burst, Caching(4.0, 0.0, coalescing=True))
    each = predict_lookups(burst, Caching(4.0, 0.0, coalescing=False))
    assert (shared.largest, each.largest) == (8, 8)
    assert shared.fetches(coalescing=True) == 2
    assert each.fetches(coalescing=False) == 9


def test_times_to_live_that_are_drawn_spread_renewals() -> None:
    """By a seed: the same again, and another with another one."""
    often = seen([(f"q{n % 40}", n * 0.05) for n in range(2_000)], lasts=0.01)
    drawn = [predict_lookups(often, Caching(10.0), seed=seed) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


@pytest.mark.parametrize(("ttl_s", "jitter"), [(-1.0, 0.0), (float("inf"), 0.0), (1.0, 1.0)])
def test_a_cache_that_is_none_is_refused(ttl_s: float, jitter: float) -> None:
    """Negative or endless times, and a jitter that leaves none."""
    with pytest.raises(ForecastError, match="seconds from 0"):
        Caching(ttl_s, jitter)
