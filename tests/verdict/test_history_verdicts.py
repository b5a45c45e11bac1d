"""Points against a baseline, by a spread that holds what differs between runs."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from scipy import stats

from hhperf.analysis.change_points import find_changes
from hhperf.errors import SampleError
from hhperf.verdict.history import Against, Moment
from hhperf.verdict.history_verdicts import UNKNOWN_SPREAD, Spread, make_history, spread_of

FIRST = datetime(2026, 3, 1, tzinfo=UTC)


def moments(logs: Sequence[float | tuple[float, ...]], within: float = 0.0) -> list[Moment]:
    """One a day, with one run each or several."""
    return [
        Moment(
            name=f"day-{day}", at=FIRST + timedelta(days=day), commit=f"c0ffee{day:02}",
            logs=each if isinstance(each, tuple) else (each,), within=within,
        )
        for day, each in enumerate(logs)
    ]  # fmt: skip


def noisy(n: int, shift: float = 0.0, after: int = 0, spread: float = 0.01) -> list[float]:
    """Logs of a saving of 30% that changes after so many points."""
    rng = np.random.default_rng(9)
    return [
        math.log(0.7) + spread * rng.standard_normal() + (shift if day >= after else 0.0)
        for day in range(n)
    ]


def test_a_loss_is_named_with_the_commit_that_it_began_with() -> None:
    """The treatment takes 10% more from the 13th point on."""
    found = make_history("parallel", moments(noisy(20, math.log(1.1), after=12)))
    (change,) = found.changes
    assert (change.word, change.at) == (Against.WORSE, "day-12 (c0ffee12)")
    assert change.change.lower < -0.1 < change.change.upper
    assert found.newest.word is Against.WORSE
    assert found.newest.change.contains(-0.1)


def test_what_did_not_change_is_alike() -> None:
    """Each point's interval against the baseline lies within the margin."""
    found = make_history("parallel", moments(noisy(12, spread=0.005)))
    assert found.changes == ()
    assert {point.word for point in found.points} == {Against.BASELINE, Against.ALIKE}


def test_two_runs_alone_tell_nothing() -> None:
    """How far processes differ is not to be had from pairs within them."""
    found = make_history("parallel", moments([-0.3, -0.1], within=1e-6))
    assert found.newest.word is Against.INCONCLUSIVE
    assert UNKNOWN_SPREAD in found.warnings


def test_restarts_tell_what_two_single_runs_do_not() -> None:
    """Two points with five runs each, clearly apart."""
    rng = np.random.default_rng(2)
    restarted = [tuple(level + 0.01 * rng.standard_normal(5)) for level in (-0.35, -0.2)]
    found = make_history("parallel", moments(restarted))
    assert found.newest.word is Against.WORSE


def test_restarts_that_differ_widen_the_interval() -> None:
    """The variance between processes is in it, not that of their pairs alone."""
    near, far = (
        spread_of(moments([tuple(-0.3 + spread * np.arange(-1.0, 2.0))] * 2)).of(
            moments([(-0.3, -0.3, -0.3)])[0]
        )
        for spread in (0.001, 0.1)
    )
    assert far == pytest.approx(1e4 * near)


def test_points_tell_more_than_restarts_of_one_day() -> None:
    """Days that differ more than restarts do: the wider of both counts."""
    logs = [(level, level + 1e-4) for level in noisy(8, spread=0.05)]
    spread = spread_of(moments(logs))
    assert spread.variance > 100 * spread.restarts


def test_another_baseline_may_be_named_by_its_commit() -> None:
    """Or by the beginning of it."""
    found = make_history("parallel", moments(noisy(8)), baseline="c0ffee03")
    assert found.baseline == "day-3"
    assert found.points[3].word is Against.BASELINE


def test_an_unknown_baseline_is_refused_with_the_names_there_are() -> None:
    """So that a slip is seen."""
    with pytest.raises(SampleError, match="day-1"):
        make_history("parallel", moments(noisy(3)), baseline="day-11")


