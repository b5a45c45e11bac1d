"""What a comparison would say of another claim, without comparing again."""

from dataclasses import replace

from hhperf.analysis.comparison import Comparison, StatisticResult
from hhperf.analysis.decision import Verdict, decide
from hhperf.analysis.exposure import Exposed
from hhperf.analysis.savings import check_threshold

OPEN = (Verdict.INCONCLUSIVE, Verdict.NOT_MEASURABLE)


def verdicts_against(comparison: Comparison, threshold: float) -> dict[str, Verdict]:
    """The verdict at each statistic if the saving claimed were another one.

    Intervals, obstacles and gates are the same whatever is claimed, so that the verdict is read off
    the interval anew. Where stalls hid something this may say less than a comparison made for the
    threshold, never more: what only the worse case decided is open wherever that does not decide,
    and what was not measurable stays so.

    Args:
        comparison: made for any threshold.
        threshold: the saving that is claimed, below 1.

    Raises:
        SampleError: nothing can be compared with the threshold.
    """
    check_threshold(threshold)
    like = comparison.censored is None or comparison.censored.exposure.state is Exposed.EQUAL
    return {
        each.statistic: replace(each, verdict=_verdict(each, threshold, like))
        .gated(comparison.gates, threshold)
        .verdict
        for each in comparison.results
    }


def _verdict(result: StatisticResult, threshold: float, like: bool) -> Verdict:
    """Before the gates; one that failed has left NOT_MEASURABLE, which stays."""
    if result.verdict is Verdict.NOT_MEASURABLE:
        return Verdict.NOT_MEASURABLE
    found = decide(result.estimate, threshold)
    if result.bounds is None:
        return found
    held = result.bounds.verdict(threshold)
    if like and not result.is_held and found not in OPEN:
        return found
    return held or Verdict.INCONCLUSIVE
