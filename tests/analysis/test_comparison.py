"""What gates leave of a verdict, and what stands in the data of a comparison."""

import math
from dataclasses import replace

import pytest

from hhperf.analysis.comparison import Comparison, Failures, StatisticResult, judge
from hhperf.analysis.decision import EVERY_STATISTIC, Gate, GateState, Verdict
from hhperf.analysis.estimate import Estimate, undefined
from hhperf.analysis.power import Extension
from hhperf.errors import SampleError

EXCEEDS = StatisticResult("p95", Estimate(0.4, 0.3, 0.5), Verdict.EXCEEDS)
BELOW = StatisticResult("p95", Estimate(0.05, 0.0, 0.1), Verdict.BELOW)
DOUBLED = StatisticResult("p95", Estimate(0.0, -1.0, 0.1), Verdict.BELOW)
THRESHOLD = 0.2


def untold(bias: float | None, needs: int | None = None, name: str = "A/A' p95") -> Gate:
    """A gate that too few pairs cannot tell, with the bias it leaves possible."""
    return Gate(name, GateState.TOO_FEW, "?", "0", voids=("p95",), needs=needs, bias=bias)


def failed(*voids: str) -> Gate:
    """A gate that failed."""
    return Gate("carry-over", GateState.FAILED, "5%", "0", voids=voids or EVERY_STATISTIC)


@pytest.mark.parametrize(
    ("result", "bias", "stands"),
    [
        # 0.3 - bias * 0.7 against 0.2, so up to a seventh.
        (EXCEEDS, 0.14, True),
        (EXCEEDS, 0.15, False),
        # 0.1 + bias * 1.0 against 0.2: the lower end is where a bias weighs most.
        (BELOW, 0.09, True),
        (BELOW, 0.11, False),
        # 0.1 + bias * 2.0 where the lower end is a doubling.
        (DOUBLED, 0.04, True),
        (DOUBLED, 0.06, False),
        (EXCEEDS, None, False),
        (BELOW, None, False),
    ],
    ids=str,
)
def test_a_verdict_stands_that_no_bias_left_possible_would_change(
    result: StatisticResult, bias: float | None, stands: bool
) -> None:
    """A bias of one arm moves the saving by its share of the other's time."""
    found = result.gated([untold(bias)], THRESHOLD)
    assert found.verdict is (result.verdict if stands else Verdict.INCONCLUSIVE)
    assert len(found.estimate.warnings) == 1


def test_biases_that_gates_leave_possible_add_up() -> None:
    """Either alone would be harmless; both together are not."""
    both = [untold(0.08, name="A/A' p95"), untold(0.08, name="carry-over")]
    assert EXCEEDS.gated(both[:1], THRESHOLD).verdict is Verdict.EXCEEDS
    assert EXCEEDS.gated(both, THRESHOLD).verdict is Verdict.INCONCLUSIVE


def test_a_bias_that_would_reach_the_threshold_exactly_settles_nothing() -> None:
    """As an interval that touches it does not."""
    half = StatisticResult("p95", Estimate(0.6, 0.5, 0.7), Verdict.EXCEEDS)
    assert half.gated([untold(0.5)], 0.25).verdict is Verdict.INCONCLUSIVE
    low = StatisticResult("p95", Estimate(0.1, 0.0, 0.25), Verdict.BELOW)
    assert low.gated([untold(0.25)], 0.5).verdict is Verdict.INCONCLUSIVE


def test_a_failed_gate_leaves_no_verdict_where_it_concerns_one() -> None:
    """Whatever another gate could not tell; a statistic of no concern keeps its own."""
    assert EXCEEDS.gated([untold(0.0), failed()], THRESHOLD).verdict is Verdict.NOT_MEASURABLE
    assert EXCEEDS.gated([failed("p95")], THRESHOLD).verdict is Verdict.NOT_MEASURABLE
    assert EXCEEDS.gated([failed("mean", "p50")], THRESHOLD) == EXCEEDS


def test_what_has_no_verdict_is_left_as_it_is_by_gates_that_cannot_tell() -> None:
    """There is nothing to take away, and its own advice stays."""
    open_yet = replace(EXCEEDS, verdict=Verdict.INCONCLUSIVE, pairs_needed=700)
    assert open_yet.gated([untold(None, needs=9_000)], THRESHOLD) == open_yet


def test_the_pairs_needed_are_those_of_the_gate_that_needs_most() -> None:
    """One that does not know is no help."""
    gates = [untold(None, 700), untold(None, 9_000), untold(None)]
    assert EXCEEDS.gated(gates, THRESHOLD).pairs_needed == 9_000
    assert EXCEEDS.gated([untold(None)], THRESHOLD).pairs_needed is None


