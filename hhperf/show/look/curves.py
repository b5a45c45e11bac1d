"""Curves of few points from many latencies, as plain data for a page."""

import math
from typing import Any

import numpy as np

from hhperf.analysis.estimate import plain
from hhperf.runs.arrays import Floats, Integers
from hhperf.show.look.part import Part

MOST_POINTS = 500
"""A curve; more would not be told apart on a screen."""


def ranks_drawn(n: int, most: int = MOST_POINTS) -> Integers:
    """Which of n sorted latencies a curve goes through, from 0, ascending: at most `most`.

    Two thirds stand evenly, a third ever closer to the slowest, which are looked at most.
    """
    if n <= most:
        return np.arange(n)
    evenly = np.linspace(0, n - 1, most * 2 // 3)
    tail = n - np.geomspace(1, n, most - len(evenly))
    return np.unique(np.rint(np.concatenate([evenly, tail])).astype(np.int64))


def ecdf(sorted_s: Floats, n: int | None = None) -> dict[str, list[float]]:
    """The share answered within a time: `x` in ms, `y` in percent; ends where failures begin.

    Args:
        sorted_s: latencies, seconds, ascending; +inf for failures.
        n: of how many it is the share; of all when None.
    """
    ranks = ranks_drawn(len(sorted_s))
    times = sorted_s[ranks]
    answered = np.isfinite(times)
    share = 100 * (ranks[answered] + 1) / (n or max(len(sorted_s), 1))
    return {"x": _rounded(1e3 * times[answered]), "y": _rounded(share)}


def shift_curve(part: Part) -> dict[str, Any]:
    """The saving by quantile, in percent: `q`, `saving`, and the band's `lower` and `upper`.

    Where no band can be had there are the bare savings.
    """
    if (shift := part.shift) is not None:
        arms = (shift.savings, shift.lower, shift.upper)
        saving, lower, upper = ([_percent(each) for each in arm] for arm in arms)
        q = _rounded(100 * shift.quantiles)
        return {"q": q, "saving": saving, "lower": lower, "upper": upper}
    if not (n := len(part)):
        return {"q": [], "saving": []}
    ranks = np.unique(np.rint(np.linspace(0.05, 0.95, 19) * (n - 1)).astype(np.int64))
    with np.errstate(invalid="ignore"):
        savings = 1 - part.other_s[ranks] / part.control_s[ranks]
    reached = 100 * (ranks + 1) / n
    return {"q": _rounded(reached), "saving": [_percent(each) for each in savings]}


def _percent(saving: float) -> float | None:
    found = plain(100 * float(saving))
    return None if found is None else round(found, 3)


def _rounded(values: Any) -> list[float]:
    """Five significant digits: what a screen can show, in few bytes."""
    return [float(f"{value:.5g}") for value in values if math.isfinite(value)]
