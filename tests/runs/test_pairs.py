"""Bringing the arms of a pair together."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhperf.runs.columns import observation_batch
from hhperf.runs.observation import Arm, Observation, Outcome
from hhperf.runs.pairs import RecordedPairs, Statistic, align
from tests.runs.conftest import observe, observe_pair

ORDERS = st.permutations([o for pair in range(5) for o in observe_pair(pair, (1, 0.5, pair))])


def aligned(
    observations: list[Observation], statistic: Statistic = Statistic.SERVICE_TIME
) -> RecordedPairs:
    return align(pa.Table.from_batches([observation_batch(observations, 0)]), statistic)


@given(ORDERS)
def test_the_order_of_rows_does_not_matter(observations: list[Observation]) -> None:
    """Arms are brought together by pair, wherever they stand."""
    pairs = aligned(observations)
    np.testing.assert_array_equal(pairs.pair, range(5))
    np.testing.assert_array_equal(pairs.control_again, range(5))


@pytest.mark.parametrize("outcome", [Outcome.ERROR, Outcome.TIMEOUT, Outcome.DROPPED])
def test_a_failure_is_an_infinite_latency(outcome: Outcome) -> None:
    """A failed request is kept, never dropped from its arm."""
    control, treatment, again = observe_pair(0)
    pairs = aligned([control, replace(treatment, outcome=outcome), again])
    assert (pairs.control[0], pairs.treatment[0]) == (1.0, np.inf)


def test_a_cancelled_arm_makes_the_pair_incomplete() -> None:
    """An interrupted request says nothing about a latency."""
    control, treatment, again = observe_pair(1)
    pairs = aligned(
        [*observe_pair(0), control, replace(treatment, outcome=Outcome.CANCELLED), again]
    )
    assert (pairs.pair.tolist(), pairs.incomplete) == ([0], 1)


def test_differing_results_void_the_pair() -> None:
    """A pair whose answers differ is counted and left out of every array."""
    control, treatment, again = observe_pair(1)
    other = [control, replace(treatment, results_match=False), replace(again, results_match=True)]
    pairs = aligned([*observe_pair(0), *other])
    assert (pairs.pair.tolist(), pairs.voided) == ([0], 1)
    assert pairs.mismatches == {Arm.TREATMENT: 1, Arm.CONTROL_AGAIN: 0}


def test_response_time_counts_from_the_intended_start() -> None:
    """A request sent late has waited since it was due."""
    late = [replace(each, intended_start_ns=-500_000_000) for each in observe_pair(0)]
    assert aligned(late, Statistic.RESPONSE_TIME).control.tolist() == [1.5]
    assert aligned(late).control.tolist() == [1.0]


def test_clusters_are_numbered_from_zero() -> None:
    """Requests of one session, or of one text, share a number."""
    pairs = aligned([o for pair in range(4) for o in observe_pair(pair)])
    assert pairs.session.tolist() == [0, 0, 1, 1]
    assert pairs.text.tolist() == [0, 1, 2, 0]
    assert pairs.tenant.tolist() == [0, 0, 0, 0]


def test_unknown_sessions_have_nothing_in_common() -> None:
    """A pair whose session is not known is a cluster of its own."""
    observations = [replace(o, session=None) for pair in range(2) for o in observe_pair(pair)]
    sessions = aligned([*observations, *observe_pair(2), *observe_pair(3)]).session.tolist()
    assert sorted(sessions) == [0, 0, 1, 2]


def test_positions_are_kept_by_arm() -> None:
    """The effects of order need each arm's place."""
    pairs = aligned([replace(each, position=2 - each.position) for each in observe_pair(0)])
    assert {arm: each.tolist() for arm, each in pairs.positions.items()} == {
        Arm.CONTROL: [2],
        Arm.TREATMENT: [1],
        Arm.CONTROL_AGAIN: [0],
    }


def test_a_pair_without_an_arm_is_incomplete() -> None:
    """A pair that was never finished is counted."""
    pairs = aligned([*observe_pair(0), observe(1)])
    assert (len(pairs), pairs.incomplete) == (1, 1)


def test_under_load_the_digests_tell_of_differing_results() -> None:
    """Two blocks cannot be compared as they come; an arm without an answer differs from nothing."""
    digests = {0: ("a", "a", "a"), 1: ("a", "b", "a"), 2: ("a", "", "a"), 3: ("a", "a", "c")}
    rows = [
        replace(each, result_digest=digest, results_match=None)
        for pair, given in digests.items()
        for each, digest in zip(observe_pair(pair), given, strict=True)
    ]
    pairs = aligned(rows)
    assert (pairs.pair.tolist(), pairs.voided) == ([0, 2], 2)
    assert pairs.differing[Arm.TREATMENT].tolist() == [False, True, False, False]
