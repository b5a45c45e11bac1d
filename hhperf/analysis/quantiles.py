"""The savings at quantiles, each by the method that suits the data."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from hhperf.analysis.bootstrap import bootstrap_quantiles
from hhperf.analysis.estimate import (
    REPLICATES,
    Estimate,
    Replicates,
    percentile_estimate,
    undefined,
)
from hhperf.analysis.estimators import HarrellDavis, OrderStatistic
from hhperf.analysis.multinomial import multinomial_quantiles
from hhperf.analysis.ranks import check_quantile, measurable, statistic_name
from hhperf.analysis.samples import Pairs
from hhperf.errors import SampleError, unknown

BY_PAIRS = "multinomial paired bootstrap, percentile interval"
BY_CLUSTERS = "paired cluster bootstrap, percentile interval"

Estimator = Literal["order-statistic", "harrell-davis"]
ESTIMATORS: Mapping[str, type[OrderStatistic | HarrellDavis]] = {
    "order-statistic": OrderStatistic,
    "harrell-davis": HarrellDavis,
}


def quantile_savings(
    pairs: Pairs,
    quantiles: Sequence[float],
    *,
    threshold: float = 0.20,
    confidence: float = 0.95,
    estimator: Estimator = "order-statistic",
    replicates: int = REPLICATES,
    seed: int = 0,
) -> tuple[Estimate, ...]:
    """The savings 1 - Q(treatment)/Q(control) at each quantile.

    Independent pairs with 20 or more beyond the quantile take the multinomial shortcut, all else
    the bootstrap; the estimate's ``method`` says which. A quantile that falls among an arm's
    failed requests is undefined.

    Args:
        pairs: checked pairs.
        quantiles: in 0..1.
        threshold: saving that the p-values test.
        confidence: of the two-sided intervals.
        estimator: of the quantile: an observed latency, or Harrell and Davis's mean of several.
        replicates: B.
        seed: of the generator.

    Raises:
        SampleError: for a quantile that is not strictly between 0 and 1, or an estimator that there
            is not.
    """
    if estimator not in ESTIMATORS:
        raise SampleError(f"estimator is {estimator!r}: {unknown(estimator, ESTIMATORS)}")
    chosen = ESTIMATORS[estimator]
    found = []
    # One quantile at a time: what is said of p50 must not depend on whether p99 was asked for.
    for q in map(check_quantile, quantiles):
        x, y = (chosen(q).point(values) for values in (pairs.control, pairs.treatment))
        drawn, method = _resample(pairs, q, chosen, replicates, seed)
        failed = [float(np.isinf(arm).mean()) for arm in (pairs.control, pairs.treatment)]
        found.append(
            saving_at(
                q,
                (x, y),
                drawn,
                failed=failed,
                threshold=threshold,
                confidence=confidence,
                method=method,
            )
        )
    return tuple(found)


def saving_at(
    q: float,
    points: tuple[float, float],
    drawn: Replicates,
    *,
    failed: Sequence[float],
    threshold: float,
    confidence: float,
    method: str,
) -> Estimate:
    """The saving at a quantile from its replicates; undefined where it falls among failures.

    Args:
        q: the quantile, in 0..1.
        points: the control's and the treatment's.
        drawn: both, resampled.
        failed: the share of each arm's requests that failed.
        threshold: saving that the p-value tests.
        confidence: of the two-sided interval.
        method: how the replicates were drawn.
    """
    x, y = points
    if np.isinf(x) or np.isinf(y):
        reason = _failures(q, points, failed)
        return undefined(reason, confidence=confidence, method=method)
    return percentile_estimate(
        1 - y / x, drawn, threshold=threshold, confidence=confidence, method=method
    )


def _resample(
    pairs: Pairs,
    q: float,
    estimator: type[OrderStatistic | HarrellDavis],
    replicates: int,
    seed: int,
) -> tuple[Replicates, str]:
    plain = estimator is OrderStatistic
    if plain and pairs.clusters is None and measurable(q, pairs.n):
        drawn = multinomial_quantiles(pairs, q, replicates=replicates, seed=seed)
        return drawn, BY_PAIRS
    (drawn,) = bootstrap_quantiles(
        pairs, [q], estimator=estimator, replicates=replicates, seed=seed
    )
    if plain and pairs.clusters is not None:
        return drawn, BY_CLUSTERS
    kind = "paired bootstrap" if pairs.clusters is None else "paired cluster bootstrap"
    suffix = "" if plain else " of Harrell-Davis quantiles"
    return drawn, f"{kind}{suffix}, percentile interval"


def _failures(q: float, points: tuple[float, float], failed: Sequence[float]) -> str:
    rates = [
        f"{share:.1%} of the {name}'s requests"
        for name, point, share in zip(("control", "treatment"), points, failed, strict=True)
        if np.isinf(point)
    ]
    return f"{statistic_name(q)} is undefined: {' and '.join(rates)} failed"
