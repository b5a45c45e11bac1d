"""How far predictions from traces were from what arms then measured: a part of every interval."""

from hhperf.analysis.estimate import Estimate, widened

SCHEDULE_SD = 0.0075
"""Of earlier starts, as a share: the root mean square over 10 savings at p50 and p95 of 5 runs in
`data/runs` (`tests/benchmarks/traces/round_trip.py`, 2026-11-28). In all of them most of what steps
take is waiting: where steps compute, the pessimistic reading keeps them in line."""

LOAD_SD = 0.014
"""Of calls that queue for pools, beside the above: that of `what_if` under a load. Of 10 savings of
`data/runs/sweep-plan` that were measured to 20 points, predictions from traces were off by 0.7."""

UNTRIED_SD = 0.02
"""Of other changes, which no run has been held against: taken for granted, as `what_if` does."""


def with_own_error(estimate: Estimate, sd: float = SCHEDULE_SD) -> Estimate:
    """The interval with the model's error in it; where nothing changes, nothing is modelled."""
    return estimate if estimate.point == 0 else widened(estimate, sd)
