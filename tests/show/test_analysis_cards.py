"""What the analysis finds, as it shows itself."""

import math
from dataclasses import replace

import numpy as np
import pytest

from hhperf.analysis.comparison import Comparison
from hhperf.analysis.decision import Gate, GateState, Verdict
from hhperf.analysis.estimate import Estimate
from hhperf.analysis.per_request import per_request
from hhperf.analysis.period import PeriodEffect
from hhperf.analysis.power import plan_from_assumptions
from hhperf.analysis.savings import compare_samples
from hhperf.analysis.sequential import sequential_test
from hhperf.analysis.shift import shift_function
from hhperf.show.analysis_cards import comparison_card, comparison_warnings
from hhperf.show.card import Card

FAILED = Gate("carry-over", GateState.FAILED, "9%", "1%", "one arm warms the next")
PERIOD = PeriodEffect(0.28, 0.31, Estimate(0.02, 0.01, 0.03))


@pytest.fixture(scope="module")
def latencies() -> tuple[np.ndarray, np.ndarray]:
    """A thousand pairs that save 40%."""
    rng = np.random.default_rng(1)
    control = rng.lognormal(-1, 0.3, 1_000)
    return control, 0.6 * control * rng.lognormal(0, 0.05, 1_000)


@pytest.fixture(scope="module")
def comparison(latencies: tuple[np.ndarray, np.ndarray]) -> Comparison:
    """Of those pairs."""
    return compare_samples(*latencies)


def facts(card: Card) -> dict[str, str]:
    """The facts by name."""
    return dict(card.facts)


def test_a_comparison_s_repr_has_verdict_interval_and_pairs(comparison: Comparison) -> None:
    """One line."""
    assert repr(comparison).startswith(f"Comparison(EXCEEDS at p95: {comparison['p95'].estimate}")
    assert repr(comparison).endswith(", 1,000 pairs)")


def test_a_comparison_shows_its_verdict_first(comparison: Comparison) -> None:
    """Then the sentence, then the savings."""
    card = comparison_card(comparison)
    assert card.badge == "EXCEEDS"
    assert card.sentences[0].startswith("At p95 the treatment saves 38.7% (37.3% to 41.1%)")
    assert [row[0] for row in card.tables[0].rows] == ["mean", "p50", "p90", "p95", "p99"]


def test_gates_that_pass_are_folded_up(comparison: Comparison) -> None:
    """One that failed or could not tell is in full sight."""
    for state, shown in ((GateState.PASSED, 1), (GateState.FAILED, 2), (GateState.TOO_FEW, 2)):
        card = comparison_card(comparison.with_gates([replace(FAILED, state=state)]))
        assert (len(card.tables), len(card.details)) == (shown, 2 - shown)


def test_the_period_effect_stands_beside_the_gates(comparison: Comparison) -> None:
    """With both savings by who went first; it changes no verdict."""
    found = replace(comparison, period=PERIOD).with_gates([FAILED])
    _, gates, period = comparison_card(found).tables
    assert (gates.title, period.title) == ("Validity gates", "Period effect, which biases nothing")
    assert [row[1] for row in period.rows] == ["28.0%", "31.0%", "2.0%"]


def test_a_period_effect_says_that_it_voids_nothing() -> None:
    """On a card of its own."""
    assert repr(PERIOD) == "PeriodEffect(going second saves +2.0% [+1.0%, +3.0%] at 95%)"
    assert PERIOD._card().sentences[0].endswith("it is told, and voids nothing.")


def test_a_warning_about_all_statistics_is_said_once(comparison: Comparison) -> None:
    """One about some of them names them."""
    said = comparison_warnings(comparison.with_gates([FAILED]))
    assert "p99: not measurable: p99 takes 2,000 pairs or more" in said
    assert said.count("no verdict: validity gates failed (carry-over)") == 1


def test_warnings_travel_with_an_estimate() -> None:
    """Counted in its repr, told where it is shown."""
    estimate = Estimate(0.25, 0.2, math.inf, warnings=("too few",))
    assert repr(estimate) == "Estimate(+25.0% [+20.0%, +inf%] at 95%; 1 warning)"
    assert "<li>too few</li>" in estimate._repr_html_()
    assert "unbounded" in estimate._repr_html_()


@pytest.mark.parametrize("verdict", Verdict)
def test_a_verdict_says_what_it_means(verdict: Verdict) -> None:
    """And is still its word."""
    assert f">{verdict}</span>" in verdict._repr_html_()
    assert f"{verdict}" == str(verdict) == verdict.name
    assert verdict._card().sentences[0].endswith(".")


def test_a_result_has_number_and_verdict(comparison: Comparison) -> None:
    """One statistic's."""
    assert repr(comparison["p99"]).startswith("StatisticResult(NOT_MEASURABLE at p99: ")
    assert comparison["p99"]._card().badge == "NOT_MEASURABLE"


def test_a_gate_tells_what_to_do() -> None:
    """What it voids and why, beside its figure and limit."""
    assert repr(FAILED) == "Gate(FAIL, carry-over: 9%)"
    assert FAILED._card().sentences == (
        "carry-over: failed, which voids every statistic (one arm warms the next).",
    )


def test_a_gate_that_cannot_tell_says_how_many_pairs_would() -> None:
    """In its sentence and as a fact."""
    card = replace(FAILED, state=GateState.TOO_FEW, voids=("p95",), needs=1_200)._card()
    assert (card.badge, facts(card)["pairs that would do"]) == ("too few", "1,200")
    assert "no verdict at p95 that it could change: 1,200 pairs would do" in card.sentences[0]


def test_a_plan_says_how_many_pairs() -> None:
    """And what they find."""
    plan = plan_from_assumptions(statistics=["p95"])[0]
    assert repr(plan) == f"Plan(p95: {plan.pairs:,} pairs to find 25% against 20%, from assumption)"
    assert facts(plan._card())["pairs"] == f"{plan.pairs:,}"


def test_a_plan_that_no_number_settles_says_so() -> None:
    """Rather than None."""
    plan = replace(plan_from_assumptions(statistics=["p95"])[0], pairs=None)
    assert "no number of pairs" in repr(plan)
    assert facts(plan._card())["pairs"] == "no number would do"


def test_a_path_without_a_look_shows_itself() -> None:
    """Too few pairs for any."""
    path = sequential_test([1.0] * 30, [0.5] * 30, "p50")
    assert repr(path) == "SequentialPath(NOT_MEASURABLE at p50, 0 looks)"
    assert path._card().tables == ()


def test_a_shift_function_s_repr_has_no_arrays(latencies: tuple[np.ndarray, np.ndarray]) -> None:
    """Its card has every quantile."""
    shift = shift_function(*latencies, quantiles=[0.5, 0.9], replicates=200)
    assert repr(shift) == "ShiftFunction(2 quantiles from p50 to p90, 95% band)"
    assert [row[0] for row in shift._card().tables[0].rows] == ["p50", "p90"]


def test_single_requests_show_share_and_median(latencies: tuple[np.ndarray, np.ndarray]) -> None:
    """Both with their intervals."""
    found = per_request(*latencies)
    assert " save 20% or more; median +" in repr(found)
    assert len(found._card().tables[0].rows) == 2
