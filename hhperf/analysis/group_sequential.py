"""A few looks at planned sizes: how sure each interval must be for all of them together.

Far narrower than a confidence sequence, which pays for looking at any moment. What is stopped at
the first look that settles it keeps an interval that was valid at that look and at all others
(repeated confidence intervals, Jennison and Turnbull 1989).
"""

import math
from collections.abc import Sequence

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

from hhperf.analysis.samples import FloatArray
from hhperf.errors import SampleError

_REACH = 8.0
"""Standard deviations that the grid of the integration covers."""

_CELLS = 500
_LEAST = 1e-12


def look_confidences(
    looks: Sequence[int], most: int, *, confidence: float = 0.95
) -> tuple[float, ...]:
    """The confidence that the interval of each look needs for all looks together to have theirs.

    Each side spends its error as ``a ln(1 + (e - 1) t)`` at the share t of the pairs planned: much
    of it early, since most of what is measured here is settled early. What comes after the planned
    end spends what is left.

    Args:
        looks: pairs at each look so far, ascending.
        most: pairs that were planned at most.
        confidence: of all looks together.

    Returns:
        One number a look. A later look changes none of the earlier.

    Raises:
        SampleError: looks that do not ascend, or a confidence out of 0..1.

    Source: Lan and DeMets, Discrete sequential boundaries for clinical trials, Biometrika 1983,
    with their second spending function; the boundary by the recursive integration of Armitage,
    McPherson and Rowe, 1969.
    """
    if not looks or any(a >= b for a, b in zip([0, *looks], looks, strict=False)):
        raise SampleError(f"looks {tuple(looks)} must ascend from one pair or more")
    if not 0 < confidence < 1:
        raise SampleError(f"confidence {confidence:g} must lie between 0 and 1")
    error = (1 - confidence) / 2
    shares = [min(look / most, 1.0) for look in looks]
    spent = [error * math.log1p((math.e - 1) * share) for share in shares]
    tails = _tails([float(look) for look in looks], spent)
    return tuple(1 - 2 * tail for tail in tails)


def _tails(information: Sequence[float], spent: Sequence[float]) -> list[float]:
    """The one-sided nominal level at each look.

    The score process is a Brownian motion: its density over the looks' not yet crossed region is
    carried along on a grid.
    """
    found: list[float] = []
    grid: FloatArray = np.zeros(1)
    weight: FloatArray = np.ones(1)
    before, used = 0.0, 0.0
    for now, until in zip(information, spent, strict=True):
        spread, scale = math.sqrt(now - before), math.sqrt(now)
        wanted = max(until - used, _LEAST)
        bound = brentq(
            lambda z, g=grid, w=weight, sd=spread, s=scale, a=wanted: (
                float(w @ norm.sf((z * s - g) / sd)) - a
            ),
            -_REACH,
            _REACH,
        )
        found.append(float(norm.sf(bound)))
        edges = np.linspace(-_REACH * scale, bound * scale, _CELLS + 1)
        reached = (edges[1:] + edges[:-1]) / 2
        density = norm.pdf((reached[:, None] - grid) / spread) / spread
        weight = density @ weight * (edges[1] - edges[0])
        grid, before, used = reached, now, until
    return found
