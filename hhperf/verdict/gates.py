"""The gates of a run: to add one, write a function of what a run shows and list it below."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hhperf.analysis.decision import Gate
from hhperf.runs.arrays import Integers
from hhperf.runs.metadata import SwitchbackDesign
from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.pairs import RecordedPairs, is_value
from hhperf.runs.run import Run
from hhperf.verdict.gate_arithmetic import (
    aa_gates,
    aa_gates_under_load,
    cache_gate,
    cpu_gate,
    failure_gate,
    lag_gate,
    mismatch_gate,
    order_gate,
)


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What gates look at.

    Attributes:
        run: any run.
        pairs: its pairs, by the statistic that is compared.
        codes: the cluster of each pair, shape (n,); None for single pairs.
        seed: of the bootstrap.
    """

    run: Run
    pairs: RecordedPairs
    codes: Integers | None = None
    seed: int = 0


def gates_of(seen: Evidence) -> tuple[Gate, ...]:
    """The conditions without which the run has no verdict."""
    is_load = isinstance(seen.run.metadata.design, SwitchbackDesign)
    found: list[Gate] = []
    for look in LOAD_GATES if is_load else PAIRED_GATES:
        one_or_more = look(seen)
        found += [one_or_more] if isinstance(one_or_more, Gate) else one_or_more
    return tuple(found)


def _control_saves_nothing(seen: Evidence) -> Sequence[Gate]:
    pairs, timeout_s = seen.pairs, seen.run.metadata.design.timeout_s
    return aa_gates(
        pairs.control, pairs.control_again, seen.codes, timeout=timeout_s, seed=seen.seed
    )


def _control_saves_nothing_under_load(seen: Evidence) -> Sequence[Gate]:
    return aa_gates_under_load(seen.pairs.control, seen.pairs.control_again, seed=seen.seed)


def _second_place_pays_nothing(seen: Evidence) -> Gate:
    pairs, place = seen.pairs, seen.pairs.positions
    first = place[Arm.CONTROL] < place[Arm.TREATMENT]
    return order_gate(pairs.control, pairs.treatment, first, seen.codes)


def _answers_are_alike(seen: Evidence) -> Gate:
    differing = seen.pairs.differing
    return mismatch_gate(differing[Arm.TREATMENT], differing[Arm.CONTROL_AGAIN])


def _failures_are_as_many(seen: Evidence) -> Gate:
    return failure_gate(np.isinf(seen.pairs.control), np.isinf(seen.pairs.treatment))


def _caches_hit_alike(seen: Evidence) -> Sequence[Gate]:
    """One gate for each cache layer that both arms asked."""
    hits = seen.run.cache_hits()
    control, treatment = hits[Arm.CONTROL], hits[Arm.TREATMENT]
    return [
        cache_gate(
            control[layer].hits / control[layer].asked,
            treatment[layer].hits / treatment[layer].asked,
            name=f"{layer} cache hit ratios",
        )
        for layer in control
        if control[layer].asked and treatment[layer].asked
    ]


def _arms_share_nothing(seen: Evidence) -> Gate:
    shared = seen.run.metadata.shared
    return Gate(
        "arms share nothing",
        not shared,
        "; ".join(shared) or "nothing shared",
        "no pool, cache prefix or coalescer in common",
        "what one arm does must not change what another one meets",
    )


def _loop_keeps_up(seen: Evidence) -> Sequence[Gate]:
    """None where no event loop was watched."""
    health = seen.run.health.to_pandas()
    lags_ms = health.loc[health["kind"].astype(str) == "loop_lag", "value_ns"].to_numpy() / 1e6
    control_ms = seen.pairs.control * 1e3
    return [lag_gate("event-loop lag, ms", lags_ms, control_ms)] if len(lags_ms) else []


def _schedule_is_kept(seen: Evidence) -> Gate:
    return lag_gate("dispatch lag, ms", schedule_lags_s(seen.run) * 1e3, seen.pairs.control * 1e3)


def _generator_has_time(seen: Evidence) -> Gate:
    return cpu_gate(utilisation(seen.run))


def _drops_are_as_many(seen: Evidence) -> Gate:
    dropped = seen.pairs.dropped
    return failure_gate(dropped[Arm.CONTROL], dropped[Arm.TREATMENT], name="drop rates")


GateOf = Callable[[Evidence], Gate | Sequence[Gate]]

PAIRED_GATES: tuple[GateOf, ...] = (
    _control_saves_nothing,
    _second_place_pays_nothing,
    _answers_are_alike,
    _failures_are_as_many,
    _caches_hit_alike,
    _arms_share_nothing,
    _loop_keeps_up,
)
"""A paired run has no schedule to keep, and its generator may use all of a core."""

LOAD_GATES: tuple[GateOf, ...] = (
    _control_saves_nothing_under_load,
    _answers_are_alike,
    _failures_are_as_many,
    _caches_hit_alike,
    _arms_share_nothing,
    _loop_keeps_up,
    _schedule_is_kept,
    _generator_has_time,
    _drops_are_as_many,
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
