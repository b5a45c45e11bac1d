"""Results that were cached otherwise than declared, and what is said of them."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from hhperf.analysis.decision import Gate, GateState
from hhperf.runs.arrays import Integers
from hhperf.runs.metadata import PairedDesign, RunMetadata
from hhperf.runs.observation import Arm
from hhperf.verdict.caching_gates import (
    cache_answers_gate,
    cached_answers_gate,
    share,
    varied_answers_gate,
    what_caches_ask_for,
)
from tests.runs.conftest import METADATA

N = 200
AGAIN_FIRST = np.arange(N) % 2 == 0
LIVE = {arm: f"https://{arm.value}.example" for arm in Arm}
NONE = np.zeros(N, dtype=np.int64)


def met_by_the_second() -> Mapping[Arm, Integers]:
    """Whoever asks the control again is answered from its cache."""
    return {
        Arm.CONTROL: AGAIN_FIRST.astype(np.int64),
        Arm.TREATMENT: NONE,
        Arm.CONTROL_AGAIN: (~AGAIN_FIRST).astype(np.int64),
    }


def hitting(first: int) -> Mapping[Arm, Integers]:
    """So many of each arm's answers from a cache, in the same pairs."""
    hits = (np.arange(N) < first).astype(np.int64)
    return dict.fromkeys(Arm, hits)


def live(cache_state: str, vary: str | None = None, before_each: str | None = None) -> RunMetadata:
    """Of a run of two deployments."""
    assert isinstance(METADATA.design, PairedDesign)
    design = replace(METADATA.design, arms=LIVE, cache_state=cache_state, before_each=before_each)
    return replace(METADATA, design=design, conditions=replace(METADATA.conditions, vary=vary))


def gate(metadata: RunMetadata, hits: Mapping[Arm, Integers]) -> Gate:
    """The gate, which there must be."""
    found = cached_answers_gate(metadata, hits, AGAIN_FIRST)
    assert found is not None
    return found


def test_a_deployment_that_caches_is_told_with_what_to_do() -> None:
    """In one sentence, with the share of pairs."""
    found = gate(live("cold"), met_by_the_second())
    assert found.state is GateState.FAILED
    assert found.detail == (
        "asked again, the control answered from its cache in 100.0% of pairs, and in 0.0% when"
        " asked first: this deployment caches and does not heed Cache-Control; use --vary jdHash,"
        " or --before-each COMMAND"
    )


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        (live("warm", vary="jdHash"), "jdHash was varied and is no part of its key"),
        (live("cold", before_each="redis-cli"), "redis-cli ran before each request"),
        (live("natural"), "by --vary jdHash, or its own deployment by --target control_again=URL"),
        (replace(live("cold"), design=METADATA.design), "a cache of its own"),
    ],
    ids=["varied", "emptied", "natural", "functions"],
)
def test_what_to_do_depends_on_what_was_done(metadata: RunMetadata, said: str) -> None:
    """A way that did not work is not recommended again."""
    found = gate(metadata, met_by_the_second())
    assert found.state is GateState.FAILED
    assert said in found.detail


@pytest.mark.parametrize("state", ["cold", "warm"])
def test_arms_that_all_answer_from_caches_are_caught_too(state: str) -> None:
    """They hit alike, so no other gate sees that no search was measured."""
    assert gate(live(state), hitting(N)).state is GateState.FAILED


