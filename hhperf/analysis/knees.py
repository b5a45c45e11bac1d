"""What a sweep over offered loads shows: each arm's capacity and knee, and where savings end.

Pure functions over points measured at ascending loads; nothing is extrapolated beyond them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hhperf.analysis.estimate import Estimate
from hhperf.errors import SampleError

Floats = NDArray[np.float64]

ENOUGH = 0.95
"""Share of the offered load that an arm which keeps up answers; below lies saturation."""


@dataclass(frozen=True, slots=True)
class LoadLevel:
    """A load at which something happens, with the measured loads around it; requests per second.

    Attributes:
        point: the best guess.
        lower: the measured load below which it does not lie; 0 when that is not known.
        upper: the measured load above which it does not lie; inf when that is not known.
    """

    point: float
    lower: float
    upper: float

    def __str__(self) -> str:
        upper = "more" if math.isinf(self.upper) else f"{self.upper:.4g}"
        return f"{self.point:.4g}/s ({self.lower:.4g} to {upper})"


def knee(offered_hz: ArrayLike, answered_hz: ArrayLike, response_s: ArrayLike) -> LoadLevel:
    """The load with the best ratio of throughput to response time.

    Beyond it response time grows faster than throughput. The ratio is Kleinrock's power (Kleinrock,
    "Power and deterministic rules of thumb for probabilistic problems in computer communications",
    ICC 1979); an M/M/1 queue has its knee at half its capacity.

    Args:
        offered_hz: ascending loads, shape (n,).
        answered_hz: requests answered per second at each.
        response_s: a response time at each, such as the mean; +inf where too few were answered.

    Returns:
        The load of greatest power; its bounds are the measured neighbours.

    Raises:
        SampleError: fewer than three loads, or they do not ascend.
    """
    offered, answered, response = _series(offered_hz, answered_hz, response_s)
    best = int(np.argmax(answered / response))
    return _around(offered, best)


def saturation(
    offered_hz: ArrayLike, answered_hz: ArrayLike, *, enough: float = ENOUGH
) -> LoadLevel | None:
    """The load from which an arm no longer answers what it is offered.

    Args:
        offered_hz: ascending loads, shape (n,).
        answered_hz: requests answered per second at each.
        enough: the share of the offered load that counts as keeping up.

    Returns:
        Between the last load that was kept up with and the first that was not, by a straight line
        through the answered shares; None when every load was kept up with.

    Raises:
        SampleError: fewer than three loads, or they do not ascend.
    """
    offered, answered = _series(offered_hz, answered_hz)
    share = answered / offered
    failing = np.flatnonzero(share < enough)
    if not len(failing):
        return None
    first = int(failing[0])
    if first == 0:
        return LoadLevel(float(offered[0]), 0.0, float(offered[0]))
    point = _zero(offered, share - enough, first - 1, first)
    return LoadLevel(point, float(offered[first - 1]), float(offered[first]))


def crossover(offered_hz: ArrayLike, savings: Sequence[Estimate]) -> LoadLevel | None:
    """The load beyond which the treatment no longer saves.

    Args:
        offered_hz: ascending loads, shape (n,).
        savings: the saving at each, positive is good.

    Returns:
        Where a straight line through the point estimates falls below 0 for the last time. The
        bounds come from the intervals: from the last load that surely saves before it to the first
        that surely loses after it. None when the saving does not end within the loads.

    Raises:
        SampleError: fewer than three loads, they do not ascend, or there is not a saving for each.
    """
    offered, saving = _series(offered_hz, [each.point for each in savings])
    kept = np.flatnonzero(~np.isnan(saving)).tolist()
    falling = [(one, other) for one, other in pairwise(kept) if saving[one] > 0 >= saving[other]]
    if not falling:
        return None
    point = _zero(offered, saving, *falling[-1])
    surely_saves = np.array([each.defined and each.lower > 0 for each in savings])
    surely_loses = np.array([each.defined and each.upper < 0 for each in savings])
    lower = max(offered[surely_saves & (offered <= point)], default=0.0)
    upper = min(offered[surely_loses & (offered >= point)], default=math.inf)
    return LoadLevel(point, float(lower), float(upper))


def _series(offered_hz: ArrayLike, *others: ArrayLike | Sequence[float]) -> tuple[Floats, ...]:
    series = tuple(np.asarray(each, dtype=np.float64) for each in (offered_hz, *others))
    offered = series[0]
    if offered.ndim != 1 or len(offered) < 3 or not (np.diff(offered) > 0).all() or offered[0] <= 0:
        raise SampleError("offered loads must be three or more, above 0 and ascending")
    if any(each.shape != offered.shape for each in series):
        raise SampleError(f"{len(offered)} loads need as many figures each")
    return series


def _around(offered: Floats, at: int) -> LoadLevel:
    lower = float(offered[at - 1]) if at else 0.0
    upper = float(offered[at + 1]) if at + 1 < len(offered) else math.inf
    return LoadLevel(float(offered[at]), lower, upper)


def _zero(offered: Floats, excess: Floats, before: int, after: int) -> float:
    """Where a straight line from one load's excess to another's goes through 0."""
    weight = excess[before] / (excess[before] - excess[after])
    return float(offered[before] + weight * (offered[after] - offered[before]))
