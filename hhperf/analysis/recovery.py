"""After a stall: whoever arrives before its queue is worked off waits for it as well."""

import numpy as np

from hhperf.analysis.samples import BoolArray, FloatArray, IntArray


def recovering(
    due: FloatArray, ends: FloatArray, onsets: FloatArray, stops: FloatArray
) -> BoolArray:
    """Mark the arrivals within a stall, or before no more are in flight than when it began.

    Args:
        due: when requests were to be sent, ascending, shape (n,).
        ends: of the same requests.
        onsets: of the stalls, ascending, shape (k,).
        stops: of the stalls, each before the next onset.
    """
    left, done = np.zeros(len(due), dtype=np.bool_), np.sort(ends)
    # How many are in flight after each departure.
    after = np.searchsorted(due, done, "right").astype(np.intp) - np.arange(1, len(done) + 1)
    over, level = -np.inf, 0
    for start, end in zip(onsets, stops, strict=True):
        if start > due[-1]:
            break
        if start > over:
            level = int(np.searchsorted(due, start) - np.searchsorted(done, start))
        over = max(over, _back_at(level, float(end), due, (done, after)))
        left[np.searchsorted(due, start) : np.searchsorted(due, over)] = True
    return left


def _back_at(
    level: int, end: float, due: FloatArray, departures: tuple[FloatArray, IntArray]
) -> float:
    """When, after a stall's end, no more than ``level`` are in flight."""
    done, after = departures
    first = int(np.searchsorted(done, end))
    if np.searchsorted(due, end) - first <= level:
        return end
    step = 64
    while first < len(done):
        low = np.flatnonzero(after[first : first + step] <= level)
        if len(low):
            return float(done[first + low[0]])
        first, step = first + step, 2 * step
    return float(np.inf)
