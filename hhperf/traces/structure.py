"""What traces show of an operation: its steps, and which were never under way together."""

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from hhperf.analysis.estimate import plain
from hhperf.shown import Displayed, counted, milliseconds
from hhperf.traces.calls import (
    ROUNDING_S,
    Bools,
    Calls,
    Floats,
    Operation,
    calls_of,
    find_operation,
)
from hhperf.traces.critical import PathShare, critical_shares
from hhperf.traces.trace_set import TraceSet


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an operation.

    Attributes:
        name: what it is called; a later one of the same name in a call is `cache #2`.
        calls: how many calls have it.
        share: of all calls.
        median_s: of its duration.
        p95_s: of its duration.
        failed: how often it failed.
        retries: how often it came directly after a failure of the step of the same name.
    """

    name: str
    calls: int
    share: float
    median_s: float
    p95_s: float
    failed: int
    retries: int

    @property
    def is_optional(self) -> bool:
        """Whether some calls do without it."""
        return self.share < 1


@dataclass(frozen=True, slots=True)
class StepPair:
    """Two steps, and how they stood to each other where both were.

    Attributes:
        first: the one that more often came first.
        second: the other.
        calls: calls that have both.
        before: calls in which the first ended before the second began.
        after: calls in which the second ended before the first began.
        overlapped: calls in which both were under way at once.
        median_gap_s: from the end of the one to the begin of the other, where they were apart.
        smallest_gap_s: the least of these.
    """

    first: str
    second: str
    calls: int
    before: int
    after: int
    overlapped: int
    median_gap_s: float
    smallest_gap_s: float

    @property
    def always(self) -> bool:
        """Whether the first always ended before the second began."""
        return self.before == self.calls

    @property
    def told(self) -> str:
        """What the traces show of it, and no more."""
        times = counted(self.calls, "call")
        if self.overlapped:
            return f"overlapped in {self.overlapped:,} of {times}: neither waits for the other"
        gap = f"median gap {milliseconds(self.median_gap_s)} ms"
        order = "" if self.always else f", in either order ({self.after:,} times the other way)"
        return f"never overlapped in {times}{order}, {gap}"


@dataclass(frozen=True, slots=True)
class Structure(Displayed):
    """An operation as its traces show it.

    Attributes:
        operation: which.
        calls: how many were looked at.
        median_s: of how long they took.
        p95_s: of how long they took.
        own_s: in the median, how long a call was under way without any of its steps.
        steps: in the order in which they mostly begin.
        pairs: each two steps that some call has both of.
        left_out: how many calls or spans were not looked at, by why.
        warnings: what a reader has to know.
        critical: whose time the calls' time is, along their critical paths; spans of all depths.

    Example:
        >>> structure = hhperf.learn_structure(hhperf.load_traces("traces"))
        >>> [step.name for step in structure.steps][:4]
        ['cache', 'embedding', 'specialty', 'vector']
    """

    operation: Operation
    calls: int
    median_s: float
    p95_s: float
    own_s: float
    steps: tuple[Step, ...]
    pairs: tuple[StepPair, ...]
    left_out: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    critical: tuple[PathShare, ...] = ()

    @property
    def undecided(self) -> tuple[StepPair, ...]:
        """Pairs that were never under way together: traces cannot say whether they have to wait."""
        return tuple(pair for pair in self.pairs if not pair.overlapped)

    def to_dict(self) -> dict[str, Any]:
        """As plain data for JSON; what is undefined becomes None."""
        found = {**asdict(self), "operation": str(self.operation)}
        for pair in found["pairs"]:
            for name in ("median_gap_s", "smallest_gap_s"):
                pair[name] = plain(pair[name])
        return found

    def __repr__(self) -> str:
        calls = counted(self.calls, "call")
        return f"Structure({self.operation}: {counted(len(self.steps), 'step')}, {calls})"


def learn_structure(traces: TraceSet, operation: str | None = None) -> Structure:
    """Say what traces show of an operation, and nothing that they cannot.

    Args:
        traces: imported.
        operation: its name, with the service before it or not; by default the one that takes
            longest in all.

    Raises:
        TraceError: there is no such operation, or none of its calls can be used.

    Example:
        >>> structure = hhperf.learn_structure(hhperf.load_traces("traces"))
        >>> structure.calls
        400
    """
    found = find_operation(traces, operation)
    learnt = structure_of(calls_of(traces, found), traces.warnings)
    return replace(learnt, critical=tuple(critical_shares(traces, found)))


def structure_of(calls: Calls, warnings: tuple[str, ...] = ()) -> Structure:
    """Learn an operation's structure from its calls."""
    order = typical_order(calls)
    spans = [_extent(calls, step) for step in range(len(calls.names))]
    pairs = [
        _pair(calls.names[a], calls.names[b], spans[a], spans[b])
        for place, a in enumerate(order)
        for b in order[place + 1 :]
    ]
    finite = calls.total[np.isfinite(calls.total)]
    return Structure(
        operation=calls.operation,
        calls=len(calls),
        median_s=float(np.median(finite)) if len(finite) else np.nan,
        p95_s=float(np.quantile(finite, 0.95)) if len(finite) else np.nan,
        own_s=float(np.median(own_time(calls))),
        steps=tuple(_step(calls, step) for step in order),
        pairs=tuple(pair for pair in pairs if pair is not None),
        left_out=tuple(f"{count:,} {why}" for why, count in calls.left_out.items()),
        warnings=warnings,
    )


