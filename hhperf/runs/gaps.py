"""When a run stood still: a part was gone and was waited for, or nobody recorded until a resume."""

from collections.abc import Iterable
from dataclasses import dataclass
from time import perf_counter_ns, time_ns

import numpy as np

from hhperf.runs.arrays import Flags, Integers
from hhperf.shown import counted, duration


@dataclass(frozen=True, slots=True)
class Anchor:
    """The point in time from which a run's clocks count.

    Attributes:
        monotonic_ns: on the recording machine's `CLOCK_MONOTONIC`, so that what other programs
            noted there can be laid beside the run.
        wall_ns: since 1970, by the machine's own clock.
    """

    monotonic_ns: int
    wall_ns: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of the run's time in which nothing was measured that was to be.

    Attributes:
        from_ns: when it began, since the start of the run.
        until_ns: when measuring went on.
        reason: why, in a few words.
        pairs: how many were under way when it began. In a pause of a paired replay they are not
            compared; all others were let go and sent again whole.
        sent_again: whether they were.
        anchor: of the clocks after it, where another process went on; None where the same did. The
            run's own time goes on by the wall clock, so a reboot between does no harm.
    """

    from_ns: int
    until_ns: int
    reason: str
    pairs: int = 0
    sent_again: bool = False
    anchor: Anchor | None = None

    @property
    def length_s(self) -> float:
        """How long it lasted."""
        return (self.until_ns - self.from_ns) / 1e9

    def __str__(self) -> str:
        at, length = duration(self.from_ns / 1e9), duration(self.length_s)
        if self.anchor is None:
            told = f"paused at {at} for {length}: {self.reason}"
        else:
            told = f"broken off at {at} ({self.reason}), gone on with {length} later"
        if not self.pairs:
            return told
        fate = "sent again" if self.sent_again else "not compared"
        return f"{told}; {counted(self.pairs, 'pair')} under way: {fate}"


def in_gaps(gaps: Iterable[Gap], at_ns: Integers) -> Flags:
    """Which points in time, since the start of the run, lie within a gap; shape as given."""
    within = np.zeros(at_ns.shape, dtype=np.bool_)
    for gap in gaps:
        within |= (at_ns >= gap.from_ns) & (at_ns <= gap.until_ns)
    return within


def unwatched_ns(gaps: Iterable[Gap]) -> int:
    """For how long nobody recorded: neither requests nor the machine. Pauses are watched."""
    return sum(each.until_ns - each.from_ns for each in gaps if each.anchor is not None)


def anchor_of(epoch_ns: int) -> Anchor:
    """Where clocks begin that count from a reading of this process's clock."""
    return Anchor(epoch_ns, time_ns() - (perf_counter_ns() - epoch_ns))


def continued_epoch_ns(anchor: Anchor, last_ns: int) -> int:
    """From which reading of this process's clock a run's time goes on that another began.

    By the wall clock, since a monotonic one may have begun anew with the machine; but never back
    to what was recorded already, if the wall clock was set.

    Args:
        anchor: of the run.
        last_ns: the last moment that it recorded, since its start.
    """
    return perf_counter_ns() - max(time_ns() - anchor.wall_ns, last_ns + 1)
