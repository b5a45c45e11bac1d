"""Schedules that a user writes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhperf.errors import ScheduleError
from hhperf.search.arms import ARMS, TWO_STATEMENTS
from hhperf.search.schedule import Schedule, all_before, is_schedule, order_of

FIFTH = "vector < specialty; text < specialty"
INPUTS = {name: stage.inputs for name, stage in TWO_STATEMENTS.items()}


@pytest.mark.parametrize("arm", ["sequential", "parallel", "eager"])
def test_an_arm_written_out_is_the_arm(arm: str) -> None:
    """What adds nothing to the arm's order has its name."""
    assert Schedule.of(INPUTS, ARMS[arm].waits).name == arm


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("parallel", "parallel"),
        ("eager", "eager"),
        ("specialty < embedding; vector < specialty; text < vector", "sequential"),
        ("vector, text < embedding, specialty", "parallel"),
        ("text < vector\nvector < specialty; specialty < embedding", "sequential"),
        ("vector, text < specialty", FIFTH),
        ("text < specialty; vector < specialty, embedding", FIFTH),
    ],
)
def test_a_schedule_has_its_shortest_name(text: str, name: str) -> None:
    """However it was written."""
    assert Schedule.parse(text).name == name


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("paralel", "no arm 'paralel': did you mean parallel"),
        ("vector < specialities", "no stage 'specialities': did you mean specialty"),
        ("embedding < vector", "embedding, which waits for vector, which waits for embedding"),
        ("vector <", "'vector <' is no clause"),
        ("a < b < c", "'a < b < c'"),
        ("text < text", "text, which waits for text"),
    ],
)
def test_what_cannot_be_run_is_refused_by_name(text: str, said: str) -> None:
    """An arm, a stage, a circle."""
    with pytest.raises(ScheduleError, match=said):
        Schedule.parse(text)


def test_a_schedule_without_an_input_is_refused() -> None:
    """The stage and what it takes are named."""
    waits = {**INPUTS, "vector": ("specialty",)}
    with pytest.raises(ScheduleError, match="vector takes what embedding gives"):
        Schedule.of(INPUTS, waits)


def test_stages_of_ones_own_have_schedules_too() -> None:
    """With their inputs given."""
    own = {"a": (), "b": (), "c": ("a", "b")}
    assert Schedule.parse("b < a", own).waits["b"] == ("a",)
    assert Schedule.parse("c < a", own).name == "eager"
    assert Schedule.parse("sequential", own).waits == {"a": (), "b": ("a",), "c": ("a", "b")}
    with pytest.raises(ScheduleError, match="There are eager, sequential; or write"):
        Schedule.parse("parallel", own)


def test_an_address_is_no_schedule() -> None:
    """So a live deployment is never taken for an arm."""
    assert [is_schedule(each) for each in ("http://a:1", FIFTH, "eager")] == [False, True, True]


MOVABLE = ("embedding", "specialty", "vector", "text")


@given(st.permutations(MOVABLE), st.sets(st.tuples(*[st.sampled_from(MOVABLE)] * 2)))
def test_a_name_says_the_whole_schedule(order: list[str], pairs: set[tuple[str, str]]) -> None:
    """What is written from a schedule is read as the same one."""
    waits = {name: (*before,) for name, before in INPUTS.items()}
    for earlier, later in pairs:
        if order.index(earlier) < order.index(later):
            waits[later] = (*waits[later], earlier)
    try:
        schedule = Schedule.of(INPUTS, waits)
    except ScheduleError:
        return  # the vector search before its embedding
    assert all_before(order_of(schedule.name).waits) == all_before(waits)
