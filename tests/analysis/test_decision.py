"""Verdicts and Holm."""

import math

import pytest

from hhperf.analysis.decision import Verdict, decide, holm
from hhperf.analysis.estimate import Estimate, undefined


@pytest.mark.parametrize(
    ("lower", "upper", "verdict"),
    [
        (0.21, 0.30, Verdict.EXCEEDS),
        (0.10, 0.19, Verdict.BELOW),
        (0.20, 0.30, Verdict.INCONCLUSIVE),
        (0.10, 0.20, Verdict.INCONCLUSIVE),
        (-math.inf, 1.0, Verdict.INCONCLUSIVE),
    ],
)
def test_the_interval_decides(lower: float, upper: float, verdict: Verdict) -> None:
    """An interval that touches the threshold settles nothing."""
    assert decide(Estimate((lower + upper) / 2, lower, upper), 0.20) is verdict


def test_no_estimate_no_verdict() -> None:
    """What is undefined is not measurable."""
    nothing = undefined("no data", confidence=0.95, method="none")
    assert decide(nothing, 0.2) is Verdict.NOT_MEASURABLE


def test_holm_steps_down() -> None:
    """The textbook example: .01, .03, .04 become .03, .06, .06."""
    adjusted = holm({"p50": 0.03, "p95": 0.01, "p99": 0.04})
    assert adjusted == pytest.approx({"p50": 0.06, "p95": 0.03, "p99": 0.06})


def test_holm_counts_the_undefined_as_one() -> None:
    """A statistic without a p-value cannot help the claim, and still counts as asked."""
    assert holm({"a": 0.02, "b": math.nan}) == {"a": 0.04, "b": 1.0}
