"""Several runs: what one process showed and the next confirms.

The unit is the run. Its log ratio is one number, however many pairs it has; the verdict is a t test
on those numbers, which is why a handful of runs decides little and ten are asked for.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from hhperf.analysis.estimate import Estimate, undefined
from hhperf.analysis.mean import mean_saving
from hhperf.analysis.power import variance_from
from hhperf.analysis.quantiles import quantile_savings
from hhperf.analysis.ranks import parse_statistic
from hhperf.analysis.samples import FloatArray, Pairs
from hhperf.errors import SampleError

ENOUGH_RUNS = 10
_METHOD = "t test on the log ratios of runs"


@dataclass(frozen=True, slots=True)
class RunsEstimate:
    """The saving over several runs, and where its noise comes from.

    Attributes:
        statistic: ``"mean"``, ``"p95"``, ...
        estimate: the saving, with the run as the unit.
        log_ratios: ln(treatment/control) of each run.
        between: variance of the log ratio between runs, beyond the noise within them.
        within: variance of the log ratio from a single pair, the average over runs.
    """

    statistic: str
    estimate: Estimate
    log_ratios: tuple[float, ...]
    between: float
    within: float

    def pairs_per_run(self, run_cost: float, pair_cost: float) -> int | None:
        """Pairs per run that make the most of the time.

        Args:
            run_cost: what a restart takes, warm-up included, in seconds or any unit.
            pair_cost: what a pair takes, in the same unit.

        Returns:
            sqrt(run cost / pair cost x within / between); None when runs do not differ, and one
            long run is as good.

        Source: Kalibera and Jones, Rigorous benchmarking in reasonable time, 2013.
        """
        if self.between <= 0:
            return None
        return max(1, math.ceil(math.sqrt(run_cost / pair_cost * self.within / self.between)))


def estimate_over_runs(
    runs: Sequence[Pairs],
    statistic: str = "p95",
    *,
    threshold: float = 0.20,
    confidence: float = 0.95,
    timeout: float | None = None,
    seed: int = 0,
) -> RunsEstimate:
    """The saving over runs, by a t test with one degree of freedom less than there are runs.

    Undefined when it is undefined in any of the runs.

    Args:
        runs: the checked pairs of each run.
        statistic: ``"mean"``, ``"p50"``, ``"p95"``, ...
        threshold: saving that the p-value tests.
        confidence: of the two-sided interval.
        timeout: where failed requests are cut for the mean.
        seed: of the bootstrap that measures the noise within runs.

    Raises:
        SampleError: for fewer than two runs.
    """
    if len(runs) < 2:
        raise SampleError(f"{len(runs)} run: at least 2 are needed to see how runs differ")
    q = parse_statistic(statistic)
    options: dict[str, Any] = {"threshold": threshold, "confidence": confidence}
    if q is None:
        found = [mean_saving(pairs, timeout=timeout, **options) for pairs in runs]
    else:
        found = [quantile_savings(pairs, (q,), seed=seed, **options)[0] for pairs in runs]
    return over_runs(
        found,
        [pairs.n for pairs in runs],
        statistic,
        threshold=threshold,
        confidence=confidence,
    )


def over_runs(
    found: Sequence[Estimate],
    pairs: Sequence[int],
    statistic: str,
    *,
    threshold: float,
    confidence: float = 0.95,
) -> RunsEstimate:
    """The saving over runs from that of each, with its noise from pairs.

    Args:
        found: the saving in each run, k of 2 or more.
        pairs: how many each was found in.
        statistic: what it is of.
        threshold: saving that the p-value tests.
        confidence: of the two-sided interval.
    """
    lacking = [number for number, one in enumerate(found, 1) if not one.defined or one.point >= 1]
    if lacking:
        reason = "; ".join(found[lacking[0] - 1].warnings)
        empty = undefined(f"run {lacking[0]}: {reason}", confidence=confidence, method=_METHOD)
        return RunsEstimate(statistic, empty, (), math.nan, math.nan)
    logs = np.array([math.log1p(-single.point) for single in found])
    noise = [variance_from(single, n) for single, n in zip(found, pairs, strict=True)]
    estimate = runs_saving(logs, threshold=threshold, confidence=confidence)
    return RunsEstimate(statistic, estimate, tuple(logs), *_components(logs, noise, pairs))


def runs_saving(
    log_ratios: FloatArray, *, threshold: float = 0.20, confidence: float = 0.95
) -> Estimate:
    """The saving from one log ratio per run.

    Args:
        log_ratios: ln(treatment/control) of each run, shape (k,), k of 2 or more.
        threshold: saving that the p-value tests.
        confidence: of the two-sided interval.
    """
    k = len(log_ratios)
    centre, error = float(log_ratios.mean()), float(log_ratios.std(ddof=1)) / math.sqrt(k)
    half = float(special.stdtrit(k - 1, 0.5 + confidence / 2)) * error
    excess = centre - math.log1p(-threshold)
    lower, point, upper = (-math.expm1(centre + shift) for shift in (half, 0.0, -half))
    if error > 0:
        p_value = float(special.stdtr(k - 1, excess / error))
    else:
        p_value = 0.0 if excess < 0 else 1.0
    few = f"{k} runs: {ENOUGH_RUNS} or more are needed for the full confidence"
    warnings = (few,) if k < ENOUGH_RUNS else ()
    return Estimate(point, lower, upper, confidence, p_value, _METHOD, warnings)


def _components(
    logs: FloatArray, noise: Sequence[float], pairs: Sequence[int]
) -> tuple[float, float]:
    """Variance between runs, and within a run for a single pair."""
    within = float(np.mean(noise))
    from_within = float(np.mean(np.asarray(noise) / np.asarray(pairs)))
    return max(float(logs.var(ddof=1)) - from_within, 0.0), within
