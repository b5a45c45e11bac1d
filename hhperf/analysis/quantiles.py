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
        if np.isinf(x) or np.isinf(y):
            reason = _failures(pairs, q, x, y)
            found.append(undefined(reason, confidence=confidence, method=method))
        else:
            found.append(
                percentile_estimate(
                    1 - y / x, drawn, threshold=threshold, confidence=confidence, method=method
                )
            )
    return tuple(found)


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
        return drawn, "multinomial paired bootstrap, percentile interval"
    (drawn,) = bootstrap_quantiles(
        pairs, [q], estimator=estimator, replicates=replicates, seed=seed
    )
    kind = "paired bootstrap" if pairs.clusters is None else "paired cluster bootstrap"
    suffix = "" if plain else " of Harrell-Davis quantiles"
    return drawn, f"{kind}{suffix}, percentile interval"


def _failures(pairs: Pairs, q: float, x: float, y: float) -> str:
    arms = ("control", pairs.control, x), ("treatment", pairs.treatment, y)
    rates = [
        f"{np.isinf(values).mean():.1%} of the {name}'s requests"
        for name, values, point in arms
        if np.isinf(point)
    ]
    return f"{statistic_name(q)} is undefined: {' and '.join(rates)} failed"
