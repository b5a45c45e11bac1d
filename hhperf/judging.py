"""Says what a recorded run means, whatever kind of run it is."""

from collections.abc import Sequence

from hhperf.analysis import Comparison
from hhperf.comparing import QUANTILES
from hhperf.comparing import compare as compare_pairs
from hhperf.comparing_load import compare_load
from hhperf.errors import SampleError
from hhperf.runs import Run, Statistic, SwitchbackDesign


def compare(
    run: Run,
    *,
    threshold: float = 0.20,
    quantiles: Sequence[float] = QUANTILES,
    statistic: Statistic | str | None = None,
    clusters: str = "auto",
    seed: int = 0,
) -> Comparison:
    """Say whether the treatment saves more than the threshold, and whether the run can say so.

    Args:
        run: recorded in pairs or under load.
        threshold: the saving that is claimed.
        quantiles: to compare at, in 0..1.
        statistic: `service_time` counts from when a request was sent, `response_time` from when it
            was due; by default the first for pairs, the second for a load.
        clusters: of a paired run, what is resampled as a whole: `tenant`, `session`, `text`,
            `pairs`, or `auto` for the coarsest of which there are enough.
        seed: of the bootstrap.

    Raises:
        RunError: the run has no pair to compare.
        SampleError: an option that nothing can be computed from.
    """
    if not isinstance(run.metadata.design, SwitchbackDesign):
        return compare_pairs(
            run,
            threshold=threshold,
            quantiles=quantiles,
            statistic=statistic or Statistic.SERVICE_TIME,
            clusters=clusters,
            seed=seed,
        )
    if clusters != "auto":
        raise SampleError("clusters are for paired runs: under load, requests that follow are one")
    return compare_load(
        run,
        threshold=threshold,
        quantiles=quantiles,
        statistic=statistic or Statistic.RESPONSE_TIME,
        seed=seed,
    )
