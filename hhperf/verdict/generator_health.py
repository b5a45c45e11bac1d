"""What a run recorded of its generators: how late they sent, how busy they were, their clocks."""

import numpy as np
import pandas as pd

from hhperf.runs.arrays import Integers
from hhperf.runs.gaps import in_gaps
from hhperf.runs.observation import Outcome
from hhperf.runs.pairs import is_value
from hhperf.runs.run import Run
from hhperf.runs.stalls import Stalls
from hhperf.verdict.generator_gates import busiest


def schedule_ns(run: Run) -> tuple[Integers, Integers]:
    """When each request was due and when it was sent, in ns; both of shape (n,).

    A stall that made a request late covers the middle of its wait, wherever it began.
    """
    table = run.table(["outcome", "intended_start_ns", "start_ns"])
    sent = ~(is_value(table, "outcome", Outcome.DROPPED) | is_value(table, "outcome", Outcome.LOST))
    due_ns, sent_ns = (
        np.asarray(table[name], dtype=np.int64)[sent] for name in ("intended_start_ns", "start_ns")
    )
    return due_ns, sent_ns


def drift_of(health: pd.DataFrame) -> float:
    """What the worker's clock that drifts most gains, in seconds a second; 0 for none."""
    ahead = health[health["kind"].astype(str) == "clock_ahead"].sort_values("at_ns")
    drifts = [0.0]
    for _, looks in ahead.groupby("worker"):
        at_ns, value_ns = looks["at_ns"].to_numpy(), looks["value_ns"].to_numpy()
        if at_ns[-1] > at_ns[0]:
            drifts.append(float((value_ns[-1] - value_ns[0]) / (at_ns[-1] - at_ns[0])))
    return max(drifts, key=abs)


def utilisation(run: Run, stalls: Stalls | None = None) -> float:
    """Processor time of the busiest generator per second outside stalls and gaps, in cores.

    Where arms run in the generator's process, theirs is counted with it.
    """
    health = run.health.to_pandas()
    cpu = health[health["kind"].astype(str) == "cpu"].sort_values("at_ns")
    found = [0.0]
    for _, worker in cpu.groupby("worker"):
        at_ns, used_ns = worker["at_ns"].to_numpy(), worker["value_ns"].to_numpy()
        between_ns = (at_ns[1:] + at_ns[:-1]) // 2
        within = in_gaps(run.metadata.gaps, between_ns)
        if stalls is not None:
            within |= stalls.covers(between_ns)
        found.append(busiest(used_ns[1:], np.diff(at_ns), within))
    return max(found)
