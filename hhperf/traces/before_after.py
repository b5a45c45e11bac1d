"""Two sets of traces, of an old and a new release: what changed, with the mix weighted out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from hhperf.analysis.clusters import FEWEST_CLUSTERS, choose_clusters, effective_clusters
from hhperf.analysis.comparison import StatisticResult
from hhperf.analysis.decision import Verdict, decide
from hhperf.analysis.estimate import Estimate
from hhperf.analysis.savings import QUANTILES
from hhperf.analysis.weighted import Weighed, weighted_savings
from hhperf.errors import TraceError, unknown
from hhperf.shown import Displayed, counted, percent
from hhperf.traces.calls import Bools, Floats, Ints, find_operation
from hhperf.traces.sampled import refuse_tail
from hhperf.traces.trace_set import TraceSet
from hhperf.traces.weighing import MINUTE_NS

OBSERVATIONAL = (
    "observational: nobody drew which request met which release, so that whatever else changed"
    " between them (load, data, callers, machines) may be the cause"
)
_MOST_LEFT_OUT = 0.5


@dataclass(frozen=True, slots=True)
class BeforeAfter(Displayed):
    """The saving of a new release against an old one, by their traces.

    Attributes:
        operation: what was compared; all that begins traces when empty.
        threshold: the saving that is claimed.
        before: how many calls the old release has.
        after: how many the new one has.
        weighed_by: what the mix was weighted out by.
        results: the mean first, then the quantiles.
        warnings: what a reader has to know.

    Example:
        >>> before = hhperf.load_traces("before")  # doctest: +SKIP
        >>> after = hhperf.load_traces("after")  # doctest: +SKIP
        >>> hhperf.compare_traces(before, after)["p95"].estimate  # doctest: +SKIP
    """

    operation: str
    threshold: float
    before: int
    after: int
    weighed_by: tuple[str, ...]
    results: tuple[StatisticResult, ...]
    warnings: tuple[str, ...]

    def __getitem__(self, statistic: str) -> StatisticResult:
        """The result for `mean`, `p95` and so on.

        Raises:
            TraceError: there is no such statistic.
        """
        known = {each.statistic: each for each in self.results}
        if statistic not in known:
            raise TraceError(f"no statistic {statistic!r} here; {unknown(statistic, known)}")
        return known[statistic]

    def to_dict(self) -> dict[str, object]:
        """As plain data for JSON."""
        return {
            "operation": self.operation,
            "threshold": self.threshold,
            "before": self.before,
            "after": self.after,
            "weighed_by": list(self.weighed_by),
            "estimates": [each.to_dict() for each in self.results],
            "warnings": list(self.warnings),
        }

    def __repr__(self) -> str:
        calls = f"{self.before:,} against {counted(self.after, 'call')}"
        return f"BeforeAfter({self['p95'].verdict} at p95: {self['p95'].estimate}, {calls})"


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """One release's calls, shape (n,) each."""

    seconds: Floats
    weights: Floats
    stratum: list[tuple[str | None, ...]]
    clusters: Ints
    notes: tuple[str, ...]

    def chosen(self, rows: Bools, weights: Floats) -> Weighed:
        codes = np.unique(self.clusters[rows], return_inverse=True)[1]
        return Weighed(self.seconds[rows], weights[rows], codes.astype(np.intp))


