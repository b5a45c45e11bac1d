"""Pairs of latencies whose true saving is known, to test methods and to plan runs on."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from hhperf.analysis.samples import FloatArray, IntArray

SIGMA_X, SIGMA_Y, RHO = 0.6, 0.5, 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """Simulated pairs.

    Attributes:
        control: shape (n,), positive.
        treatment: shape (n,).
        clusters: shape (n,) codes, or None for independent pairs.
    """

    control: FloatArray
    treatment: FloatArray
    clusters: IntArray | None = None


Simulation = Callable[[np.random.Generator, int, float, float | None], Simulated]
"""(generator, pairs, true saving, quantile it holds at or None for the mean) -> pairs."""


def lognormal(
    rng: np.random.Generator, n: int, saving: float = 0.20, q: float | None = None
) -> Simulated:
    """Lognormal latencies, correlated 0.8 on the log scale; the treatment spreads less.

    Args:
        rng: the generator.
        n: pairs.
        saving: the true one.
        q: the quantile at which it holds exactly, None for the mean.
    """
    return _lognormal(*_correlated(rng, n, RHO), saving, q)


def bimodal(
    rng: np.random.Generator,
    n: int,
    saving: float = 0.20,
    q: float | None = None,  # noqa: ARG001 - holds at every quantile
) -> Simulated:
    """35% cache hits, twenty times faster, the same requests hitting in both arms.

    Both arms have one shape, so the saving holds at the mean and at every quantile.
    """
    hit = rng.random(n) < 0.35
    level, spread = np.where(hit, -3.0, 0.0), np.where(hit, 0.3, 0.5)
    z, w = _correlated(rng, n, RHO)
    return Simulated(np.exp(level + spread * z), (1 - saving) * np.exp(level + spread * w))


def heavy_tailed(
    rng: np.random.Generator,
    n: int,
    saving: float = 0.20,
    q: float | None = None,  # noqa: ARG001 - holds at every quantile
) -> Simulated:
    """Lognormal latencies with 3% stalls of Pareto(1.5) length, each arm having its own.

    Both arms have one shape, so the saving holds at the mean and at every quantile; the variance
    is infinite.
    """
    arms = [np.exp(SIGMA_X * z) + _stalls(rng, n) for z in _correlated(rng, n, RHO)]
    return Simulated(arms[0], (1 - saving) * arms[1])


def clustered(
    rng: np.random.Generator, n: int, saving: float = 0.20, q: float | None = None
) -> Simulated:
    """Lognormal latencies of which 90% of the log variance belongs to the cluster, in each arm.

    Cluster sizes are lognormal, as when a few queries come again and again: 2,000 pairs make about
    676 clusters.
    """
    sizes = np.ceil(rng.lognormal(0.4, 1.0, n)).astype(np.intp)
    codes = np.repeat(np.arange(n), sizes)[:n].astype(np.intp)
    between, within = _correlated(rng, int(codes[-1]) + 1, RHO), _correlated(rng, n, RHO)
    z, w = (
        math.sqrt(0.9) * b[codes] + math.sqrt(0.1) * i for b, i in zip(between, within, strict=True)
    )
    pairs = _lognormal(z, w, saving, q)
    return Simulated(pairs.control, pairs.treatment, codes)


def queue(
    rng: np.random.Generator, n: int, saving: float = 0.20, *, utilisation: float = 0.7
) -> Simulated:
    """Response times of one queue with Poisson arrivals and lognormal service, twice.

    The treatment is a second, independent stretch of the same queue, scaled: the saving holds at
    the mean and at every quantile, and neighbours are alike.

    Args:
        rng: the generator.
        n: responses of each arm.
        saving: the true one.
        utilisation: share of time the server is busy, in 0..1.
    """
    arms = [_responses(rng, n + n // 4, utilisation)[n // 4 :] for _ in range(2)]
    return Simulated(arms[0], (1 - saving) * arms[1])


def _responses(rng: np.random.Generator, n: int, utilisation: float) -> FloatArray:
    gaps, service = rng.exponential(1.0, n), np.exp(SIGMA_X * rng.standard_normal(n))
    service *= utilisation / math.exp(SIGMA_X**2 / 2)
    # Lindley's recursion W' = max(0, W + S - T), unrolled: the walk above its running minimum.
    walk = np.concatenate([[0.0], np.cumsum(service[:-1] - gaps[1:])])
    return np.asarray(walk - np.minimum.accumulate(walk) + service)


def _lognormal(z: FloatArray, w: FloatArray, saving: float, q: float | None) -> Simulated:
    if q is None:
        shift = (SIGMA_X**2 - SIGMA_Y**2) / 2
    else:
        shift = (SIGMA_X - SIGMA_Y) * float(special.ndtri(q))
    scale = (1 - saving) * math.exp(shift)
    return Simulated(np.exp(SIGMA_X * z), scale * np.exp(SIGMA_Y * w))


def _correlated(rng: np.random.Generator, n: int, rho: float) -> tuple[FloatArray, FloatArray]:
    z, w = rng.standard_normal((2, n))
    return z, rho * z + math.sqrt(1 - rho**2) * w


def _stalls(rng: np.random.Generator, n: int) -> FloatArray:
    stalled = rng.random(n) < 0.03
    return np.where(stalled, 5 * (1 + rng.pareto(1.5, n)), 0.0)
