"""Whether stalls meet both arms alike."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from hhperf.analysis.exposure import Exposed, Exposure, exposure
from hhperf.analysis.samples import make_pairs
from hhperf.analysis.simulate_stalls import StalledPairs, stalled_triples


def _of(made: StalledPairs) -> Exposure:
    return exposure(make_pairs(made.seen.control, made.seen.treatment), made.censoring)


def test_stalls_from_outside_meet_both_arms_alike(rng: np.random.Generator) -> None:
    """Although the slower arm meets more of them, per unit of time it does not."""
    found = _of(stalled_triples(rng, 3_000, share=0.2, burst_s=0.06))
    assert found.state is Exposed.EQUAL
    assert found.ratio == pytest.approx(1, abs=0.1)
    assert found.control > 1.1 * found.treatment


def test_stalls_that_the_treatment_brings_are_unequal(rng: np.random.Generator) -> None:
    """When half of the control's stalls would not have come, the ratio is about two."""
    made = stalled_triples(rng, 3_000, share=0.2, burst_s=0.06)
    spared = rng.random(3_000) < 0.5
    clean = np.where(spared, math.inf, made.censoring.control_clean)
    found = _of(replace(made, censoring=replace(made.censoring, control_clean=clean)))
    assert found.state is Exposed.UNEQUAL
    assert found.lower > 1.2


def test_three_stalls_are_too_few_to_tell_and_say_how_many_would_do(
    rng: np.random.Generator,
) -> None:
    """The interval holds 1 and a doubling as well."""
    found = _of(stalled_triples(rng, 300, share=0.06, burst_s=0.4))
    assert found.state is Exposed.TOO_FEW
    assert found.stalls_needed is not None
    assert found.stalls_needed > found.stalls


@pytest.mark.parametrize("brings", ["treatment", "control"])
def test_stalls_that_meet_one_arm_alone_are_unequal(rng: np.random.Generator, brings: str) -> None:
    """Thirty of them are no accident."""
    made = stalled_triples(rng, 1_000, share=0.2, burst_s=0.4)
    other = "control" if brings == "treatment" else "treatment"
    unharmed: dict[str, Any] = {
        f"{other}_clean": np.full(1_000, math.inf),
        f"{other}_onset": np.full(1_000, -1),
    }
    found = _of(replace(made, censoring=replace(made.censoring, **unharmed)))
    assert found.state is Exposed.UNEQUAL
    assert found.ratio == (math.inf if brings == "treatment" else 0.0)


@pytest.mark.parametrize("share", [0.06, 0.2])
def test_the_interval_holds_one_as_often_as_it_says(share: float) -> None:
    """In at least 96 of 100 runs on a machine whose stalls come from outside, for 99%."""
    found = [
        _of(stalled_triples(np.random.default_rng(seed), 300, share=share, burst_s=0.06))
        for seed in range(100)
    ]
    assert sum(each.lower <= 1 <= each.upper for each in found) >= 96
    assert np.mean([each.ratio for each in found]) == pytest.approx(1, abs=0.05)


def test_one_stall_tells_nothing(rng: np.random.Generator) -> None:
    """However many requests it met."""
    made = stalled_triples(rng, 100, share=0.2, burst_s=0.06)
    one = np.zeros(100, dtype=np.intp)
    alone = replace(made.censoring, control_onset=one, treatment_onset=one)
    found = _of(replace(made, censoring=alone))
    assert (found.state, found.stalls, found.stalls_needed) == (Exposed.TOO_FEW, 1, None)


def test_a_request_that_began_in_a_stall_met_no_onset(rng: np.random.Generator) -> None:
    """It counts in neither arm."""
    made = stalled_triples(rng, 100, share=0.2, burst_s=0.06)
    started = replace(made.censoring, control_clean=np.zeros(100))
    assert _of(replace(made, censoring=started)).control == 0


@pytest.mark.parametrize(
    ("lower", "upper", "state"),
    [
        (0.81, 1.19, Exposed.EQUAL),
        (1.01, 1.19, Exposed.EQUAL),
        (1.01, 1.21, Exposed.UNEQUAL),
        (0.7, 1.1, Exposed.EQUAL),
        (0.7, 2.1, Exposed.TOO_FEW),
        (0.4, 1.5, Exposed.TOO_FEW),
    ],
)
def test_three_states(lower: float, upper: float, state: Exposed) -> None:
    """A small difference that is sure is equal enough."""
    assert Exposure(1.0, lower, upper, 0.99, 100, 100, 50).state is state


def test_stalls_needed_go_with_the_square_of_the_intervals_width() -> None:
    """An interval from a quarter to four is twice as wide as a doubling on the log scale."""
    assert Exposure(1.0, 0.25, 4.0, 0.99, 9, 9, 50).stalls_needed == 200
    assert Exposure(1.0, 0.9, 1.1, 0.99, 9, 9, 50).stalls_needed == 50


def test_the_bound_of_stalls_that_met_one_arm_alone_is_exact(rng: np.random.Generator) -> None:
    """That of a share of which five tries in five were a success, over the time in each arm."""
    numbers, ones = np.arange(100), np.ones(100)
    met, never = np.where(numbers < 5, 0.5, math.inf), np.full(100, math.inf)
    onsets, none = np.where(numbers < 5, numbers, -1), np.full(100, -1)
    made = stalled_triples(rng, 100, share=0.2, burst_s=0.06).censoring
    share = stats.binomtest(5, 5).proportion_ci(0.99).low
    by_treatment = replace(
        made, control_clean=never, control_onset=none, treatment_clean=met, treatment_onset=onsets
    )
    found = exposure(make_pairs(ones, ones), by_treatment)
    assert found.lower == pytest.approx(share / (1 - share) * 100 / 97.5)
    assert found.upper == math.inf
    by_control = replace(
        made, control_clean=met, control_onset=onsets, treatment_clean=never, treatment_onset=none
    )
    found = exposure(make_pairs(ones, ones), by_control)
    assert found.lower == 0.0
    assert found.upper == pytest.approx((1 - share) / share * 97.5 / 100)


def test_two_stalls_tell_with_one_degree_of_freedom(rng: np.random.Generator) -> None:
    """By Student's t distribution, over their shares of what each arm met."""
    made = stalled_triples(rng, 100, share=0.2, burst_s=0.06)
    turns = np.arange(100, dtype=np.intp) % 2
    found = _of(
        replace(made, censoring=replace(made.censoring, control_onset=turns, treatment_onset=turns))
    )
    assert found.stalls == 2
    assert 0 < found.lower < found.ratio < found.upper < math.inf