def compare_traces(
    before: TraceSet,
    after: TraceSet,
    operation: str | None = None,
    *,
    by: Sequence[str] = (),
    clusters: Sequence[str] = (),
    threshold: float = 0.20,
    seed: int = 0,
) -> BeforeAfter:
    """Say whether a new release saves more than the threshold, by traces of both.

    The new release's calls are weighted to the old one's mix of operations and of the attributes
    named. Failed calls count as endless.

    Args:
        before: traces of the old release.
        after: traces of the new one.
        operation: the one to compare; all that begins traces when None.
        by: attributes that both keep, of which the mix is weighted out.
        clusters: attributes of what is resampled as a whole, such as a session.
        threshold: the saving that is claimed.
        seed: of the bootstrap.

    Raises:
        TraceError: there is no such operation or attribute, a tail policy chose the traces, or most
            of them have no counterpart in the other set.

    Source: direct standardisation, as in Rothman, Modern Epidemiology, 1986, chapter 5.

    Example:
        >>> traces = hhperf.load_traces("traces")
        >>> same = hhperf.compare_traces(traces, traces, by=["session.id"])  # doctest: +SKIP
    """
    old, new = (_side(traces, operation, by, clusters) for traces in (before, after))
    old_share, new_share = _shares(old), _shares(new)
    common = old_share.keys() & new_share.keys()
    left_out = tuple(
        _left_out(name, shares, common)
        for name, shares in (("old", old_share), ("new", new_share))
        if shares.keys() - common
    )
    keeps = [np.array([each in common for each in side.stratum]) for side in (old, new)]
    factors = np.array([old_share[s] / new_share[s] if s in common else 0.0 for s in new.stratum])
    arms = old.chosen(keeps[0], old.weights), new.chosen(keeps[1], new.weights * factors)
    found = weighted_savings(*arms, QUANTILES, paired=False, threshold=threshold, seed=seed)
    few = min(effective_clusters(np.bincount(arm.clusters)) for arm in arms) < FEWEST_CLUSTERS
    return BeforeAfter(
        operation=operation or "",
        threshold=threshold,
        before=len(arms[0].values),
        after=len(arms[1].values),
        weighed_by=("operation", *by),
        results=tuple(_result(name, each, threshold, few=few) for name, each in found.items()),
        warnings=tuple(dict.fromkeys((OBSERVATIONAL, *left_out, *old.notes, *new.notes))),
    )


def _side(
    traces: TraceSet, operation: str | None, by: Sequence[str], clusters: Sequence[str]
) -> _Side:
    spans, table = traces.spans, traces.traces
    if operation is None:
        rows = np.flatnonzero(spans["parent"] == -1)
    else:
        found = find_operation(traces, operation)
        service, called = map(traces.facts.texts.index, (found.service, found.name))
        rows = np.flatnonzero((spans["service"] == service) & (spans["operation"] == called))
    rows = rows[spans["end_ns"][rows] > spans["start_ns"][rows]]
    if not len(rows):
        raise TraceError(f"{traces.path}: no trace has a root that lasted any time")
    trace = spans["trace"][rows]
    tail = table["tail"][trace]
    refuse_tail(int(tail.sum()), int((tail & (table["weight"][trace] <= 0)).sum()), len(rows))
    attributes = [traces.kept(name) for name in by]
    named = zip(
        *(traces.texts(spans[each][rows]) for each in ("service", "operation")), strict=True
    )
    levels: dict[str, ArrayLike] = {"minute": spans["start_ns"][rows] // MINUTE_NS, "trace": trace}
    for name in clusters:
        kept = traces.kept(name)
        levels[name] = [kept[each] for each in trace]
    choice = choose_clusters(levels)
    weights = traces.weights()
    seconds = (spans["end_ns"] - spans["start_ns"])[rows] / 1e9
    return _Side(
        seconds=np.where(spans["failed"][rows], np.inf, seconds),
        weights=np.ones(len(rows)) if weights is None else weights[trace],
        stratum=[
            (*names, *(kept[each] for kept in attributes))
            for names, each in zip(named, trace, strict=True)
        ],
        clusters=(np.arange(len(rows)) if choice.codes is None else choice.codes).astype(np.int64),
        notes=(*choice.warnings, *traces.warnings),
    )


def _shares(side: _Side) -> dict[tuple[str | None, ...], float]:
    """Each stratum's share of the traffic."""
    sums: dict[tuple[str | None, ...], float] = {}
    for stratum, weight in zip(side.stratum, side.weights.tolist(), strict=True):
        sums[stratum] = sums.get(stratum, 0.0) + weight
    total = sum(sums.values())
    return {stratum: weight / total for stratum, weight in sums.items()}


def _left_out(
    name: str,
    shares: Mapping[tuple[str | None, ...], float],
    common: "set[tuple[str | None, ...]]",
) -> str:
    missing = shares.keys() - common
    share = sum(shares[each] for each in missing)
    kinds = ", ".join(sorted(" ".join(str(part) for part in each) for each in missing)[:5])
    told = f"{percent(share)} of the {name} release's traffic has no counterpart ({kinds})"
    if share > _MOST_LEFT_OUT:
        raise TraceError(f"{told}: these traces cannot be compared; name an operation of both")
    return f"{told} and was left out"


def _result(name: str, estimate: Estimate, threshold: float, *, few: bool) -> StatisticResult:
    if few:
        few_said = f"fewer than {FEWEST_CLUSTERS} clusters: they say nothing of others"
        return StatisticResult(name, estimate.warn(few_said), Verdict.NOT_MEASURABLE)
    return StatisticResult(name, estimate, decide(estimate, threshold))
