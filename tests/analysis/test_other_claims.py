"""What a comparison would say of another claim."""

from dataclasses import replace

import numpy as np
import pytest

from hhperf.analysis.decision import Gate, GateState, Verdict
from hhperf.analysis.estimate import Estimate
from hhperf.analysis.other_claims import verdicts_against
from hhperf.analysis.savings import compare_samples
from hhperf.analysis.stall_bounds import Bounds
from hhperf.errors import SampleError

CLAIMS = (-0.10, 0.0, 0.20, 0.28, 0.30, 0.32, 0.40)
RNG = np.random.default_rng(3)
CONTROL = np.exp(0.3 * RNG.standard_normal(600))
TREATMENT = 0.7 * CONTROL * np.exp(0.1 * RNG.standard_normal(600))


def gate(state: GateState) -> Gate:
    return Gate("a gate", state, "1", "2", bias=0.05)


@pytest.mark.parametrize("state", [None, *GateState])
@pytest.mark.parametrize("claim", CLAIMS)
def test_another_claim_is_judged_as_if_it_had_been_made(
    claim: float, state: GateState | None
) -> None:
    """Read off the same intervals, with the same obstacles and gates."""
    gates = () if state is None else (gate(state),)
    made = compare_samples(CONTROL, TREATMENT, threshold=claim, gates=gates)
    other = compare_samples(CONTROL, TREATMENT, threshold=0.20, gates=gates)
    assert verdicts_against(other, claim) == {each.statistic: each.verdict for each in made.results}


def test_a_claim_may_turn_the_verdict_both_ways() -> None:
    """A saving of 30% exceeds 20% and is below 40%."""
    found = compare_samples(CONTROL, TREATMENT)
    words = [verdicts_against(found, claim)["p50"] for claim in (0.20, 0.40)]
    assert words == [Verdict.EXCEEDS, Verdict.BELOW]


def test_nothing_can_be_compared_with_a_saving_of_all() -> None:
    """As in a comparison."""
    with pytest.raises(SampleError, match="below 1"):
        verdicts_against(compare_samples(CONTROL, TREATMENT), 1.0)


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [(0.20, Verdict.EXCEEDS), (0.30, Verdict.INCONCLUSIVE), (0.40, Verdict.BELOW)],
)
def test_a_verdict_of_the_worse_case_alone_stands_where_that_decides(
    claim: float, verdict: Verdict
) -> None:
    """Stalls left 25% to 35%: whatever they did, that exceeds 20% and is below 40%."""
    made = compare_samples(CONTROL, TREATMENT)
    worse = Bounds(Estimate(0.25, 0.22, 0.28), Estimate(0.35, 0.32, 0.38))
    held = tuple(replace(each, bounds=worse, is_held=True) for each in made.results)
    assert verdicts_against(replace(made, results=held), claim)["p50"] is verdict
