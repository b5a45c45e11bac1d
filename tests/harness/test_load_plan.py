"""Plans of a replay under load, without any clock."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhperf.errors import QueryLogError
from hhperf.harness.load_plan import LoadPlan, plan_load
from hhperf.harness.share import check_workers, share_of
from hhperf.runs.observation import Arm
from hhperf.workload.schedules import ClosedLoop, Schedule, closed_loop, constant, evenly, poisson
from tests.harness.conftest import make_log

seeds = st.integers(0, 2**32)
loads: st.SearchStrategy[Schedule | ClosedLoop] = st.one_of(
    st.builds(lambda rate: evenly(constant(rate, 2)), st.floats(2, 60)),
    st.builds(lambda seed: poisson(constant(30, 2), seed=seed), seeds),
    st.builds(lambda clients: closed_loop(clients, 40), st.integers(4, 9)),
)


def planned(load: Schedule | ClosedLoop, rounds: int = 2, seed: int = 1) -> LoadPlan:
    return plan_load(make_log(7), load, cache_state="natural", seed=seed, rounds=rounds, warm_up=3)


@given(st.integers(1, 14), seeds)
def test_every_round_has_every_arm_once(rounds: int, seed: int) -> None:
    """In an order of its own."""
    blocks = planned(evenly(constant(5, 1)), rounds, seed).blocks
    assert [block.number for block in blocks] == list(range(3 * rounds))
    for number in range(rounds):
        of_round = [block for block in blocks if block.round == number]
        assert sorted(block.arm for block in of_round) == sorted(Arm)
        assert [block.position for block in of_round] == [0, 1, 2]


def test_every_order_of_the_arms_comes_as_often() -> None:
    """Over as many rounds as there are orders; each is followed by its mirror image."""
    blocks = planned(evenly(constant(5, 1)), rounds=12).blocks
    orders = [tuple(b.arm for b in blocks[first : first + 3]) for first in range(0, 36, 3)]
    assert set(Counter(orders).values()) == {2}
    assert len(set(orders)) == 6
    assert all(one == other[::-1] for one, other in zip(orders[::2], orders[1::2], strict=True))


@given(loads, st.integers(1, 4))
def test_shares_have_every_request_once(load: Schedule | ClosedLoop, workers: int) -> None:
    """However many generators there are, each slot goes to one of them, at the same time."""
    plan = planned(load)
    block = plan.blocks[-1]
    whole = share_of(plan, block)
    shares = [share_of(plan, block, worker, workers) for worker in range(workers)]
    slots = np.concatenate([share.slots for share in shares])
    order = np.argsort(slots)
    for name in ("slots", "picks", "wait_ns"):
        joined = np.concatenate([getattr(share, name) for share in shares])
        assert np.array_equal(joined[order], getattr(whole, name))
    assert whole.slots.tolist() == list(range(-3, len(load)))


def test_the_warm_up_comes_before_the_measured_requests() -> None:
    """At the same rate, so that the first measured one comes right after it."""
    share = share_of(planned(evenly(constant(10, 1))), planned(evenly(constant(10, 1))).blocks[0])
    assert share.wait_ns[:5].tolist() == [0, 10**8, 2 * 10**8, 3 * 10**8, 4 * 10**8]
    assert share.span_ns == 13 * 10**8


@given(seeds)
def test_plans_are_seeded(seed: int) -> None:
    """The same seed gives the same blocks and requests."""
    one, other = (planned(evenly(constant(9, 1)), 5, seed) for _ in range(2))
    assert one.blocks == other.blocks
    assert np.array_equal(one.picks, other.picks)
    assert np.array_equal(one.warm_up, other.warm_up)


def test_a_log_that_ends_begins_again() -> None:
    """And each round goes on where the one before it ended."""
    plan = planned(evenly(constant(5, 1)))
    assert plan.picks.tolist() == [0, 1, 2, 3, 4, 5, 6, 0, 1, 2]
    assert plan.picks_of(1).tolist() == [5, 6, 0, 1, 2]


def test_rounds_may_have_loads_of_their_own() -> None:
    """Such as other arrivals of the same process."""
    plan = plan_load(
        make_log(3),
        [poisson(constant(50, 1), seed=seed) for seed in range(3)],
        cache_state="cold",
        seed=0,
    )
    assert len(plan.blocks) == 9
    assert len(plan) == sum(len(load) for load in plan.loads)
    assert plan.first_pair(2) == len(plan.loads[0]) + len(plan.loads[1])


def test_the_preview_says_what_would_be_sent() -> None:
    """One line a request: block, arm, time, id, tenant and text."""
    plan = planned(evenly(constant(4, 1)), rounds=1)
    lines = list(plan.preview())
    assert len(lines) == 12
    assert lines[1].split() == [
        "0", plan.blocks[0].arm.value, "0.250", "r1", "acme", "engenheiro", "1",
    ]  # fmt: skip


def test_the_preview_of_a_closed_loop_adds_up_think_times() -> None:
    """Each client's own."""
    load = closed_loop(2, 6, think_time_s=0.5)
    plan = plan_load(make_log(3), load, cache_state="cold", seed=0, arms=[Arm.CONTROL], rounds=1)
    assert [line.split()[2] for line in plan.preview()] == [
        "0.000", "0.000", "0.500", "0.500", "1.000", "1.000",
    ]  # fmt: skip


def test_the_design_says_what_was_offered() -> None:
    """A rate, or a number of clients."""
    names = dict.fromkeys(Arm, "x")
    opened = planned(evenly(constant(20, 1))).design(names)
    closed = planned(closed_loop(4, 10)).design(names)
    assert (opened.offered_hz, opened.clients, opened.pairs) == (20.0, None, 40)
    assert (closed.offered_hz, closed.clients, closed.pace) == (None, 4, "4 clients")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rounds": 0}, "rounds is 0"),
        ({"arms": []}, "arms is"),
        ({"arms": [Arm.CONTROL] * 2}, "each once"),
        ({"warm_up": -1}, "warm_up is -1"),
        ({"max_in_flight": 0}, "max_in_flight is 0"),
        ({"timeout_s": 0}, "timeout_s is 0"),
        ({"warm_up": 10**20}, "warm_up is 1.*, must be at most 10,000,000"),
        ({"rounds": 10**20}, "rounds is 1.*, must be at most 10,000,000"),
        ({"rounds": 2_000_001}, "the rounds hold 10,000,005 requests; 10,000,000 is the most"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, object], said: str) -> None:
    """Each with the argument's name."""
    with pytest.raises(ValueError, match=said):
        plan_load(
            make_log(3),
            evenly(constant(5, 1)),
            **{"cache_state": "cold", "seed": 0, **changes},  # type: ignore[arg-type]
        )


def test_an_empty_log_cannot_be_sent() -> None:
    """And says where it came from."""
    with pytest.raises(QueryLogError, match="memory: has no requests"):
        plan_load(make_log(0), evenly(constant(5, 1)), cache_state="cold", seed=0)


def test_more_workers_than_clients_are_refused() -> None:
    """One would have nothing to do."""
    with pytest.raises(ValueError, match=r"workers is 3, .* at most 2"):
        check_workers(planned(closed_loop(2, 10)), 3)


def test_the_log_is_named_without_its_folder() -> None:
    """Where somebody's files lie is nobody's business."""
    log = make_log(3)
    log.source = "/home/somebody/queries.jsonl"
    plan = plan_load(log, evenly(constant(3, 1)), cache_state="natural", seed=0)
    assert plan.log_facts().source == "queries.jsonl"
