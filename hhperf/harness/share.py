"""The part of a block that one generator sends: pure slices of the plan.

Slot numbers count the requests of a round; those of the warm-up are negative.
"""

from dataclasses import dataclass

import numpy as np

from hhperf.errors import PlanError
from hhperf.harness.load_plan import Block, LoadPlan
from hhperf.runs.arrays import Integers
from hhperf.workload.schedules import ClosedLoop, Schedule


@dataclass(frozen=True, slots=True, eq=False)
class Share:
    """What one generator sends in one block; arrays have shape (n,).

    Attributes:
        block: the block.
        slots: the requests' numbers in the round, ascending.
        picks: which requests of the log they are.
        wait_ns: in an open loop when each is due after the block's beginning, in a closed one the
            pause before each.
        clients: of a closed loop; None for an open one.
        span_ns: how long an open loop lasts, warm-up included; 0 for a closed one.
    """

    block: Block
    slots: Integers
    picks: Integers
    wait_ns: Integers
    clients: int | None
    span_ns: int


def share_of(plan: LoadPlan, block: Block, worker: int = 0, workers: int = 1) -> Share:
    """Every n-th request of the block, beginning with the worker's own number.

    Args:
        plan: the whole plan.
        block: one of its blocks.
        worker: from 0.
        workers: how many share the block.
    """
    load = plan.loads[block.round]
    warm_up = len(plan.warm_up)
    slots = np.arange(-warm_up, len(load))
    picks = np.concatenate([plan.warm_up, plan.picks_of(block.round)])
    mine = slice(worker, None, workers)
    if isinstance(load, ClosedLoop):
        clients = len(range(worker, load.clients, workers))
        pauses = np.concatenate([np.zeros(warm_up, dtype=np.int64), load.think_ns])
        return Share(block, slots[mine], picks[mine], pauses[mine], clients, 0)
    gap_ns = round(1e9 / load.rate_hz)
    due_ns = np.concatenate([np.arange(warm_up) * gap_ns, load.at_ns + warm_up * gap_ns])
    span_ns = load.span_ns + warm_up * gap_ns
    return Share(block, slots[mine], picks[mine], due_ns[mine], None, span_ns)


def check_workers(plan: LoadPlan, workers: int) -> None:
    """Make sure that there is work for each.

    Raises:
        PlanError: there are more workers than clients or requests in some round.
    """
    for load in plan.loads:
        most = len(load) if isinstance(load, Schedule) else load.clients
        if not 1 <= workers <= most:
            raise PlanError(f"workers is {workers}, must be at least 1 and here at most {most}")
