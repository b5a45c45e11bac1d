"""Whether what services tell of their stages fits the sums that they tell of them."""

import numpy as np
import pandas as pd

from hhperf.runs.observation import Outcome
from hhperf.runs.run import Run
from hhperf.shown import milliseconds

SLACK_S, SLACK_SHARE = 1e-3, 0.05
"""What an excess may be by rounding and by clocks, the larger of both."""


def excess_warnings(run: Run) -> tuple[str, ...]:
    """A sentence for each service whose stages take longer than its own sums of them.

    Such a time is counted twice, or is not this search's.

    Raises:
        RunError: the run's files cannot be read.
    """
    told = run.table(["arm_schedule", "outcome", "service_ns", "excess_ns"]).to_pandas()
    told = told[(told["outcome"] == Outcome.OK.value) & told["excess_ns"].notna()]
    excess_s = told["excess_ns"] / 1e9
    allowed_s = np.maximum(SLACK_S, SLACK_SHARE * told["service_ns"].fillna(0) / 1e9)
    told = told.assign(excess_s=excess_s, is_over=excess_s > allowed_s)
    return tuple(
        _sentence(str(name), own)
        for name, own in told.groupby("arm_schedule", observed=True)
        if own["is_over"].any()
    )


def _sentence(name: str, told: pd.DataFrame) -> str:
    over = told[told["is_over"]]
    excess = milliseconds(float(over["excess_s"].median()))
    return (
        f"in {len(over):,} of {len(told):,} answers the stages that {name} tells of take longer"
        f" than its own sum of them, at the median by {excess} ms: a time is counted twice or is"
        " not this search's, which a table of stages can say (--stages)"
    )
