"""The run as time went by: each arm's slowest requests, and when the machine stood still."""

from typing import Any

import numpy as np

from hhperf.runs.arrays import Flags, Floats, Integers
from hhperf.runs.observation import Arm
from hhperf.runs.stalls import Stalls
from hhperf.show.look.part import Part

BINS = 240
MOST_STALLS = 400


def strip(part: Part, stalls: Stalls | None) -> dict[str, Any]:
    """At most 240 stretches of time, each with its slowest request.

    Args:
        part: what is looked at.
        stalls: of its run.

    Returns:
        `span_s`; `control` and `other`, the slowest of each stretch in ms (None where there is
        none) with `pair`, which one the control's was; `stalls` as (begin, end) in seconds.
    """
    bins, span_s = _bins(part)
    control, other = part.latencies
    slowest = _slowest(bins, control)
    return {
        "span_s": round(span_s, 3),
        "control": _heights(control, slowest),
        "other": _heights(other, _slowest(bins, other)),
        "pair": [None if row < 0 else int(part.pairs.pair[row]) for row in slowest],
        "stalls": [] if stalls is None else _stalls(stalls, int(_begin_ns(part)), span_s),
    }


def picked_bins(part: Part, picked: Flags) -> list[int]:
    """How many pairs of each stretch are picked out.

    Args:
        part: what is looked at.
        picked: which of its pairs are picked out, shape (n,).
    """
    bins, _ = _bins(part)
    return [int(each) for each in np.bincount(bins[picked], minlength=BINS)]


def _bins(part: Part) -> tuple[Integers, float]:
    """The stretch that each pair's control began in, and how long all of it took."""
    at_s, span_s = times_of(part)
    return np.minimum((at_s / span_s * BINS).astype(np.int64), BINS - 1), span_s


def times_of(part: Part) -> tuple[Floats, float]:
    """When each pair's control began, in seconds since the first, and how long all of it took."""
    begins_ns = part.pairs.begins_ns[Arm.CONTROL]
    at_s = (begins_ns - _begin_ns(part)) / 1e9
    ends_ns = max(int(each.max(initial=0)) for each in part.pairs.ends_ns.values())
    return at_s, max((ends_ns - _begin_ns(part)) / 1e9, 1e-9)


def _begin_ns(part: Part) -> int:
    begins_ns = part.pairs.begins_ns[Arm.CONTROL]
    return int(begins_ns.min()) if len(begins_ns) else 0


def _slowest(bins: Integers, latency_s: Floats) -> Integers:
    """The row of the slowest in each bin, -1 where there is none."""
    found = np.full(BINS, -1)
    order = np.argsort(latency_s, kind="stable")
    found[bins[order]] = order  # the last written is the slowest
    return found


def _heights(latency_s: Floats, rows: Integers) -> list[float | None]:
    times = 1e3 * latency_s[rows] if len(latency_s) else np.full(len(rows), np.nan)
    there = (rows >= 0) & np.isfinite(times)
    return [
        round(float(time), 2) if kept else None for time, kept in zip(times, there, strict=True)
    ]


def _stalls(stalls: Stalls, first_ns: int, span_s: float) -> list[list[float]]:
    begins, ends = ((each - first_ns) / 1e9 for each in (stalls.begins_ns, stalls.ends_ns))
    within = np.flatnonzero((ends >= 0) & (begins <= span_s))
    longest = within[np.argsort(begins[within] - ends[within], kind="stable")][:MOST_STALLS]
    return [
        [round(max(float(begins[each]), 0.0), 4), round(min(float(ends[each]), span_s), 4)]
        for each in np.sort(longest)
    ]
