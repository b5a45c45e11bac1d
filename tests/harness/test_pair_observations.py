"""From attempts to observations."""

from hhperf.harness.flight import Attempt
from hhperf.harness.pair_observations import pair_observations
from hhperf.harness.paired_plan import Pair
from hhperf.harness.target import Reply
from hhperf.runs.observation import Arm, CacheLayer, Observation, Outcome, Span
from tests.harness.conftest import ANSWER, make_log

ORDER = (Arm.TREATMENT, Arm.CONTROL_AGAIN, Arm.CONTROL)
PAIR = Pair(3, 1, make_log(1)[0], ORDER)
NAMES = {Arm.CONTROL: "sequential", Arm.TREATMENT: "eager", Arm.CONTROL_AGAIN: "sequential"}
OK = Attempt(10, 20, Outcome.OK, ANSWER)
FAILED = Attempt(10, 20, Outcome.ERROR, None, "RuntimeError: no")


def never(_start_ns: int, _end_ns: int) -> int:
    """The garbage collector did not run."""
    return 0


def recorded(**attempts: Attempt) -> dict[Arm, Observation]:
    sent = {arm: attempts.get(arm.value, OK) for arm in ORDER}
    return {each.arm: each for each in pair_observations(PAIR, sent, NAMES, never)}


def test_who_when_and_where_are_taken_over() -> None:
    """Place in the order, what served the arm, request, tenant, session and clocks."""
    seen = recorded()[Arm.CONTROL_AGAIN]
    assert (seen.pair, seen.repetition, seen.position, seen.request_id) == (3, 1, 1, "r0")
    assert (seen.arm_schedule, seen.tenant, seen.session) == ("sequential", "acme", "s0")
    assert (seen.intended_start_ns, seen.dispatched_ns, seen.start_ns, seen.end_ns) == (
        10,
        10,
        10,
        20,
    )


def test_the_reply_s_details_are_taken_over() -> None:
    """Spans, cache answers and missing stages are the target's."""
    span, hits = Span("vector", 11, 15), {CacheLayer.RESULT: False}
    reply = Reply(ANSWER.results, (span,), hits, ("specialty",))
    seen = recorded(treatment=Attempt(10, 20, Outcome.OK, reply))[Arm.TREATMENT]
    assert (seen.spans, seen.cache_hits, seen.missing) == ((span,), hits, ("specialty",))
    assert seen.result_count == 2


def test_results_are_compared_with_the_control_s() -> None:
    """Wherever the control stood in the order."""
    seen = recorded(treatment=Attempt(10, 20, Outcome.OK, Reply(results=(("c1", 0.9),))))
    matches = {arm: each.results_match for arm, each in seen.items()}
    assert matches == {Arm.TREATMENT: False, Arm.CONTROL_AGAIN: True, Arm.CONTROL: None}


def test_a_failure_has_nothing_to_compare() -> None:
    """Its error is kept, its digest empty, its match unknown."""
    seen = recorded(treatment=FAILED)[Arm.TREATMENT]
    assert (seen.outcome, seen.error) == (Outcome.ERROR, "RuntimeError: no")
    assert (seen.result_digest, seen.results_match) == ("", None)


def test_a_failed_control_leaves_the_others_unjudged() -> None:
    """There is nothing to hold them against."""
    assert {each.results_match for each in recorded(control=FAILED).values()} == {None}


def test_an_interrupted_pair_has_what_was_sent() -> None:
    """Arms never sent leave no observation."""
    seen = pair_observations(PAIR, {Arm.TREATMENT: OK}, NAMES, never)
    assert [(each.arm, each.results_match) for each in seen] == [(Arm.TREATMENT, None)]
