"""What a run says while it is measured."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from hhperf.runs.metadata_file import read_metadata, write_metadata
from hhperf.runs.observation import Arm
from hhperf.runs.run import load_run
from hhperf.show.watch_cards import TRACK, track, watch_card
from hhperf.show.watch_state import WatchState
from hhperf.show.watching import looks
from tests.show.report.made import write_pairs

LOAD = "data/runs/sweep-plan/pool-20/000015.550"


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> WatchState:
    """Of 600 pairs of 1,000."""
    run = write_pairs(tmp_path_factory.mktemp("watch") / "run", pairs=600)
    metadata = read_metadata(run.path)
    changed = replace(metadata, design=replace(metadata.design, pairs=1_000))
    write_metadata(run.path, changed)
    return WatchState.of(load_run(run.path))


def test_savings_are_told_by_sequences_that_hold_at_every_look(state: WatchState) -> None:
    """At the median, which can be seen early, and at what is watched for."""
    assert [path.statistic for path in state.paths] == ["p50", "p95"]
    assert all(path.looks[-1] == 600 for path in state.paths)


def test_arms_and_what_is_left_are_told(state: WatchState) -> None:
    """All three arms, at the pace so far."""
    assert set(state.arms) == set(Arm)
    assert (state.done, state.planned) == (600, 1_000)
    assert state.left_s == pytest.approx(state.elapsed_s / 600 * 400)


def test_a_verdict_that_is_in_takes_no_more_pairs(state: WatchState) -> None:
    """As of a saving far from what is claimed; one that is near takes many."""
    path = state.paths[-1]
    open_yet = replace(path, threshold=path.savings[-1] - 0.005, stopped_at=None)
    near = replace(state, paths=(open_yet,))
    assert near.pairs_to_verdict is not None
    assert near.pairs_to_verdict > 100
    told = replace(path, stopped_at=600)
    assert replace(state, paths=(told,)).pairs_to_verdict == 0


def test_a_claim_that_is_the_saving_itself_is_never_settled(state: WatchState) -> None:
    """However many pairs there are."""
    path = replace(state.paths[-1], threshold=state.paths[-1].savings[-1], stopped_at=None)
    assert replace(state, paths=(path,)).pairs_to_verdict is None


def test_before_the_first_pair_there_is_nothing_to_tell(state: WatchState) -> None:
    """And no division by it."""
    nothing = replace(state, done=0, elapsed_s=0.0, arms={}, paths=(), lag_p99_s=math.nan)
    assert nothing.pairs_to_verdict is None
    assert "0 of 1,000 pairs" in str(watch_card(nothing))


def test_the_card_says_all_of_it(state: WatchState) -> None:
    """Savings with their intervals, latencies, failures, what is left, lag and stalls."""
    said = str(watch_card(state))
    for word in (
        "saving at p50", "saving at p95", "interval at every look", "p50, ms", "failed", "left",
        "verdict at p95", "machine stood still",
    ):  # fmt: skip
        assert word in said


def test_under_load_rates_are_told_and_no_interval() -> None:
    """Offered and answered; no interval under load holds at every look."""
    state = WatchState.of(load_run(LOAD))
    said = str(watch_card(state))
    assert state.paths == ()
    assert "answered/s" in said
    assert "no interval under load" in said
    assert state.arms[Arm.CONTROL].offered_hz == pytest.approx(15, rel=0.5)


@pytest.mark.parametrize(
    ("interval", "at"),
    [((0.0, 0.5, 1.0), (0, 20, 40)), ((-9.0, 0.25, 0.75), (0, 10, 30))],
    ids=["within", "beyond"],
)
def test_an_interval_is_drawn_on_one_scale(
    interval: tuple[float, float, float], at: tuple[int, int, int]
) -> None:
    """From no saving to all; what is beyond it ends at its edge."""
    line = track(*interval, claim=0.2, scale=(0.0, 1.0))
    assert len(line) == TRACK
    assert tuple(map(line.index, "├●┤")) == at
    assert line[8] == "┼"


def test_looking_ends_with_the_run(tmp_path: Path) -> None:
    """After a look at its end; a folder that has no run yet is waited for."""
    waited: list[float] = []

    def wait(pause_s: float) -> bool:
        waited.append(pause_s)
        if len(waited) == 2:
            write_pairs(tmp_path / "run", pairs=20)
        return len(waited) > 5

    cards = list(looks(tmp_path / "run", 0.2, wait))
    assert [card.badge for card in cards] == ["finished"]
    assert len(waited) == 2
