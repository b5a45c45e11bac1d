"""What a report says beside its cards: its question, its first sentence, the method in short."""

from collections.abc import Sequence

from hhperf.analysis.decision import Verdict
from hhperf.runs.observation import Arm
from hhperf.show.claim import claim_sentence, regimes_in
from hhperf.show.findings import Findings
from hhperf.show.subject import Subject
from hhperf.shown import percent

VERDICTS = (
    "A saving is 1 − treatment / control, at the mean and at quantiles of all latencies. EXCEEDS:"
    " its whole interval lies above the saving claimed. BELOW: the whole interval lies below it."
    " INCONCLUSIVE: the interval holds it, or too few pairs can tell whether a validity gate holds."
    " NOT_MEASURABLE: too few requests for that quantile, or a validity gate that concerns it"
    " failed."
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


def method_of(subjects: Sequence[Subject]) -> tuple[str, ...]:
    """What a reader has to know of how these figures were made."""
    runs = [each for each in subjects if isinstance(each, Findings)]
    loaded = len(runs) < len(subjects) or any(each.under_load for each in runs)
    said = [VERDICTS]
    said += PAIRED if any(not each.under_load for each in runs) else ()
    said += [STOPPED] if any(each.path for each in runs) else []
    said += LOADED if loaded else ()
    said += [SWEPT] if len(runs) < len(subjects) else []
    profiles = [each.records[0].conditions.profile for each in subjects]
    said += [MODELLED] if any(profile and profile.modelled for profile in profiles) else []
    return (*said, FAILURES)


def question(subjects: Sequence[Subject]) -> str:
    """What the report answers."""
    named = (each.records[0].design.arms for each in subjects)
    asked = {(arms[Arm.TREATMENT], arms[Arm.CONTROL]) for arms in named}
    threshold = f"{100 * subjects[0].threshold:g}%"
    if len(asked) > 1:
        return f"Which of these arms save {threshold} of the latency?"
    ((treatment, control),) = asked
    return f"Does {treatment} save {threshold} of the latency of {control}?"


def headline(subjects: Sequence[Subject]) -> str:
    """The verdicts of all in one sentence; of regimes, in which of them the claim holds."""
    if len(subjects) == 1:
        return subjects[0].verdict
    if (regimes := regimes_in(subjects)) is not None:
        return claim_sentence(regimes)
    held = sum(each.word is Verdict.EXCEEDS for each in subjects)
    many = f"{held} of {len(subjects)}" if held else f"none of {len(subjects)}"
    many = f"all {held}" if held == len(subjects) else many
    names = short_titles([each.title for each in subjects])
    told = "; ".join(f"{each.short} ({name})" for name, each in zip(names, subjects, strict=True))
    return (
        f"More than the {percent(subjects[0].threshold)} claimed is saved in {many} runs: {told}."
    )


def short_titles(titles: Sequence[str]) -> list[str]:
    """What tells titles apart: without the parts, between commas, that all of them have."""
    parts = [title.split(", ") for title in titles]
    shared = set.intersection(*map(set, parts))
    own = [", ".join(part for part in each if part not in shared) for each in parts]
    return own if all(own) else list(titles)