def typical_order(calls: Calls) -> list[int]:
    """The steps in the order in which they begin in the median."""
    begins = [float(np.median(calls.start[calls.step == step])) for step in range(len(calls.names))]
    return sorted(range(len(begins)), key=lambda step: (begins[step], calls.names[step]))


def own_time(calls: Calls) -> Floats:
    """How long each call was under way without any of its steps, in seconds; shape (n,)."""
    covered = np.zeros(len(calls))
    busy = np.zeros(len(calls))
    for k in range(calls.step.shape[1]):
        start = np.maximum(calls.start[:, k], covered)
        busy += np.where(calls.present[:, k], np.maximum(calls.end[:, k] - start, 0.0), 0.0)
        covered = np.maximum(covered, calls.end[:, k])
    return np.where(np.isfinite(calls.total), calls.total - busy, 0.0)


def _extent(calls: Calls, step: int) -> tuple[Bools, Floats, Floats]:
    """Which calls have a step, and from when to when, shape (n,) each."""
    mine = calls.step == step
    begin = np.where(mine, calls.start, np.inf).min(axis=1, initial=np.inf)
    end = np.where(mine, calls.end, -np.inf).max(axis=1, initial=-np.inf)
    return mine.any(axis=1), begin, end


def _step(calls: Calls, step: int) -> Step:
    mine = calls.step == step
    took = (calls.end - calls.start)[mine]
    having = mine.any(axis=1)
    name = calls.names[step]
    failed = calls.failed & mine
    base, _, time = name.partition(" #")
    retries = 0
    if time:
        earlier = base if time.startswith("2") else f"{base} #{int(time.rstrip('+')) - 1}"
        if earlier in calls.names:
            before = (calls.step == calls.names.index(earlier)) & calls.failed
            retries = int((before.any(axis=1) & having).sum())
    return Step(
        name=name,
        calls=int(having.sum()),
        share=float(having.mean()),
        median_s=float(np.median(took)),
        p95_s=float(np.quantile(took, 0.95)),
        failed=int(failed.sum()),
        retries=retries,
    )


def _pair(
    first: str,
    second: str,
    one: tuple[Bools, Floats, Floats],
    other: tuple[Bools, Floats, Floats],
) -> StepPair | None:
    both = one[0] & other[0]
    if not both.any():
        return None
    ahead, behind = other[1][both] - one[2][both], one[1][both] - other[2][both]
    before = ahead >= -ROUNDING_S
    after = (behind >= -ROUNDING_S) & ~before
    gaps = np.maximum(np.where(before, ahead, behind)[before | after], 0.0)
    if after.sum() > before.sum():
        first, second, before, after = second, first, after, before
    return StepPair(
        first=first,
        second=second,
        calls=int(both.sum()),
        before=int(before.sum()),
        after=int(after.sum()),
        overlapped=int((~(before | after)).sum()),
        median_gap_s=float(np.median(gaps)) if len(gaps) else np.nan,
        smallest_gap_s=float(gaps.min()) if len(gaps) else np.nan,
    )
