"""Shifted lognormal and gamma distributions through positive times, and how well they fit."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats
from scipy.optimize import minimize_scalar

from hhperf.analysis.samples import FloatArray

Family = Literal["lognormal", "gamma"]
FAMILIES: tuple[Family, ...] = ("lognormal", "gamma")
PARAMETERS = 3
NEAREST = 0.02
"""Of the way from the least time to the median: the shift stays so far below the least, where the
likelihood would grow without end."""


@dataclass(frozen=True, slots=True)
class ShiftedFit:
    """A distribution through times.

    Attributes:
        family: of the distribution.
        shift: what every time exceeds, in the times' unit.
        scale: the median beyond the shift of a lognormal; the scale of a gamma.
        shape: the standard deviation of the logarithms; the shape of a gamma.
        log_likelihood: of the times.
    """

    family: Family
    shift: float
    scale: float
    shape: float
    log_likelihood: float

    @property
    def aic(self) -> float:
        """Akaike's criterion: the smaller the better."""
        return 2 * PARAMETERS - 2 * self.log_likelihood

    def quantiles(self, q: FloatArray) -> FloatArray:
        """Times that shares q do not exceed, shape as q."""
        found: FloatArray = self._frozen.ppf(q)
        return found

    def distance(self, times: FloatArray) -> float:
        """Kolmogorov and Smirnov's largest distance between the distribution functions."""
        return float(stats.kstest(times, self._frozen.cdf).statistic)

    def draw(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Times, shape (n,)."""
        return self.quantiles(rng.uniform(size=n))

    @property
    def _frozen(self) -> "stats.distributions.rv_frozen":
        kind = stats.lognorm if self.family == "lognormal" else stats.gamma
        return kind(self.shape, loc=self.shift, scale=self.scale)


def fit_shifted(times: FloatArray, family: Family) -> ShiftedFit:
    """The most likely distribution of a family.

    For each shift the other two parameters are had in closed form (of a gamma within 1.5%: Minka,
    Estimating a Gamma distribution, 2002), so that one is searched for.

    Args:
        times: shape (n,), positive and not all equal.
        family: of the distribution.
    """
    least, middle = float(times.min()), float(np.median(times))
    highest = max(least - NEAREST * (middle - least), 0.0)

    def unlikely(shift: float) -> float:
        return -_given(times, shift, family).log_likelihood

    best = minimize_scalar(unlikely, bounds=(0.0, highest), method="bounded")
    found = _given(times, float(best.x), family)
    plain = _given(times, 0.0, family)
    return plain if plain.log_likelihood >= found.log_likelihood else found


def bootstrap_p(
    times: FloatArray, fit: ShiftedFit, *, replicates: int = 199, seed: int = 0
) -> float:
    """How often times drawn from the fit, and fitted again, lie as far from their own fit.

    The distance's table does not hold where the parameters come from the same times (Lilliefors):
    so they are fitted anew in each replicate.

    Source: Stute and others, Bootstrap based goodness-of-fit-tests, Metrika 40, 1993.
    """
    rng, seen = np.random.default_rng(seed), fit.distance(times)
    farther = 0
    for _ in range(replicates):
        drawn = fit.draw(len(times), rng)
        farther += fit_shifted(drawn, fit.family).distance(drawn) >= seen
    return (1 + farther) / (replicates + 1)


def normal_scores(times: FloatArray) -> FloatArray:
    """Van der Waerden's scores, shape (n,): their correlation is that of a Gaussian copula."""
    ranks: FloatArray = stats.norm.ppf(stats.rankdata(times) / (len(times) + 1))
    return ranks


def _given(times: FloatArray, shift: float, family: Family) -> ShiftedFit:
    beyond = times - shift
    logs = np.log(beyond)
    n = len(times)
    if family == "lognormal":
        sigma = max(float(logs.std()), 1e-9)
        likely = -n * (np.log(sigma) + 0.5 * np.log(2 * np.pi) + 0.5) - logs.sum()
        return ShiftedFit(family, shift, float(np.exp(logs.mean())), sigma, float(likely))
    mean = float(beyond.mean())
    gap = max(float(np.log(mean) - logs.mean()), 1e-12)
    shape = (3 - gap + np.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * gap)
    likely = stats.gamma.logpdf(beyond, shape, scale=mean / shape).sum()
    return ShiftedFit(family, shift, mean / shape, float(shape), float(likely))
