"""The method in short, as the foot of a report needs it."""

from hhperf.show.findings import Findings
from hhperf.show.subjects import Subject

VERDICTS = (
    "A saving is 1 − treatment / control, at the mean and at quantiles of all latencies. EXCEEDS:"
    " its whole interval lies above the saving claimed. BELOW: the whole interval lies below it."
    " INCONCLUSIVE: the interval holds it. NOT_MEASURABLE: too few requests for that quantile, or a"
    " validity gate failed."
)
FAILURES = (
    "A request that failed or timed out counts as endless and is never left out: a quantile that"
    " falls among failures is undefined."
)
PAIRED = (
    "Each request of the log was sent to both arms, one after the other, in an order drawn for each"
    " pair, and to the control a second time: what that shows is noise. Intervals come from a"
    " paired bootstrap, 2,000 resamples, that draws whole groups of requests which belong together;"
    " at the mean from Fieller's theorem. The score test is a second opinion without resampling.",
    "A paired run measures service time, what one request gains at little load. Under load queues"
    " come in, and savings change.",
)
STOPPED = (
    "A run that stops on its verdict has a confidence sequence in place of the interval: bounds"
    " that hold at every look at once."
)
LOADED = (
    "The arms took turns under the same offered load, with the same requests at the same times, the"
    " control twice. Response time counts from when a request was due, so that it holds the wait in"
    " the queue. Intervals come from the stationary bootstrap over the order of arrival, since"
    " neighbours wait in one queue.",
    "What is saved under one load says nothing of another: loads are never pooled.",
)
SWEPT = (
    "The knee is the load with the best ratio of throughput to mean response time; an arm is"
    " saturated from the load of which it answers less than 95% while it lasts."
)
MODELLED = (
    "A modelled stage lasts at least as long as its latency profile draws, with the real work"
    " inside. All arms of a pair meet the same draws."
)


def method_of(subjects: tuple[Subject, ...]) -> tuple[str, ...]:
    """What a reader has to know of how these figures were made."""
    runs = [each for each in subjects if isinstance(each, Findings)]
    loaded = len(runs) < len(subjects) or any(each.under_load for each in runs)
    said = [VERDICTS]
    said += PAIRED if any(not each.under_load for each in runs) else ()
    said += [STOPPED] if any(each.path for each in runs) else []
    said += LOADED if loaded else ()
    said += [SWEPT] if len(runs) < len(subjects) else []
    profiles = [each.run.metadata.conditions.profile for each in subjects]
    said += [MODELLED] if any(profile and profile.modelled for profile in profiles) else []
    return (*said, FAILURES)
