"""A comparison as a machine without stalls would show it, with what all data say beside it.

The verdict is read off the savings without stalls, if stalls met both arms alike. One that holds in
the worse case, whatever the stalls did, needs neither that nor the estimator.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hhperf.analysis.censoring import Censoring, any_stall, check_censoring, met_stall
from hhperf.analysis.clean_pairs import METHOD as CLEAN_PAIRS
from hhperf.analysis.clean_pairs import clean_pairs, joint_obstacle
from hhperf.analysis.comparison import Censored, Comparison, StatisticResult, judge
from hhperf.analysis.decision import Verdict
from hhperf.analysis.estimate import Estimate, undefined
from hhperf.analysis.exposure import Exposed, Exposure, exposure
from hhperf.analysis.mean import mean_saving
from hhperf.analysis.obstacles import obstacle
from hhperf.analysis.power import Extension
from hhperf.analysis.product_limit import tries_worth
from hhperf.analysis.quantiles import quantile_savings
from hhperf.analysis.ranks import parse_statistic
from hhperf.analysis.samples import Pairs
from hhperf.analysis.score import score_p_value, sort_pairs
from hhperf.analysis.stall_bounds import Bounds, Judge, extremes
from hhperf.analysis.stall_free import (
    StallFreePairs,
    cut_at_stalls,
    stall_free_savings,
    stall_obstacle,
    wider,
)


@dataclass(frozen=True, slots=True)
class Question:
    """How a comparison was asked for.

    Attributes:
        plan: the threshold, and what an open question is told.
        confidence: of the two-sided intervals.
        timeout: where failed requests are cut for the mean.
        replicates: bootstrap resamples.
        seed: of the generator.
    """

    plan: Extension
    confidence: float
    timeout: float | None
    replicates: int
    seed: int

    def judge_of(self, statistic: str) -> Judge:
        """What estimates a statistic from pairs as they stand."""
        q = parse_statistic(statistic)
        if q is None:
            return self._mean
        return lambda pairs: quantile_savings(
            pairs,
            (q,),
            threshold=self.plan.threshold,
            confidence=self.confidence,
            replicates=self.replicates,
            seed=self.seed,
        )[0]

    def _mean(self, pairs: Pairs) -> Estimate:
        return mean_saving(
            pairs,
            threshold=self.plan.threshold,
            confidence=self.confidence,
            timeout=self.timeout,
        )


def without_stalls(
    comparison: Comparison,
    all_data: Sequence[Estimate],
    pairs: Pairs,
    censoring: Censoring,
    question: Question,
) -> Comparison:
    """The same comparison, stalls aside; as it is when no request met one.

    Args:
        comparison: of all data.
        all_data: its estimates, in the order of its results.
        pairs: that it compares.
        censoring: what stalls did to them.
        question: how it was asked for.

    Raises:
        SampleError: the censoring does not belong to the pairs.
    """
    check_censoring(censoring, pairs)
    if not any_stall(pairs, censoring):
        return comparison
    cut, cases = cut_at_stalls(pairs, censoring), extremes(pairs, censoring)
    exposed = exposure(pairs, censoring)
    names = [result.statistic for result in comparison.results]
    scores = _scores(names, pairs, censoring, question.plan.threshold)
    found = [
        _Found(name, estimate, cases.judged(question.judge_of(name)), whole, exposed, scores[name])
        for name, estimate, whole in zip(
            names, _estimates(names, pairs, cut, question), all_data, strict=True
        )
    ]
    results = tuple(
        replace(
            _judged(each, _obstacles(each.statistic, pairs, cut), question.plan),
            all_data=each.all_data,
            bounds=each.bounds,
        )
        for each in found
    )
    censored = _censored(pairs, cut, exposed, comparison.primary)
    return replace(
        comparison,
        results=results,
        censored=censored,
        warnings=(*comparison.warnings, _told(censored)),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """What there is to judge one statistic by."""

    statistic: str
    estimate: Estimate
    bounds: Bounds
    all_data: Estimate
    exposure: Exposure
    score: float | None


def _judged(
    found: _Found, obstacles: tuple[str | None, str | None], plan: Extension
) -> StatisticResult:
    too_few, too_hidden = obstacles
    if too_few is not None:
        return _by_interval(found, too_few, plan)
    unlike, is_unequal = _unlike(found.exposure), found.exposure.state is Exposed.UNEQUAL
    result = _by_interval(found, too_hidden or (unlike if is_unequal else None), plan)
    if unlike is None and result.verdict in (Verdict.EXCEEDS, Verdict.BELOW):
        return result
    if (held := found.bounds.verdict(plan.threshold)) is not None:
        return _held(found, held)
    if unlike is None or result.verdict is Verdict.NOT_MEASURABLE:
        return result
    return replace(result, verdict=Verdict.INCONCLUSIVE, estimate=result.estimate.warn(unlike))


def _by_interval(found: _Found, reason: str | None, plan: Extension) -> StatisticResult:
    return judge(found.statistic, found.estimate, obstacle=reason, plan=plan, score=found.score)


def _held(found: _Found, held: Verdict) -> StatisticResult:
    """A verdict that needs no estimator."""
    bounds = found.bounds
    bound = bounds.least if held is Verdict.EXCEEDS else bounds.most
    estimate = found.estimate if found.estimate.defined else bound.warn(*found.estimate.warnings)
    end = f"at least {bound.lower:.1%}" if held is Verdict.EXCEEDS else f"at most {bound.upper:.1%}"
    reason = f"{held} holds in the worse case: whatever the stalls did, the saving is {end}"
    said = estimate.warn(reason)
    return StatisticResult(found.statistic, said, held, found.score, is_held=True)


def _unlike(exposed: Exposure) -> str | None:
    """Why stalls may not be foreign to the arms, or None."""
    if exposed.state is Exposed.EQUAL:
        return None
    if exposed.state is Exposed.UNEQUAL:
        arm = "treatment" if exposed.ratio > 1 else "control"
        return (
            f"not measurable: the machine stalled more while the {arm} ran (onsets per time, "
            f"treatment over control: {exposed}), and no verdict holds in the worse case"
        )
    needed = exposed.stalls_needed
    many = "" if needed is None else f"; about {needed:,} stalls would do"
    return (
        f"too few stalls to tell whether they met both arms alike (onsets per time, treatment "
        f"over control: {exposed}){many}, and no verdict holds in the worse case"
    )


def _obstacles(name: str, pairs: Pairs, cut: StallFreePairs) -> tuple[str | None, str | None]:
    """What too few pairs leave unsaid, and what stalls do."""
    q = parse_statistic(name)
    hidden = joint_obstacle(cut.censoring) if q is None else stall_obstacle(cut, q)
    return obstacle(pairs, name), hidden


def _estimates(
    names: Sequence[str], pairs: Pairs, cut: StallFreePairs, question: Question
) -> list[Estimate]:
    """Without stalls, in the order of ``names``."""
    quantiles = [q for name in names if (q := parse_statistic(name)) is not None]
    found = iter(
        stall_free_savings(
            cut,
            quantiles,
            threshold=question.plan.threshold,
            confidence=question.confidence,
            replicates=question.replicates,
            seed=question.seed,
        )
    )
    mean = _mean(pairs, cut.censoring, question)
    return [mean if parse_statistic(name) is None else next(found) for name in names]


def _scores(
    names: Sequence[str], pairs: Pairs, censoring: Censoring, threshold: float
) -> dict[str, float | None]:
    """The score test on clean pairs, its p-value that of the grouping that says less."""
    scores: dict[str, float | None] = dict.fromkeys(names)
    if joint_obstacle(censoring) is not None:
        return scores
    arms = [sort_pairs(each) for each in clean_pairs(pairs, censoring)]
    for name in names:
        if (q := parse_statistic(name)) is not None:
            found = [score_p_value(each, q, threshold=threshold) for each in arms]
            scores[name] = min(found, key=lambda p_value: abs(p_value - 0.5))
    return scores


def _mean(pairs: Pairs, censoring: Censoring, question: Question) -> Estimate:
    if not (censoring.joint_clean >= censoring.joint_length).any():
        reason = "the mean is not seen: a stall met every pair"
        return undefined(reason, confidence=question.confidence, method=CLEAN_PAIRS)
    estimate = wider(*map(question.judge_of("mean"), clean_pairs(pairs, censoring)))
    return replace(estimate, method=f"{estimate.method}, {CLEAN_PAIRS}")


def _censored(pairs: Pairs, cut: StallFreePairs, exposed: Exposure, primary: str) -> Censored:
    q, censoring = parse_statistic(primary), cut.censoring
    return Censored(
        control=float(np.mean(met_stall(pairs.control, censoring.control_clean))),
        treatment=float(np.mean(met_stall(pairs.treatment, censoring.treatment_clean))),
        effective=None if q is None else min(tries_worth(arm, q) for arm in cut.arms),
        exposure=exposed,
    )


def _told(censored: Censored) -> str:
    return (
        f"the machine stalled within {censored.control:.1%} of the control's requests and "
        f"{censored.treatment:.1%} of the treatment's: the savings are those without stalls"
    )