@pytest.mark.parametrize(
    ("score", "second"),
    [(0.024, None), (0.026, "INCONCLUSIVE"), (0.974, "INCONCLUSIVE"), (0.976, "BELOW")],
)
def test_a_second_opinion_that_differs_is_told(score: float, second: str | None) -> None:
    """The score test's verdict is that of a one-sided test at each end of the interval."""
    plan = Extension(1_000, THRESHOLD, 0.25)
    found = judge("p95", EXCEEDS.estimate, obstacle=None, plan=plan, score=score)
    said = (
        () if second is None else (f"close call: the score test says {second} (p = {score:.2g})",)
    )
    assert (found.verdict, found.estimate.warnings) == (Verdict.EXCEEDS, said)


def test_an_obstacle_leaves_the_number_and_no_verdict() -> None:
    """Its reason is told; a score that is no number is none."""
    plan = Extension(1_000, THRESHOLD, 0.25)
    found = judge("p95", EXCEEDS.estimate, obstacle="too few", plan=plan, score=math.nan)
    assert found.verdict is Verdict.NOT_MEASURABLE
    assert (found.estimate.point, found.estimate.warnings) == (0.4, ("too few",))
    assert found.score_p_value is None


def test_a_statistic_without_a_number_has_no_verdict() -> None:
    """Its own reason is enough."""
    nothing = undefined("all failed", confidence=0.95, method="none")
    plan = Extension(1_000, THRESHOLD, 0.25)
    found = judge("p95", nothing, obstacle=None, plan=plan)
    assert (found.verdict, found.estimate.warnings) == (Verdict.NOT_MEASURABLE, ("all failed",))


def test_a_verdict_that_is_in_needs_no_more_pairs() -> None:
    """Advice is for those that are open."""
    plan = Extension(1_000, THRESHOLD, 0.25)
    settled = judge("p95", EXCEEDS.estimate, obstacle=None, plan=plan)
    open_yet = judge("p95", Estimate(0.3, 0.1, 0.5), obstacle=None, plan=plan)
    assert (settled.pairs_needed, settled.estimate.warnings) == (None, ())
    assert open_yet.verdict is Verdict.INCONCLUSIVE
    assert open_yet.pairs_needed is not None
    assert open_yet.estimate.warnings


@pytest.fixture
def comparison() -> Comparison:
    """Of the mean and p95, which is primary."""
    mean = replace(BELOW, statistic="mean")
    return Comparison(
        THRESHOLD, 0.95, 100, None, None, "p95", (mean, EXCEEDS), Failures(0, 0)
    )  # fmt: skip


def test_the_overall_verdict_is_the_primary_statistic_s(comparison: Comparison) -> None:
    """Not that of the first; a statistic that was not compared is named with those that were."""
    assert comparison.verdict is Verdict.EXCEEDS
    assert comparison["mean"].verdict is Verdict.BELOW
    with pytest.raises(SampleError, match="no statistic 'p99' here; there are mean, p95"):
        _ = comparison["p99"]


def test_what_is_printed_says_why_a_verdict_is_open(comparison: Comparison) -> None:
    """In the line below the head, with what would settle it; a verdict needs no reason."""
    plan = Extension(1_000, THRESHOLD, 0.25)
    few = judge("p95", EXCEEDS.estimate, obstacle="p95 takes 400 pairs", plan=plan)
    lines = str(replace(comparison, results=(comparison["mean"], few))).splitlines()
    assert lines[0] == "saving against 20%, 100 pairs: NOT_MEASURABLE"
    assert lines[1] == "p95: p95 takes 400 pairs"
    assert str(comparison).splitlines() == [
        "saving against 20%, 100 pairs: EXCEEDS", str(comparison["mean"]), str(comparison["p95"]),
    ]  # fmt: skip


def test_further_gates_join_those_there_are(comparison: Comparison) -> None:
    """Each takes what it concerns."""
    gated = comparison.with_gates([failed("mean")]).with_gates([untold(None, 500)])
    assert [gate.state for gate in gated.gates] == [GateState.FAILED, GateState.TOO_FEW]
    assert [each.verdict for each in gated.results] == [
        Verdict.NOT_MEASURABLE, Verdict.INCONCLUSIVE,
    ]  # fmt: skip


def test_what_is_undefined_or_unbounded_is_nothing_in_json(comparison: Comparison) -> None:
    """JSON has no NaN and no infinity."""
    open_end = replace(EXCEEDS, estimate=Estimate(0.4, -math.inf, 0.5), all_data=BELOW.estimate)
    told = replace(comparison, results=(open_end,)).to_dict()
    (estimate,) = told["estimates"]
    assert (estimate["saving"], estimate["lower"], estimate["p_value"]) == (0.4, None, None)
    assert estimate["all_data"] == {"saving": 0.05, "lower": 0.0, "upper": 0.1}
    assert "least" not in estimate
    assert "by_cache" not in told
