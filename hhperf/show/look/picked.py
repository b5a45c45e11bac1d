"""The requests that are picked out: by a brush, in a list with the slowest first, one by one."""

from collections.abc import Callable
from typing import Any

import numpy as np

from hhperf.errors import RunError
from hhperf.runs.arrays import Flags, Floats, Integers
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run
from hhperf.show.look.curves import ecdf
from hhperf.show.look.part import Part
from hhperf.show.look.strip import picked_bins, times_of
from hhperf.show.look.wish import Brush
from hhperf.why.timelines import timeline_of

LISTED = 100


def picked_by(part: Part, brush: Brush | None) -> Flags:
    """Which pairs a brush picks out, shape (n,); all where there is none."""
    if brush is None or not len(part):
        return np.ones(len(part), dtype=np.bool_)
    if brush.kind == "time":
        at_s, _ = times_of(part)
        return (at_s >= brush.low) & (at_s <= brush.high)
    low_ms, high_ms = stretch_ms(part, brush)
    times = 1e3 * part.pairs.control
    # What a page has was rounded to five digits.
    return (times >= low_ms * (1 - 1e-4)) & (times <= high_ms * (1 + 1e-4))


def stretch_ms(part: Part, brush: Brush) -> tuple[float, float]:
    """A brush over quantiles as one over the control's latencies, in ms."""
    if brush.kind == "latency":
        return brush.low, brush.high
    last = len(part) - 1
    ranks = np.clip(np.rint(np.array([brush.low, brush.high]) / 100 * last), 0, last)
    low, high = 1e3 * part.control_s[ranks.astype(np.int64)]
    return float(low), float(high)


def picked_out(part: Part, brush: Brush | None, picked: Flags) -> dict[str, Any]:
    """Both arms' curves over the pairs picked out, and where these stand on each axis.

    Args:
        part: what is looked at.
        brush: what picks out; nothing is shown where there is none.
        picked: which of the pairs it picks out, shape (n,).
    """
    if brush is None:
        return {}
    arms = [ecdf(np.sort(each[picked])) for each in part.latencies]
    shown = {
        "count": int(picked.sum()),
        "control": arms[0],
        "other": arms[1],
        "bins": picked_bins(part, picked),
    }
    if brush.kind == "time" or not len(part):
        return shown
    low, high = stretch_ms(part, brush)
    places = np.searchsorted(part.control_s, np.array([low, high]) / 1e3, side="right")
    quantiles = [round(100 * int(place) / len(part), 3) for place in places]
    ends = [round(each, 3) if np.isfinite(each) else None for each in (low, high)]
    return shown | {"ms": ends, "quantiles": quantiles}


def slowest(part: Part, picked: Flags, tenants: Callable[[Integers], np.ndarray]) -> dict[str, Any]:
    """At most 100 of the pairs picked out, by the slower of their two requests.

    Args:
        part: what is looked at.
        picked: which of its pairs are picked out.
        tenants: of pairs by their numbers.
    """
    rows = np.flatnonzero(picked)
    control, other = part.latencies
    worst = np.maximum(control[rows], other[rows])
    if len(rows) > LISTED:
        rows = rows[np.argpartition(-worst, LISTED)[:LISTED]]
        worst = np.maximum(control[rows], other[rows])
    rows = rows[np.argsort(-worst, kind="stable")]
    numbers = part.pairs.pair[rows]
    listed = [
        {
            "pair": int(number),
            "control": _ms(control, row),
            "other": _ms(other, row),
            "tenant": str(tenant),
        }
        for row, number, tenant in zip(rows, numbers, tenants(numbers), strict=True)
    ]
    return {"count": int(picked.sum()), "rows": listed}


def timeline(run: Run, pair: int) -> dict[str, Any]:
    """One request under each arm, its stages in ms since its start; in words why there is none."""
    try:
        found = timeline_of(run, pair)
    except RunError as error:
        return {"pair": pair, "arms": [], "note": str(error)}
    arms = [
        {
            "arm": "control" if each.arm is Arm.CONTROL else "other",
            "schedule": each.schedule,
            "total": round(1e3 * each.total_s, 3),
            "outcome": str(each.outcome),
            "bars": [
                {
                    "stage": bar.stage,
                    "start": round(1e3 * bar.start_s, 3),
                    "length": round(1e3 * bar.duration_s, 3),
                    "modelled": round(1e3 * min(bar.modelled_s, bar.duration_s), 3),
                }
                for bar in each.bars
            ],
        }
        for each in found.arms
    ]
    return {"pair": pair, "request": found.request_id, "arms": arms, "note": ""}


def _ms(latency_s: Floats, row: np.intp) -> float | None:
    return round(1e3 * float(latency_s[row]), 2) if np.isfinite(latency_s[row]) else None
