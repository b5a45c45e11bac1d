"""When the machine stood still, read from a run."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hhperf.runs.observation import HealthSample
from hhperf.runs.run import Run, load_run
from hhperf.runs.stalls import Stalls, accounts_of, make_stalls, stalls_by_core, stalls_of
from hhperf.runs.writer import RunWriter
from tests.runs.conftest import METADATA

MS = 1_000_000
TWO = Stalls(np.array([100, 300]), np.array([150, 320]), 1_000, 0.07, 0.01)


@pytest.fixture
def recorded(fresh: Callable[[], Path]) -> Callable[..., Run]:
    """A second in which two cores were watched, with stalls of (core, at, length) in ms."""

    def record(*stalls: tuple[int, int, int]) -> Run:
        with RunWriter(fresh(), METADATA, epoch_ns=0) as writer:
            for core in (0, 1):
                writer.add_health(HealthSample("watched", 0, 5 * MS, core=core))
            for core, at, length in stalls:
                writer.add_health(HealthSample("stall", at * MS, length * MS, core=core))
            writer.add_health(HealthSample("steal", 1_000 * MS, 0, core=0))
        return load_run(writer.folder)

    return record


def test_stalls_of_all_cores_are_one_where_they_overlap(recorded: Callable[..., Run]) -> None:
    """A neighbour stops every core, each a little later."""
    found = stalls_of(recorded((0, 200, 60), (1, 190, 40), (0, 500, 20)))
    assert found is not None
    assert (found.begins_ns // MS).tolist() == [190, 500]
    assert (found.ends_ns // MS).tolist() == [260, 520]


def test_what_was_lost_is_the_mean_over_the_cores(recorded: Callable[..., Run]) -> None:
    """60, 40 and 20 ms of two cores' second."""
    found = stalls_of(recorded((0, 200, 60), (1, 190, 40), (0, 500, 20)))
    assert found is not None
    assert found.lost == pytest.approx(0.06)
    assert found.longest_s == pytest.approx(0.070)


def test_short_ones_do_not_count(recorded: Callable[..., Run]) -> None:
    """9 ms is what busy cores do to each other; 15 ms is nothing against a second."""
    run = recorded((0, 200, 9), (0, 500, 15))
    few, none = stalls_of(run), stalls_of(run, control_median_s=1.0)
    assert few is not None
    assert none is not None
    assert (len(few), few.floor_s) == (1, 0.010)
    assert (len(none), none.floor_s) == (0, 0.050)


def test_a_run_that_nobody_watched_is_no_quiet_one(fresh: Callable[[], Path]) -> None:
    """Runs of older formats have no stall clock."""
    with RunWriter(fresh(), METADATA) as writer:
        writer.add_health(HealthSample("loop_lag", 0, 5))
    assert stalls_of(load_run(writer.folder)) is None


def test_which_moments_lie_within_a_stall() -> None:
    """Both ends do."""
    found = TWO.covers(np.array([99, 100, 150, 151, 310, 321]))
    assert found.tolist() == [False, True, True, False, True, False]


def test_the_next_onset_is_later_than_the_moment() -> None:
    """Two is none."""
    assert TWO.next_onset(np.array([0, 100, 299, 300])).tolist() == [0, 1, 1, 2]


@pytest.mark.parametrize(
    ("begin", "end", "stalled"),
    [(0, 99, 0), (0, 120, 20), (120, 130, 10), (120, 310, 40), (0, 999, 70), (160, 200, 0)],
)
def test_the_stalled_time_within_a_window(begin: int, end: int, stalled: int) -> None:
    """Only as far as they overlap."""
    assert TWO.within_ns(np.array([begin]), np.array([end])).tolist() == [stalled]


def test_without_stalls_nothing_is_covered() -> None:
    """An empty list of stalls is asked like any other."""
    empty = np.array([], dtype=np.int64)
    quiet = Stalls(empty, empty, 1_000, 0.0, 0.01)
    moments = np.array([0, 5])
    assert not quiet.covers(moments).any()
    assert quiet.next_onset(moments).tolist() == [0, 0]
    assert quiet.within_ns(moments, moments + 10).tolist() == [0, 0]
    assert quiet.longest_s == 0


def test_within_a_stall_no_time_is_left_to_the_next() -> None:
    """Its ends included; before and after it counts to the next onset."""
    left = TWO.time_left_s(np.array([50, 100, 120, 150, 200, 400]))
    assert left.tolist() == [50e-9, 0.0, 0.0, 0.0, 100e-9, np.inf]


def test_stalls_that_touch_are_one() -> None:
    """One core's begins at the moment that another's ends."""
    found = make_stalls(np.array([0, 100 * MS]), np.array([100 * MS, 50 * MS]))
    assert (found.begins_ns.tolist(), found.ends_ns.tolist()) == ([0], [150 * MS])


def test_each_core_is_told_of_by_itself(recorded: Callable[..., Run]) -> None:
    """Also what is too short to count, and a core that never stood still."""
    found = stalls_by_core(recorded((0, 200, 60), (0, 500, 4)))
    assert list(found) == [0, 1]
    begins_s, lengths_s = found[0]
    assert (begins_s.tolist(), lengths_s.tolist()) == ([0.2, 0.5], [0.06, 0.004])
    assert [each.tolist() for each in found[1]] == [[], []]


def test_accounts_are_shares_of_the_time_watched(fresh: Callable[[], Path]) -> None:
    """Of two cores' second 60 and 20 ms were stolen; some task waited for a tenth of it."""
    with RunWriter(fresh(), METADATA, epoch_ns=0) as writer:
        for core, stolen in enumerate((60, 20)):
            writer.add_health(HealthSample("watched", 0, 5 * MS, core=core))
            writer.add_health(HealthSample("steal", 1_000 * MS, stolen * MS, core=core))
        for at in (500, 1_000):
            writer.add_health(HealthSample("pressure", at * MS, 50 * MS, core=0))
    assert accounts_of(load_run(writer.folder)) == pytest.approx({"steal": 0.04, "pressure": 0.1})
