"""The stalls of a run that goes on, as far as they may count: little room for each.

A machine that others use stands still dozens of times a second, mostly for less than counts. What
is kept of that, a run of hours carries about; all of it is in the run on disk.
"""

from array import array
from collections.abc import Iterable

import numpy as np

from hhperf.runs.stalls import FLOOR_S, Stalls, make_stalls

_SHORTEST_NS = round(FLOOR_S * 1e9)


class StallNotes:
    """What a stall clock has told so far, but for what is too short to count with any latency.

    Args:
        stalls: when each began and how long it was, in nanoseconds on a clock of the user's own.
    """

    def __init__(self, stalls: Iterable[tuple[int, int]] = ()) -> None:
        self._begins_ns = array("q")
        self._lengths_ns = array("q")
        for begin_ns, length_ns in stalls:
            self.note(begin_ns, length_ns)

    def __len__(self) -> int:
        return len(self._begins_ns)

    def note(self, begin_ns: int, length_ns: int) -> None:
        """Take in one."""
        if length_ns >= _SHORTEST_NS:
            self._begins_ns.append(begin_ns)
            self._lengths_ns.append(length_ns)

    def counting(self, control_median_s: float) -> Stalls:
        """Those that count against what is measured.

        Args:
            control_median_s: the control's median latency.
        """
        told = (np.array(each, dtype=np.int64) for each in (self._begins_ns, self._lengths_ns))
        return make_stalls(*told, control_median_s=control_median_s)
