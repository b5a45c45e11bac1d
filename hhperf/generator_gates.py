"""Validity gates on the generator: was it fast enough, and did it keep the arms apart?"""

import numpy as np
from numpy.typing import NDArray

from hhperf.analysis import Gate, cpu_gate, failure_gate, lag_gate
from hhperf.runs import Arm, Outcome, Pairs, Run, SwitchbackDesign
from hhperf.runs.pairs import is_value


def generator_gates(run: Run, pairs: Pairs) -> list[Gate]:
    """The conditions on the generator without which the run has no verdict.

    Under load come the lag of each request behind its schedule, the processor time of each
    generator and what was dropped; a paired run has no schedule, and may use all of a core.

    Args:
        run: any run.
        pairs: its pairs, by the statistic that is compared.
    """
    gates = [sharing_gate(run), *_loop_lag_gates(run, pairs)]
    if isinstance(run.metadata.design, SwitchbackDesign):
        gates += [
            lag_gate("dispatch lag, ms", schedule_lags_s(run) * 1e3, pairs.control * 1e3),
            cpu_gate(utilisation(run)),
            failure_gate(
                pairs.dropped[Arm.CONTROL], pairs.dropped[Arm.TREATMENT], name="drop rates"
            ),
        ]
    return gates


def sharing_gate(run: Run) -> Gate:
    """Arms share nothing that one could warm or slow for another."""
    shared = run.metadata.shared
    return Gate(
        "arms share nothing",
        not shared,
        "; ".join(shared) or "nothing shared",
        "no pool, cache prefix or coalescer in common",
        "what one arm does must not change what another one meets",
    )


def schedule_lags_s(run: Run) -> NDArray[np.float64]:
    """How long after its intended start each request was sent, in seconds; shape (n,)."""
    table = run.table(["outcome", "intended_start_ns", "start_ns"])
    unsent = is_value(table, "outcome", Outcome.DROPPED) | is_value(table, "outcome", Outcome.LOST)
    lags = np.asarray(table["start_ns"]) - np.asarray(table["intended_start_ns"])
    found: NDArray[np.float64] = lags[~unsent] / 1e9
    return found


def utilisation(run: Run) -> float:
    """Processor time of the busiest generator per second, in cores.

    Where arms run in the generator's process, theirs is counted with it. The highest of the means
    over each tenth of the time: a generator that was too slow for a while was too slow.
    """
    health = run.health.to_pandas()
    cpu = health[health["kind"].astype(str) == "cpu"].sort_values("at_ns")
    means = [
        part["value_ns"].iloc[1:].sum() / (part["at_ns"].iloc[-1] - part["at_ns"].iloc[0])
        for _, worker in cpu.groupby("worker")
        for part in (worker.iloc[each] for each in np.array_split(np.arange(len(worker)), 10))
        if len(part) > 1
    ]
    return float(max(means, default=0.0))


def _loop_lag_gates(run: Run, pairs: Pairs) -> list[Gate]:
    health = run.health.to_pandas()
    lags_ms = health.loc[health["kind"].astype(str) == "loop_lag", "value_ns"].to_numpy() / 1e6
    return [lag_gate("event-loop lag, ms", lags_ms, pairs.control * 1e3)] if len(lags_ms) else []
