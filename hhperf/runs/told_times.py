"""Whether what services tell of their stages fits the sums that they tell of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from hhperf.runs.arrays import Floats
from hhperf.runs.observation import Outcome
from hhperf.runs.run import Run
from hhperf.shown import milliseconds

EXCESS_COLUMNS = ("arm_schedule", "outcome", "service_ns", "excess_ns")
SLACK_S, SLACK_SHARE = 1e-3, 0.05
"""What an excess may be by rounding and by clocks, the larger of both."""


def excess_warnings(run: Run) -> tuple[str, ...]:
    """A sentence for each service whose stages take longer than its own sums of them.

    Such a time is counted twice, or is not this search's.

    Raises:
        RunError: the run's files cannot be read.
    """
    return excess_sentences([excesses(run.table(EXCESS_COLUMNS))])


@dataclass(frozen=True, slots=True, eq=False)
class Excess:
    """What a service tells too much of.

    Attributes:
        told: answers that tell an excess, or none.
        over: answers whose excess is more than rounding.
        excess_s: of those, in seconds; of the first ones where there are many.
    """

    told: int
    over: int
    excess_s: Floats


def excesses(table: pa.Table, most: int | None = None) -> dict[str, Excess]:
    """What each service tells too much of, by its name.

    Args:
        table: observations with `EXCESS_COLUMNS`.
        most: how many excesses of each to keep; all when None.
    """
    if table["excess_ns"].null_count == len(table):
        return {}
    told = table.select(EXCESS_COLUMNS).to_pandas()
    told = told[(told["outcome"] == Outcome.OK.value) & told["excess_ns"].notna()]
    excess_s = told["excess_ns"] / 1e9
    allowed_s = np.maximum(SLACK_S, SLACK_SHARE * told["service_ns"].fillna(0) / 1e9)
    told = told.assign(excess_s=excess_s, is_over=excess_s > allowed_s)
    found = {}
    for name, own in told.groupby("arm_schedule", observed=True):
        over = own["excess_s"][own["is_over"]].to_numpy()
        found[str(name)] = Excess(len(own), len(over), over[:most])
    return found


def excess_sentences(parts: Sequence[Mapping[str, Excess]]) -> tuple[str, ...]:
    """A sentence for each service of which any part of a run tells too much."""
    by_name: dict[str, list[Excess]] = {}
    for part in parts:
        for name, each in part.items():
            by_name.setdefault(name, []).append(each)
    return tuple(
        _sentence(name, found)
        for name, found in sorted(by_name.items())
        if any(each.over for each in found)
    )


def _sentence(name: str, found: Sequence[Excess]) -> str:
    over, told = sum(each.over for each in found), sum(each.told for each in found)
    excess = milliseconds(float(np.median(np.concatenate([each.excess_s for each in found]))))
    return (
        f"in {over:,} of {told:,} answers the stages that {name} tells of take longer"
        f" than its own sum of them, at the median by {excess} ms: a time is counted twice or is"
        " not this search's, which a table of stages can say (--stages)"
    )
