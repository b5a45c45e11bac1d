"""Going on with a load where stalls hid what was planned."""

from itertools import count
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from hhperf.harness.fresh_rounds import FreshRounds
from hhperf.harness.load_plan import Block, LoadPlan, plan_load
from hhperf.runs.columns import health_batch, observation_batch
from hhperf.runs.observation import Arm, HealthSample, Outcome
from hhperf.workload.schedules import closed_loop, constant, evenly
from tests.harness.conftest import make_log
from tests.runs.conftest import observe

MS = 1_000_000
GAP_NS = 100 * MS


def planned(load: Any = None, rounds: int = 2, **changes: Any) -> LoadPlan:
    """50 requests a round, one each tenth of a second."""
    return plan_load(
        make_log(30), load or evenly(constant(10, 5)), cache_state="natural", seed=3,
        rounds=rounds, warm_up=0, **changes,
    )  # fmt: skip


def sent_in(block: Block, requests: int = 50) -> pa.RecordBatch:
    """What was sent in a block, one block after the other, each answered after 40 ms."""
    first = block.number * requests
    due_ns = (np.arange(first, first + requests) * GAP_NS).tolist()
    rows = [
        observe(each, block.arm, intended_start_ns=at, start_ns=at, end_ns=at + 40 * MS)
        for each, at in enumerate(due_ns)
    ]
    return observation_batch(rows, 0)


def all_of(fresh: FreshRounds, told: list[int] | None = None) -> list[int]:
    """The rounds that are sent."""
    rounds = []
    for block in fresh.blocks((told if told is not None else []).append):
        fresh.note(sent_in(block))
        rounds.append(block.round)
    return rounds


def stalled(fresh: FreshRounds, block: int, requests: int) -> FreshRounds:
    """Nothing ran while so many requests of a block were due."""
    fresh.note_stall(block * 50 * GAP_NS + 50 * MS, requests * GAP_NS)
    return fresh


def test_a_quiet_machine_has_no_more_than_was_planned() -> None:
    """Not one round."""
    assert all_of(FreshRounds(planned())) == [0, 0, 0, 1, 1, 1]


def test_a_whole_round_makes_up_for_what_a_stall_hid() -> None:
    """A block of each arm, also where one arm alone was hit."""
    told: list[int] = []
    sent = all_of(stalled(FreshRounds(planned(extra_time_s=60)), block=2, requests=5), told)
    assert sent == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert told == [150 * 3]


def test_it_goes_on_until_as_many_count_as_were_planned() -> None:
    """Where further rounds are hit as well, with more of them."""
    fresh = FreshRounds(planned(extra_time_s=600))
    for round_ in range(3):
        stalled(fresh, block=3 * round_ + 1, requests=30)
    assert max(all_of(fresh)) == 3
    assert fresh.missing <= 0


@pytest.mark.parametrize("seconds", [0, 1e-9])
def test_there_is_a_cap_on_the_time(seconds: float) -> None:
    """No round begins after it."""
    fresh = stalled(FreshRounds(planned(extra_time_s=seconds)), block=0, requests=20)
    assert max(all_of(fresh)) == 1


@pytest.mark.parametrize(("rounds", "most"), [(1, 2), (2, 3), (3, 5), (4, 6)])
def test_by_default_it_is_half_the_run(rounds: int, most: int) -> None:
    """The plan has no more rounds than that can hold."""
    assert len(planned(rounds=rounds).extended().loads) == most


def test_a_closed_loop_is_not_gone_on_with() -> None:
    """It has no rate that could be kept."""
    plan = planned(closed_loop(2, 50), extra_time_s=60)
    assert plan.extended().blocks == plan.blocks
    assert max(all_of(stalled(FreshRounds(plan), block=0, requests=20))) == 1


def test_fresh_rounds_have_the_next_requests_of_the_log() -> None:
    """Under the same loads; numbers of pairs, blocks and rounds go on."""
    plan = planned(extra_time_s=30)
    more = plan.extended()
    assert more.picks[:150].tolist() == [number % 30 for number in range(150)]
    assert more.loads[2:4] == plan.loads
    assert [block.number for block in more.blocks] == list(range(len(more.blocks)))
    assert [block.round for block in more.blocks[6:12]] == [2, 2, 2, 3, 3, 3]
    assert {block.arm for block in more.blocks[6:9]} == set(Arm)
    assert more.extended().picks[:150].tolist() == more.picks[:150].tolist()


def test_drawn_rounds_are_drawn_anew() -> None:
    """Not the planned draws once more, and the same for the same seed."""
    more = planned(order="draw", extra_time_s=30).extended()
    assert more.picks[100:200].tolist() != more.picks[:100].tolist()
    assert planned(order="draw", extra_time_s=30).extended().picks.tolist() == more.picks.tolist()


def test_failures_count_as_what_they_are() -> None:
    """A control that fails away from any stall is not asked once more; what is lost is."""
    fresh = FreshRounds(planned(extra_time_s=60))
    numbers = count()
    outcomes = [Outcome.ERROR] * 40 + [Outcome.OK] * 58 + [Outcome.LOST] * 2
    for arm in Arm:
        rows = [
            observe(next(numbers), arm, outcome=outcome, end_ns=3_000_000 * MS)
            for outcome in outcomes
        ]
        fresh.note(observation_batch(rows, 0))
    fresh.note_stall(9_000_000 * MS, 50 * MS)
    assert fresh.missing == pytest.approx(2)


def test_stalls_told_in_columns_count_alike() -> None:
    """As workers of a crew tell them."""
    looks = [HealthSample("loop_lag", 0, 900 * MS), HealthSample("stall", 50 * MS, 500 * MS)]
    fresh = FreshRounds(planned(extra_time_s=60))
    fresh.note_health(health_batch(looks, 0))
    assert max(all_of(fresh)) == 2