def test_hits_are_what_natural_use_is_about() -> None:
    """As long as both measurements of the control meet as many."""
    assert gate(live("natural"), hitting(N // 2)).state is GateState.PASSED


def test_one_answer_in_a_hundred_may_be_no_search() -> None:
    """Two of 200 pass, three do not."""
    assert gate(live("warm", vary="jdHash"), hitting(2)).passed
    assert not gate(live("warm", vary="jdHash"), hitting(3)).passed


def test_measures_that_worked_are_said_to_have() -> None:
    """And a run that took none, and had no hits, has no such gate."""
    assert gate(live("warm", vary="jdHash"), hitting(0)).passed
    assert cached_answers_gate(live("cold"), hitting(0), AGAIN_FIRST) is None


def test_where_no_hit_is_told_there_is_no_gate() -> None:
    """The gates on order have to do."""
    untold = dict.fromkeys(Arm, np.full(N, -1))
    assert cached_answers_gate(live("warm", vary="jdHash"), untold, AGAIN_FIRST) is None


def test_a_field_that_changes_the_answer_is_caught() -> None:
    """By the control's answers to one request under two values."""
    assert varied_answers_gate(np.arange(N) < 2, "jdHash").passed
    found = varied_answers_gate(np.arange(N) < 30, "jdHash")
    assert found.state is GateState.FAILED
    assert "jdHash changes the answer" in found.detail


def test_a_cache_that_was_gone_is_told_with_its_cause() -> None:
    """Every search succeeds without it, and is another search."""
    gone = dict.fromkeys(Arm, np.where(np.arange(N) < 10, 4, 0))
    found = cache_answers_gate(gone)
    assert found is not None
    assert found.state is GateState.FAILED
    assert found.figure.startswith("requests that went on without it: control 5.0%")
    assert "Redis or Valkey did not answer" in found.detail


def test_a_cache_that_answers_passes() -> None:
    """One failure in 200 requests is hardly any."""
    one = dict.fromkeys(Arm, (np.arange(N) < 1).astype(np.int64))
    found = cache_answers_gate(one)
    assert found is not None
    assert found.passed


def test_of_a_cache_that_nobody_tells_of_nothing_is_said() -> None:
    """A live deployment's, or an older run's."""
    assert cache_answers_gate(dict.fromkeys(Arm, np.full(N, -1))) is None


def test_in_natural_use_the_second_measurement_may_hit_ten_points_more() -> None:
    """Twenty of 200 pairs are within, thirty are beyond; a first that hits more is no fault."""

    def second(hits: int) -> Mapping[Arm, Integers]:
        met = (np.arange(N) < hits).astype(np.int64)
        return {
            Arm.CONTROL: np.where(AGAIN_FIRST, met, 0),
            Arm.TREATMENT: NONE,
            Arm.CONTROL_AGAIN: np.where(AGAIN_FIRST, 0, met),
        }

    assert gate(live("natural"), second(18)).passed
    assert not gate(live("natural"), second(30)).passed
    first = {**second(60), Arm.CONTROL: second(60)[Arm.CONTROL_AGAIN]}
    first[Arm.CONTROL_AGAIN] = second(60)[Arm.CONTROL]
    assert gate(live("natural"), first).passed


def test_the_arm_that_hits_most_counts() -> None:
    """A treatment alone that answers from a cache measures no search either."""
    hits = {**hitting(0), Arm.TREATMENT: hitting(10)[Arm.TREATMENT]}
    found = gate(live("cold"), hits)
    assert (found.state, found.figure) == (GateState.FAILED, "5.0% of an arm's answers")


def test_shares_are_of_the_answers_that_tell() -> None:
    """An answer that tells nothing counts neither way."""
    assert share(np.array([1, 0, -1, -1])) == 0.5
    assert np.isnan(share(np.array([-1, -1])))


def test_what_a_gate_on_caches_found_is_the_cause_of_what_others_did() -> None:
    """Of those that failed alone."""
    broken = gate(live("cold"), met_by_the_second())
    sound = gate(live("warm", vary="jdHash"), hitting(0))
    other = replace(broken, name="A/A' mean")
    assert what_caches_ask_for([sound, broken, other]) == (broken.detail,)


def test_a_varied_field_may_change_one_answer_in_a_hundred() -> None:
    """Three of 200 are too many."""
    assert not varied_answers_gate(np.arange(N) < 3, "jdHash").passed
