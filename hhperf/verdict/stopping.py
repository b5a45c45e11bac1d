"""Stop when the verdict is in, without peeking: by bounds that hold at every look at once.

Either at any moment, by a confidence sequence; or after a few planned numbers of pairs, by
intervals that are a little wider than those of one look.
"""

import math
from dataclasses import dataclass, field, replace

from hhperf.analysis.comparison import Comparison, StatisticResult
from hhperf.analysis.group_sequential import look_confidences
from hhperf.analysis.ranks import parse_statistic
from hhperf.analysis.sequential import GROWTH, SequentialPath, first_look, sequential_test
from hhperf.runs.arrays import Integers
from hhperf.runs.ending import STOP_RULE
from hhperf.runs.metadata import PairedDesign
from hhperf.runs.pairs import RecordedPairs
from hhperf.runs.run import Run

LABEL = "until_verdict"
THRESHOLD_LABEL = "until_threshold"
MOST_PAIRS = 20_000
METHOD = "anytime-valid confidence sequence"
NO_FIXED_SIZE_VERDICT = "the run stopped on another statistic's verdict, so this one has none"
NONE_AFTER_A_STOP = (
    "whoever watched the run stopped it, so that only the verdict that holds at every look counts"
)
NONE_UNDER_LOAD = (
    "whoever watched the run stopped it, and no interval under load holds at every look: there is"
    " no verdict; go on with it by --resume"
)
WATCHED = "p95"
"""The statistic that a run is watched at, where it has no stop rule of its own."""


@dataclass(slots=True)
class UntilVerdict:
    """A stop rule: ends the replay at the first look that settles one statistic.

    It holds for pairs drawn from the log with replacement, which are independent.

    Attributes:
        statistic: `mean`, `p50`, `p95`, …
        threshold: the saving that is claimed.
        timeout_s: where failed requests are cut for the mean.
    """

    statistic: str = "p95"
    threshold: float = 0.20
    timeout_s: float = 30.0
    _control: list[float] = field(default_factory=list)
    _treatment: list[float] = field(default_factory=list)
    _next_look: int = 0

    def __post_init__(self) -> None:
        self._next_look = first_look(parse_statistic(self.statistic))

    def __call__(self, control_s: float, treatment_s: float) -> bool:
        """Take in one pair; whether the verdict is in."""
        self._control.append(control_s)
        self._treatment.append(treatment_s)
        n = len(self._control)
        if n < self._next_look:
            return False
        self._next_look = math.ceil(n * GROWTH)
        path = sequential_test(
            self._control,
            self._treatment,
            self.statistic,
            threshold=self.threshold,
            looks=[n],
            timeout=self.timeout_s,
        )
        return path.stopped_at is not None

    def labels(self) -> dict[str, str]:
        """What the run's metadata say of the rule."""
        return {LABEL: self.statistic, THRESHOLD_LABEL: f"{self.threshold:g}"}


CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Looks:
    """The looks at a run that stops at one of a few planned numbers of pairs.

    Attributes:
        at: pairs at each look so far; the last is what the run has.
        most: pairs that were planned.
    """

    at: tuple[int, ...]
    most: int

    @property
    def confidence(self) -> float:
        """Of the last look's intervals, so that those of all looks together have 95%."""
        return look_confidences(self.at, self.most, confidence=CONFIDENCE)[-1]

    def __str__(self) -> str:
        at = " and ".join(f"{each:,}" for each in self.at)
        return (
            f"looked at after {at} of {self.most:,} pairs: each interval is a"
            f" {self.confidence:.1%} one, so that all looks together have {CONFIDENCE:.0%}"
        )


def looks_at(run: Run, pairs: int | None = None) -> Looks | None:
    """The looks at a run; None for one that had none planned.

    A look comes when as many pairs count as were planned for it: there may be more, for those that
    stalls of the machine hid. One that a part ended is looked at where it ended; one that a person
    did was looked at all the time, which its confidence sequence allows for.

    Args:
        run: any run.
        pairs: that have an observation, where they were counted already.
    """
    design = run.metadata.design
    if not isinstance(design, PairedDesign) or not design.looks or was_stopped_by_hand(run):
        return None
    pairs = run.pair_count if pairs is None else pairs
    passed = tuple(look for look in design.looks if look <= pairs)
    if passed and (run.status == "running" or run.metadata.reason == STOP_RULE):
        return Looks(passed, design.pairs)
    earlier = tuple(look for look in design.looks if look < min(pairs, design.pairs))
    return Looks((*earlier, pairs), design.pairs) if pairs else None


def was_stopped_by_hand(run: Run) -> bool:
    """Whether a person or a signal ended it, who may have seen how it went."""
    return run.status == "interrupted"


def sequence_of(
    run: Run, pairs: RecordedPairs, clusters: Integers | None = None, threshold: float = 0.20
) -> SequentialPath | None:
    """The confidence sequence of a paired run that was stopped on its verdict, or by hand.

    Args:
        run: any run.
        pairs: its own.
        clusters: a code per pair, shape (n,); None for single pairs. Those of a stop rule are drawn
            one by one, and need none.
        threshold: the saving that is claimed, where the run has no stop rule.

    Returns:
        None for any other run.
    """
    labels, by_rule = run.metadata.conditions.labels, LABEL in run.metadata.conditions.labels
    is_paired = isinstance(run.metadata.design, PairedDesign)
    if not by_rule and not (is_paired and was_stopped_by_hand(run)):
        return None
    return sequential_test(
        pairs.control,
        pairs.treatment,
        labels.get(LABEL, WATCHED),
        clusters=None if by_rule else clusters,
        threshold=float(labels.get(THRESHOLD_LABEL, threshold)),
        timeout=run.metadata.design.timeout_s,
    )


def judged_by_path(
    comparison: Comparison, path: SequentialPath, why: str = NO_FIXED_SIZE_VERDICT
) -> Comparison:
    """The comparison with the sequence's verdict in place of the fixed-size ones.

    A fixed-size interval of a run that was stopped when it looked good is too narrow: only the
    sequence's statistic keeps a verdict.

    Args:
        comparison: at a fixed size.
        path: of the same pairs.
        why: the other statistics have none.
    """
    results = tuple(
        _by_path(result, path) if result.statistic == path.statistic else result.voided(why)
        for result in comparison.results
    )
    return replace(comparison, primary=path.statistic, results=results, threshold=path.threshold)


def without_verdict(comparison: Comparison, why: str) -> Comparison:
    """The comparison with its numbers alone."""
    return replace(comparison, results=tuple(each.voided(why) for each in comparison.results))


def _by_path(result: StatisticResult, path: SequentialPath) -> StatisticResult:
    if not path.looks:
        return replace(result, verdict=path.verdict)
    at = path.looks.index(path.stopped_at) if path.stopped_at else len(path.looks) - 1
    estimate = replace(
        result.estimate,
        point=path.savings[at],
        lower=path.lower[at],
        upper=path.upper[at],
        confidence=1 - path.alpha,
        p_value=math.nan,
        method=METHOD,
        warnings=(),
    )
    return replace(result, estimate=estimate, verdict=path.verdict, pairs_needed=None)
