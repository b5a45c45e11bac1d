"""How far another machine's clock is from this one's: estimated, with what it may be off by.

As in the Network Time Protocol (RFC 5905, section 8): a question leaves at t1 and its answer comes
at t4 by our clock, it arrives at t2 and is answered at t3 by theirs. Their clock is then ahead by
((t2 - t1) + (t3 - t4)) / 2, if both ways take as long. If they do not, the estimate is off by half
of what one takes longer than the other, which is at most half of the delay (t4 - t1) - (t3 - t2).
Of many exchanges that of the least delay is taken: it waited least, and its bound is the smallest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Exchange(NamedTuple):
    """Four readings in nanoseconds: ours, theirs, theirs, ours; see the module."""

    t1: int
    t2: int
    t3: int
    t4: int

    @property
    def offset_ns(self) -> int:
        """What their clock is ahead."""
        return ((self.t2 - self.t1) + (self.t3 - self.t4)) // 2

    @property
    def delay_ns(self) -> int:
        """What both ways took together."""
        return (self.t4 - self.t1) - (self.t3 - self.t2)


class Offset(NamedTuple):
    """How far their clock was ahead at one moment.

    Attributes:
        at_ns: when, on our clock.
        ahead_ns: by how much, in nanoseconds.
        within_ns: what that is off by at most, half the delay.
    """

    at_ns: int
    ahead_ns: int
    within_ns: int


def offset_of(exchanges: Sequence[Exchange]) -> Offset:
    """The offset by the exchange of the least delay.

    Args:
        exchanges: one or more, made within so short a time that neither clock drifts meanwhile.
    """
    best = min(exchanges, key=lambda each: each.delay_ns)
    return Offset((best.t1 + best.t4) // 2, best.offset_ns, (max(best.delay_ns, 0) + 1) // 2)


@dataclass(frozen=True, slots=True)
class ClockLine:
    """Their clock against ours between two moments, as if it drifted evenly between them.

    Attributes:
        before: the offset at the first.
        after: the offset at the second, no earlier.
    """

    before: Offset
    after: Offset

    @property
    def drift(self) -> float:
        """Seconds that their clock gains in one of ours; 0 between two that are one moment."""
        span_ns = self.after.at_ns - self.before.at_ns
        return (self.after.ahead_ns - self.before.ahead_ns) / span_ns if span_ns > 0 else 0.0

    @property
    def within_ns(self) -> int:
        """What an offset on the line is off by at most, where the drift is even."""
        return max(self.before.within_ns, self.after.within_ns)

    def ahead_ns(self, at_ns: int) -> int:
        """By how much their clock is ahead when ours reads so; beyond the ends as at the end."""
        first_ns, last_ns = self.before.at_ns, self.after.at_ns
        since_ns = min(max(at_ns, first_ns), last_ns) - first_ns
        return self.before.ahead_ns + round(self.drift * since_ns)
