"""A number, what stands in its way and what else is known of it: the verdict."""

import math

from hhperf.analysis.comparison import StatisticResult
from hhperf.analysis.estimate import Estimate
from hhperf.analysis.power import Extension
from hhperf.analysis.verdict import Verdict, decide


def judge(
    statistic: str,
    estimate: Estimate,
    *,
    obstacle: str | None,
    plan: Extension,
    score: float | None = None,
) -> StatisticResult:
    """Give the verdict, with the advice and the second opinion as warnings.

    Args:
        statistic: its name.
        estimate: the saving.
        obstacle: why there can be no verdict, or None.
        plan: says how many pairs would settle it.
        score: one-sided p-value of the score test, NaN or None without one.
    """
    if score is not None and math.isnan(score):
        score = None
    if obstacle is not None or not estimate.defined:
        estimate = estimate if obstacle is None else estimate.warn(obstacle)
        return StatisticResult(statistic, estimate, Verdict.NOT_MEASURABLE, score)
    verdict, needed = decide(estimate, plan.threshold), None
    if verdict is Verdict.INCONCLUSIVE:
        needed = plan.total(estimate)
        estimate = estimate.warn(plan.advice(estimate))
    if score is not None and (second := _score_verdict(score, estimate.confidence)) is not verdict:
        estimate = estimate.warn(f"close call: the score test says {second} (p = {score:.2g})")
    return StatisticResult(statistic, estimate, verdict, score, needed)


def _score_verdict(p_value: float, confidence: float) -> Verdict:
    tail = (1 - confidence) / 2
    if p_value < tail:
        return Verdict.EXCEEDS
    return Verdict.BELOW if p_value > 1 - tail else Verdict.INCONCLUSIVE
