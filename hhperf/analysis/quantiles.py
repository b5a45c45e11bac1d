"""The savings at quantiles, each by the method that suits the data."""

from collections.abc import Sequence

import numpy as np

from hhperf.analysis.bootstrap import bootstrap_quantiles
from hhperf.analysis.estimate import Estimate, undefined
from hhperf.analysis.multinomial import multinomial_quantiles
from hhperf.analysis.ranks import check_quantile, measurable, quantile, statistic_name
from hhperf.analysis.replicates import REPLICATES, Replicates, percentile_estimate
from hhperf.analysis.samples import Pairs

_BOOTSTRAP = "paired bootstrap, percentile interval"
_CLUSTERED = "paired cluster bootstrap, percentile interval"
_MULTINOMIAL = "multinomial paired bootstrap, percentile interval"


def quantile_savings(
    pairs: Pairs,
    quantiles: Sequence[float],
    *,
    threshold: float = 0.20,
    confidence: float = 0.95,
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
        replicates: B.
        seed: of the generator.

    Raises:
        SampleError: for a quantile that is not strictly between 0 and 1.
    """
    checked = [check_quantile(q) for q in quantiles]
    short = [q for q in checked if pairs.clusters is None and measurable(q, pairs.n)]
    long = [q for q in checked if q not in short]
    drawn: dict[float, tuple[Replicates, str]] = {}
    for q in short:
        shortcut = multinomial_quantiles(pairs, q, replicates=replicates, seed=seed)
        drawn[q] = shortcut, _MULTINOMIAL
    if long:
        method = _BOOTSTRAP if pairs.clusters is None else _CLUSTERED
        resampled = bootstrap_quantiles(pairs, long, replicates=replicates, seed=seed)
        drawn |= {q: (found, method) for q, found in zip(long, resampled, strict=True)}
    return tuple(_estimate(pairs, q, *drawn[q], threshold, confidence) for q in checked)


def _estimate(
    pairs: Pairs,
    q: float,
    replicates: Replicates,
    method: str,
    threshold: float,
    confidence: float,
) -> Estimate:
    x, y = quantile(pairs.control, q), quantile(pairs.treatment, q)
    if np.isinf(x) or np.isinf(y):
        return undefined(_failures(pairs, q), confidence=confidence, method=method)
    return percentile_estimate(
        1 - y / x, replicates, threshold=threshold, confidence=confidence, method=method
    )


def _failures(pairs: Pairs, q: float) -> str:
    rates = [
        f"{np.isinf(values).mean():.1%} of the {arm}'s requests"
        for arm, values in (("control", pairs.control), ("treatment", pairs.treatment))
        if np.isinf(quantile(values, q))
    ]
    return f"{statistic_name(q)} is undefined: {' and '.join(rates)} failed"
