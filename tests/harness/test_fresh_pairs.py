"""Going on where stalls hid what was planned."""

from itertools import islice

import pytest

from hhperf.errors import PlanError
from hhperf.harness.fresh_pairs import FreshPairs
from hhperf.harness.paired_plan import PairedPlan, plan_pairs
from hhperf.harness.replay_plan import Order
from hhperf.harness.stall_notes import StallNotes
from hhperf.runs.observation import Outcome
from tests.harness.conftest import make_log
from tests.runs.conftest import observe

S = 1_000_000_000


def planned(
    pairs: int = 40, *, order: Order = Order.LOG, extra_time_s: float | None = None
) -> PairedPlan:
    """A plan over a log of 100 requests."""
    return plan_pairs(
        make_log(100), cache_state="natural", seed=3, pairs=pairs, warm_up=0, order=order,
        extra_time_s=extra_time_s,
    )  # fmt: skip


def all_of(plan: PairedPlan, stalls: StallNotes) -> list[int]:
    """The numbers of the pairs that are sent when each takes a second, one after the other."""
    fresh = FreshPairs(plan, stalls)
    sent = []
    for pair in fresh.pairs(lambda total: None):
        fresh.note([observe(pair.number)])
        sent.append(pair.number)
    return sent


def stalls_in(pairs: range) -> StallNotes:
    """One in the middle of each pair's control, of 100 ms."""
    return StallNotes((number * S + S // 2, S // 10) for number in pairs)


def test_a_quiet_machine_has_no_more_than_was_planned() -> None:
    """Not one."""
    assert all_of(planned(40), StallNotes()) == list(range(40))


def test_as_many_count_as_were_planned() -> None:
    """One of ninety hidden: another is sent, with those that are asked for at once."""
    sent = all_of(planned(90, extra_time_s=60), stalls_in(range(3, 4)))
    assert sent == list(range(len(sent)))
    assert 91 <= len(sent) <= 100


def test_many_stalls_take_half_as_many_pairs_again() -> None:
    """Ten of forty hidden: those, and twenty more."""
    assert 66 <= len(all_of(planned(40, extra_time_s=60), stalls_in(range(0, 40, 4)))) <= 80


def test_there_is_a_cap_on_the_time() -> None:
    """None at all when there is no time."""
    assert len(all_of(planned(40, extra_time_s=0), stalls_in(range(0, 40, 2)))) == 40


def test_short_stalls_cost_nothing() -> None:
    """20 ms are less than 5% of a second."""
    short = StallNotes((number * S + S // 2, S // 50) for number in range(40))
    assert len(all_of(planned(40, extra_time_s=60), short)) == 40


def test_a_plan_that_measures_nothing_is_not_extended() -> None:
    """The median alone takes 40 pairs."""
    sent = all_of(planned(39, extra_time_s=60), stalls_in(range(0, 39, 4)))
    assert len(sent) == 39


def test_a_failed_control_hides_nothing() -> None:
    """It says what it says; only answers are counted as hidden."""
    fresh = FreshPairs(planned(40), stalls_in(range(40)))
    fresh.note([observe(0, outcome=Outcome.ERROR)])
    assert fresh.missing == 0


def test_fresh_pairs_are_the_next_requests_of_the_log() -> None:
    """In balanced orders; a log that is through begins again."""
    plan = planned(94)
    fresh = list(islice(plan.fresh_pairs(), 12))
    assert [pair.request.request_id for pair in fresh] == [
        plan.log[number % 100].request_id for number in range(94, 106)
    ]
    assert [pair.number for pair in fresh] == list(range(94, 106))
    assert len({pair.order for pair in fresh[:6]}) == 6


def test_drawn_plans_draw_on() -> None:
    """Others than the planned ones, and the same ones every time."""
    plan = planned(40, order=Order.DRAW)
    first, again = (
        [pair.request.request_id for pair in islice(plan.fresh_pairs(), 40)] for _ in range(2)
    )
    assert first == again
    assert first != [pair.request.request_id for pair in plan.pairs()]


@pytest.mark.parametrize("seconds", [-1.0, float("inf"), float("nan")], ids=str)
def test_the_extra_time_is_a_number_of_seconds(seconds: float) -> None:
    """Named with the value."""
    with pytest.raises(PlanError, match=f"extra_time_s is {seconds}"):
        planned(extra_time_s=seconds)


def up_to(look: int, stalls: StallNotes) -> list[int]:
    """The numbers of the pairs that are sent until so many count, and none is lost after them."""
    plan = planned(90, extra_time_s=60)
    fresh, sent = FreshPairs(plan, stalls), []
    pairs = fresh.pairs(lambda total: None)
    for pair in fresh.up_to(pairs, look):
        fresh.note([observe(pair.number)])
        sent.append(pair.number)
    assert next(pairs).number == len(sent)
    return sent


def test_a_look_on_a_quiet_machine_comes_as_planned() -> None:
    """After so many pairs, to the pair."""
    assert up_to(40, StallNotes()) == list(range(40))


def test_a_look_waits_for_what_stalls_hid() -> None:
    """Ten of forty hidden: the look comes when forty count, asked for every ten."""
    sent = up_to(40, stalls_in(range(0, 40, 4)))
    assert sent == list(range(len(sent)))
    assert 50 <= len(sent) <= 60
