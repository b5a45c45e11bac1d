"""What the order of the arms does, planted and found."""

import math

import numpy as np
import pytest

from hhperf.analysis.decision import GateState
from hhperf.errors import SampleError
from hhperf.verdict.order_effects import (
    arm_by_place,
    arm_by_place_gate,
    carry_over,
    carry_over_gate,
    make_crossover,
    period_effect,
)
from tests.benchmarks.analysis.crossovers import CONTROL, TREATMENT, Planted, Sent, sent

MANY = 6_000


def _period_of(found: Sent) -> tuple[float, float, float]:
    control, treatment = found.latencies[:, CONTROL], found.latencies[:, TREATMENT]
    first = found.places[:, CONTROL] < found.places[:, TREATMENT]
    seen = period_effect(control, treatment, first)
    return seen.control_first, seen.treatment_first, seen.effect.point


def test_an_order_that_does_nothing_passes(rng: np.random.Generator) -> None:
    """Both gates."""
    found = sent(rng, MANY, Planted(), noise=0.05).crossover
    assert carry_over_gate(found).passed
    assert arm_by_place_gate(found).passed


def test_a_period_effect_is_told_and_biases_nothing(rng: np.random.Generator) -> None:
    """A first place that is 20% slower for every arm shows in the savings by who went first."""
    slow = sent(rng, MANY, Planted(first=1.2), noise=0.05)
    control_first, treatment_first, effect = _period_of(slow)
    # In two thirds of the pairs the first of the two ran in the first place.
    assert effect == pytest.approx(1 - 1.2 ** (-2 / 3), abs=0.01)
    assert control_first > 0.25 > treatment_first
    assert carry_over_gate(slow.crossover).passed
    assert arm_by_place_gate(slow.crossover).passed


def test_what_following_the_treatment_does_to_a_control_is_found(
    rng: np.random.Generator,
) -> None:
    """Five percent faster, whatever the places take."""
    found = sent(rng, MANY, Planted(first=1.3, after_treatment=0.95)).crossover
    effect = carry_over(found)
    assert effect is not None
    assert effect.contains(0.05)
    gate = carry_over_gate(found)
    assert gate.state is GateState.FAILED
    assert "one arm leaves the next something warm" in gate.text


def test_a_place_that_is_slow_for_one_arm_is_found(rng: np.random.Generator) -> None:
    """It adds a third of itself to the overall saving, which the controls alone do not show."""
    found = sent(rng, MANY, Planted(first=1.3, treatment_first=1.15)).crossover
    known = arm_by_place(found)
    assert known is not None
    place, effect = known
    assert place == 0
    assert effect.contains(-math.expm1(math.log(1.15) / 3))
    assert carry_over_gate(found).passed
    gate = arm_by_place_gate(found)
    assert gate.state is GateState.FAILED
    assert gate.figure.startswith("place 1 adds -4")


def test_too_few_pairs_cannot_tell_of_the_order(rng: np.random.Generator) -> None:
    """With how many would."""
    found = sent(rng, 60, Planted()).crossover
    for gate in (carry_over_gate(found), arm_by_place_gate(found)):
        assert gate.state is GateState.TOO_FEW
        assert gate.needs is not None
        assert 60 < gate.needs < 600


def test_one_order_alone_cannot_be_checked() -> None:
    """A run that never swaps its arms has told nothing of their order."""
    found = make_crossover([1.0] * 4, [1.0] * 4, [1.0] * 4, place=[1] * 4, again_first=[False] * 4)
    gate = carry_over_gate(found)
    assert (gate.state, gate.needs) == (GateState.TOO_FEW, None)
    assert gate.figure == "0, 4 and 0 pairs by the treatment's place"
    assert arm_by_place_gate(found).state is GateState.TOO_FEW
    assert "more pairs are needed" in gate.text


def test_one_order_alone_has_no_period_effect() -> None:
    """The saving that was seen stays, the other is undefined."""
    found = period_effect([1.0] * 4, [0.5] * 4, [True] * 4)
    assert found.control_first == pytest.approx(0.5)
    assert math.isnan(found.treatment_first)
    assert found.to_dict()["effect"] is None


def test_pairs_with_a_failure_are_left_out(rng: np.random.Generator) -> None:
    """A failed request has no logarithm to compare."""
    found = sent(rng, 600, Planted())
    found.latencies[:3, 0] = math.inf
    assert found.crossover.n == 597


def test_copies_of_a_request_are_one_cluster(rng: np.random.Generator) -> None:
    """The same pairs ten times over are no surer."""
    found = sent(rng, 120, Planted())
    control, treatment, again = (np.tile(each, 10) for each in found.latencies.T)
    crossover = make_crossover(
        control,
        treatment,
        again,
        place=np.tile(found.places[:, TREATMENT], 10),
        again_first=np.tile(found.places[:, 2] < found.places[:, 0], 10),
        clusters=np.tile(np.arange(120), 10),
    )
    once, often = carry_over(found.crossover), carry_over(crossover)
    assert once is not None
    assert often is not None
    assert (often.lower, often.upper) == pytest.approx((once.lower, once.upper))


def test_a_fourth_place_is_refused() -> None:
    """There are three."""
    with pytest.raises(SampleError, match="0, 1 or 2"):
        make_crossover([1.0], [1.0], [1.0], place=[3], again_first=[True])


def test_lengths_that_differ_are_refused() -> None:
    """Each pair has a place."""
    with pytest.raises(SampleError, match="each of 2 pairs"):
        make_crossover([1.0] * 2, [1.0] * 2, [1.0] * 2, place=[0], again_first=[True] * 2)