def test_a_point_without_a_number_stands_apart() -> None:
    """It keeps its place, says why, and is in no level."""
    lacking = Moment("day-4b", FIRST + timedelta(days=4, hours=1), notes=("it failed a gate",))
    found = make_history("parallel", [*moments(noisy(8)), lacking])
    assert found.points[5].word is Against.NOT_MEASURABLE
    assert "it failed a gate" in found.points[5].change.warnings


def test_an_alarm_without_a_change_is_as_rare_as_is_said() -> None:
    """No more than 5% of points are called better or worse, whatever the margin."""
    words = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        logs = (-0.3 + 0.02 * rng.standard_normal(10)).tolist()
        found = make_history("parallel", moments(logs), margin=0.0)
        words += [point.word for point in found.points[1:]]
    wrong = sum(word in (Against.BETTER, Against.WORSE) for word in words)
    assert wrong / len(words) < 0.1


def test_a_latency_is_told_in_seconds() -> None:
    """Its log is that of seconds, and longer is worse."""
    logs = [math.log(0.2) + 0.001 * (day % 2) for day in range(6)] + [math.log(0.3)] * 3
    found = make_history("parallel", moments(logs), measure="treatment")
    assert found.points[0].level == pytest.approx(0.2)
    assert found.newest.change.point == pytest.approx(-0.5, abs=0.01)


def test_a_point_is_held_against_a_level_that_is_as_sure_as_its_points_are_many() -> None:
    """Both vary: the variance of a single point and a twelfth of it."""
    found = make_history("parallel", moments(noisy(12, spread=0.005)))
    t = float(stats.t.ppf(0.975, 11))
    expected = t * found.spread * math.sqrt(1 + 1 / 12)
    change = found.newest.change
    half = (math.log1p(-change.lower) - math.log1p(-change.upper)) / 2
    assert found.held_against == "the level of day-0, 12 points"
    assert half == pytest.approx(expected)


def test_a_baseline_that_a_change_begins_with_stands_on_the_new_level() -> None:
    """Not on that before it."""
    found = make_history("parallel", moments(noisy(20, 0.5, after=12)), baseline="day-12")
    assert (found.base_points, found.held_against) == (8, "the level of day-12, 8 points")
    assert found.base_level == pytest.approx(1 - 0.7 * math.exp(0.5), abs=0.02)


def test_each_level_takes_one_degree_of_freedom() -> None:
    """Twenty points on two levels leave eighteen."""
    series = moments(noisy(20, 0.5, after=12))
    changes = find_changes([each.log for each in series])
    assert len(changes) == 1
    assert (spread_of(series).freedom, spread_of(series, changes).freedom) == (19, 18)


def test_a_baseline_alone_on_its_level_stands_for_itself() -> None:
    """Of two points neither has a level."""
    assert make_history("parallel", moments([-0.3, -0.3])).held_against == "day-0"


def test_restarts_vary_about_the_mean_of_their_own_point() -> None:
    """By the unbiased variance of each, together."""
    spread = spread_of(moments([(0.0, 0.1, 0.2), (0.5, 0.6, 0.7)]))
    assert spread.restarts == pytest.approx(0.01)
    assert spread.freedom == 4


def test_a_point_of_more_runs_is_surer() -> None:
    """One has the variance of a run, four a quarter of it; neither less than points have."""
    single, fourfold = moments([(-0.3,), (-0.3,) * 4])
    alone = Spread(0.0, 3, restarts=0.04)
    assert (alone.of(single), alone.of(fourfold)) == pytest.approx((0.04, 0.01))
    assert replace(alone, variance=0.02).of(fourfold) == 0.02


def test_points_without_any_difference_are_not_better() -> None:
    """Nor worse, even where every change matters."""
    found = make_history("parallel", moments([-0.3] * 5), margin=0.0)
    assert {point.word for point in found.points[1:]} == {Against.INCONCLUSIVE}
