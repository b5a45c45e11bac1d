"""What would give a statistic that stalls hide, in figures.

Stalls that come from outside begin at a rate, so a stretch of time is clean with a probability of
exp(-rate x length): on a machine that stalls k times as much, a clean share becomes its k-th power.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Relief:
    """What there is to change.

    Attributes:
        lost: share of the measured time that the machine stood still; NaN when it is not known.
        in_flight: whether fewer requests in flight would help; under load they are what is offered.
    """

    lost: float = math.nan
    in_flight: bool = True

    def __call__(self, share: float, least: float, grow: float | None = None) -> str:
        """In words.

        Args:
            share: that is clean, or that the requests are worth of their number; in 0..1.
            least: what the share must be.
            grow: how many times as much measured here would do; None when none would.
        """
        few = ("fewer requests in flight",) if self.in_flight else ()
        what = "pairs" if self.in_flight else "time"
        more = () if grow is None else (f"{grow:.1f} times as much measured",)
        return (
            ", ".join([*few, *(more or (f"more {what}",))]) + f", or {self._machine(share, least)}"
        )

    def _machine(self, share: float, least: float) -> str:
        """The time that a machine may lose for the share to suffice."""
        if not 0 < share < least < 1 or not 0 < self.lost < 1:
            return "a machine that loses less time"
        # The rate at which stalls begin is the odds of standing still over their length.
        odds = self.lost / (1 - self.lost) * math.log(least) / math.log(share)
        most = odds / (1 + odds)
        return f"a machine that loses less than {most:.1%} of its time"
