"""Planning which request goes to which arm when."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhperf.errors import PlanError, QueryLogError
from hhperf.harness.paired_plan import ARM_ORDERS, PairedPlan, plan_pairs
from hhperf.harness.replay_plan import CacheState
from hhperf.runs.observation import Arm
from tests.harness.conftest import Logged, make_log


def planned(requests: int = 30, **arguments: Any) -> PairedPlan:
    usual: dict[str, Any] = {"cache_state": "natural", "seed": 1, "warm_up": 0}
    return plan_pairs(make_log(requests), **(usual | arguments))


@given(st.integers(1, 80), st.integers(1, 3), st.integers(0, 2**32))
def test_arm_orders_are_balanced(requests: int, repetitions: int, seed: int) -> None:
    """However many pairs, no order comes more than once more often than another."""
    plan = planned(requests, repetitions=repetitions, seed=seed)
    times = Counter(pair.order for pair in plan.pairs())
    assert max(times.values()) - min(times.get(order, 0) for order in ARM_ORDERS) <= 1


@given(st.integers(1, 80), st.sampled_from(["log", "draw"]), st.integers(0, 2**32))
def test_the_seed_decides_everything(requests: int, order: str, seed: int) -> None:
    """The same seed gives the same plan."""
    one, other = (planned(requests, order=order, seed=seed) for _ in range(2))
    assert list(one.pairs()) == list(other.pairs())


def test_another_seed_gives_another_plan() -> None:
    """Arm orders come from the seed, not from the place in the log."""
    one, other = (list(planned(seed=seed).pairs()) for seed in (1, 2))
    assert [pair.order for pair in one] != [pair.order for pair in other]


def test_the_log_s_order_is_kept_after_the_warm_up() -> None:
    """The warm-up takes the first requests; the rest is measured as logged."""
    plan = planned(6, warm_up=2)
    assert [request.request_id for request in plan.warm_up_requests()] == ["r0", "r1"]
    assert [pair.request.request_id for pair in plan.pairs()] == ["r2", "r3", "r4", "r5"]


def test_drawing_takes_any_number_from_any_log() -> None:
    """With replacement a small log is enough."""
    plan = planned(3, order="draw", pairs=50, warm_up=5)
    assert len(list(plan.pairs())) == len(plan) == 50
    assert {pair.request.request_id for pair in plan.pairs()} == {"r0", "r1", "r2"}
    assert len(plan.warm_up_requests()) == 5


def test_repetitions_number_pairs_through() -> None:
    """Each repetition has the same requests; a pair's number is its own in the run."""
    pairs = list(planned(2, repetitions=2).pairs())
    assert [(pair.number, pair.repetition, pair.request.request_id) for pair in pairs] == [
        (0, 0, "r0"), (1, 0, "r1"), (2, 1, "r0"), (3, 1, "r1"),
    ]  # fmt: skip


def test_a_short_log_says_how_much_is_missing() -> None:
    """The message names the log, what it has, what is needed and the way out."""
    with pytest.raises(QueryLogError, match=r"memory: has 6 requests, needs 12 \(2 of them .*draw"):
        planned(6, warm_up=2, pairs=10)


@pytest.mark.parametrize("order", ["log", "draw"])
def test_an_empty_log_cannot_be_planned(order: str) -> None:
    """There is nothing to send."""
    with pytest.raises(QueryLogError, match="memory: has"):
        planned(0, order=order)


@pytest.mark.parametrize(
    "wrong",
    [
        {"pairs": 0}, {"warm_up": -1}, {"in_flight": 0}, {"repetitions": 0}, {"timeout_s": 0.0},
        {"timeout_s": float("inf")}, {"order": "backwards"}, {"cache_state": "lukewarm"},
    ],
)  # fmt: skip
def test_a_number_out_of_bounds_is_refused(wrong: dict[str, Any]) -> None:
    """Before anything is sent."""
    [value] = wrong.values()
    with pytest.raises(ValueError, match=str(value)):
        planned(**wrong)


def test_distinct_requests_have_each_kind_once() -> None:
    """Equal bodies of one tenant are one kind; another tenant's are another."""
    log = make_log(2)
    log += [Logged("r2", "acme", "s", log[0].body), Logged("r3", "other", "s", log[0].body)]
    plan = plan_pairs(log, cache_state=CacheState.WARM, seed=1, warm_up=0)
    assert {(each.tenant, each.body["query"]) for each in plan.distinct_requests()} == {
        ("acme", "engenheiro 0"), ("acme", "engenheiro 1"), ("other", "engenheiro 0"),
    }  # fmt: skip
    assert len(plan.distinct_requests()) == 3


def test_the_design_goes_into_the_metadata() -> None:
    """What the plan was can be told from the run."""
    design = planned(8, warm_up=2, repetitions=3, timeout_s=5.0).design(dict.fromkeys(Arm, "eager"))
    assert (design.pairs, design.repetitions, design.warm_up) == (18, 3, 2)
    assert (design.order, design.cache_state, design.timeout_s) == ("log", "natural", 5.0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"pairs": 10**20}, "pairs is 1.*, must be at most 10,000,000"),
        ({"warm_up": 10**20}, "warm_up is 1.*, must be at most 10,000,000"),
        ({"repetitions": 10**20}, "repetitions is 1.*, must be at most 10,000,000"),
        ({"pairs": 20, "repetitions": 10**6}, "pairs is 20000000, must be at most 10,000,000"),
    ],
    ids=str,
)
def test_a_plan_without_end_is_refused(changes: dict[str, int], said: str) -> None:
    """It would take all memory before the first request."""
    with pytest.raises(PlanError, match=said):
        planned(60, **changes)
