"""When a run stood still, in words and in its clocks."""

from time import perf_counter_ns, time_ns

import numpy as np

from hhperf.runs.gaps import Anchor, Gap, anchor_of, continued_epoch_ns, in_gaps, unwatched_ns

PAUSE = Gap(41_000_000_000, 53_000_000_000, "PostgreSQL did not answer", 1)
BREAK = Gap(60_000_000_000, 90_000_000_000, "cut off: killed", 1, True, Anchor(-5, 7))


def test_a_pause_says_what_was_under_way() -> None:
    """When, for how long, why, and what became of the pair."""
    assert str(PAUSE) == (
        "paused at 41 s for 12 s: PostgreSQL did not answer; 1 pair under way: not compared"
    )


def test_a_break_says_how_the_run_had_ended() -> None:
    """And that its pair was sent again."""
    assert str(BREAK) == (
        "broken off at 60 s (cut off: killed), gone on with 30 s later;"
        " 1 pair under way: sent again"
    )


def test_only_a_break_was_not_watched() -> None:
    """The stall clock looks on during a pause."""
    assert unwatched_ns((PAUSE, BREAK)) == 30_000_000_000
    at_ns = np.array([40, 41, 53, 54, 75]) * 1_000_000_000
    assert in_gaps((PAUSE, BREAK), at_ns).tolist() == [False, True, True, False, True]


def test_time_goes_on_by_the_wall_clock() -> None:
    """A monotonic clock that began anew does no harm."""
    anchor = Anchor(monotonic_ns=10**18, wall_ns=time_ns() - 5_000_000_000)
    epoch_ns = continued_epoch_ns(anchor, last_ns=0)
    now_ns = perf_counter_ns() - epoch_ns
    assert 5_000_000_000 <= now_ns < 10_000_000_000


def test_time_never_goes_back() -> None:
    """Not even where the wall clock was set back."""
    anchor = Anchor(0, time_ns() + 3_600_000_000_000)
    epoch_ns = continued_epoch_ns(anchor, last_ns=77)
    assert perf_counter_ns() - epoch_ns > 77


def test_a_gap_with_nothing_under_way_says_nothing_of_pairs() -> None:
    """That is what is meant where none are named."""
    assert str(Gap(2 * 10**9, 3 * 10**9, "no cache")) == "paused at 2 s for 1 s: no cache"


def test_an_anchor_tells_when_a_clock_began_by_the_wall() -> None:
    """An hour ago is before now."""
    hour_ns = 3_600 * 10**9
    anchor = anchor_of(perf_counter_ns() - hour_ns)
    assert anchor.wall_ns <= time_ns() - hour_ns
