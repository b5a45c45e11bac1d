"""The gates of a run: to add one, write a function of what a run shows and list it below."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hhperf.analysis.censoring import Censoring, met_stall
from hhperf.analysis.decision import Gate
from hhperf.analysis.open_loop import BothCensored
from hhperf.analysis.period import PeriodEffect
from hhperf.analysis.savings import QUANTILES
from hhperf.runs.arrays import Flags, Floats, Integers
from hhperf.runs.metadata import PairedDesign, SwitchbackDesign
from hhperf.runs.observation import Arm
from hhperf.runs.pairs import RecordedPairs
from hhperf.runs.run import Run
from hhperf.runs.stalls import Stalls
from hhperf.verdict.caching_gates import (
    cache_answers_gate,
    cached_answers_gate,
    failures_of,
    varied_answers_gate,
)
from hhperf.verdict.effect_gates import aa_gates, aa_gates_under_load
from hhperf.verdict.generator_gates import (
    clock_gate,
    cpu_gate,
    dispatch_gate,
    levels_of,
    loop_gate,
)
from hhperf.verdict.generator_health import drift_of, schedule_ns, utilisation
from hhperf.verdict.likeness_gates import cache_gate, failure_gate, mismatch_gate, shared_gate
from hhperf.verdict.order_effects import (
    arm_by_place_gate,
    carry_over_gate,
    make_crossover,
    period_effect,
)
from hhperf.verdict.stalled import arrivals_censored_by, censored_by, without_stalled_time


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What gates look at.

    Attributes:
        run: any run.
        pairs: its pairs, by the statistic that is compared.
        codes: the cluster of each pair, shape (n,); None for single pairs.
        seed: of the bootstrap.
        quantiles: that are compared, in 0..1.
        stalls: of the machine; None where nothing looked for them.
    """

    run: Run
    pairs: RecordedPairs
    codes: Integers | None = None
    seed: int = 0
    quantiles: Sequence[float] = QUANTILES
    stalls: Stalls | None = None

    @property
    def order_s(self) -> dict[Arm, Floats]:
        """Each arm's latencies, of which stalls are taken off, in seconds."""
        if self.stalls is None:
            return {arm: getattr(self.pairs, arm) for arm in Arm}
        return {arm: without_stalled_time(self.stalls, self.pairs, arm) for arm in Arm}

    def censoring(self, treatment: Arm = Arm.TREATMENT) -> Censoring | None:
        """What stalls hid of the control and what it is compared with; None where none is known."""
        if self.stalls is None or not len(self.stalls):
            return None
        return censored_by(self.stalls, self.pairs, treatment)

    def arrivals_censoring(self, treatment: Arm = Arm.TREATMENT) -> BothCensored | None:
        """The same under load; None where no request met a stall."""
        if self.stalls is None or not len(self.stalls):
            return None
        control, other = (
            arrivals_censored_by(self.stalls, self.pairs, arm) for arm in (Arm.CONTROL, treatment)
        )
        met = met_stall(self.pairs.control, control.clean) | control.left_out
        other_met = met_stall(getattr(self.pairs, treatment), other.clean) | other.left_out
        return (control, other) if met.any() or other_met.any() else None

    def stalled(self, at_ns: Integers) -> Flags:
        """Whether moments, in ns on the run's clock, lay within a stall; shape (n,)."""
        if self.stalls is None:
            return np.zeros(len(at_ns), dtype=np.bool_)
        return self.stalls.covers(at_ns)


def gates_of(seen: Evidence) -> tuple[Gate, ...]:
    """What a statistic, or all of them, have no verdict without."""
    is_load = isinstance(seen.run.metadata.design, SwitchbackDesign)
    found: list[Gate] = []
    for look in LOAD_GATES if is_load else PAIRED_GATES:
        one_or_more = look(seen)
        found += [one_or_more] if isinstance(one_or_more, Gate) else one_or_more
    return tuple(found)


def _results_are_cached_as_declared(seen: Evidence) -> Sequence[Gate]:
    """None where the result cache tells nothing, or nothing happened."""
    place = seen.pairs.positions
    found = cached_answers_gate(
        seen.run.metadata, seen.pairs.hits, place[Arm.CONTROL_AGAIN] < place[Arm.CONTROL]
    )
    return [] if found is None else [found]


def _the_cache_answers(seen: Evidence) -> Sequence[Gate]:
    """None where it is not known."""
    found = cache_answers_gate(failures_of(seen.run))
    return [] if found is None else [found]


def _varying_changes_no_answer(seen: Evidence) -> Sequence[Gate]:
    """None where nothing was varied."""
    field = seen.run.metadata.conditions.vary
    differing = seen.pairs.differing[Arm.CONTROL_AGAIN]
    return [] if field is None else [varied_answers_gate(differing, field)]


def _control_saves_nothing(seen: Evidence) -> Sequence[Gate]:
    pairs, timeout_s = seen.pairs, seen.run.metadata.design.timeout_s
    return aa_gates(
        pairs.control,
        pairs.control_again,
        seen.quantiles,
        seen.codes,
        timeout=timeout_s,
        seed=seen.seed,
        censoring=seen.censoring(Arm.CONTROL_AGAIN),
    )


def _control_saves_nothing_under_load(seen: Evidence) -> Sequence[Gate]:
    pairs = seen.pairs
    return aa_gates_under_load(
        pairs.control,
        pairs.control_again,
        seen.quantiles,
        seed=seen.seed,
        censoring=seen.arrivals_censoring(Arm.CONTROL_AGAIN),
    )


def _order_is_harmless(seen: Evidence) -> Sequence[Gate]:
    latency_s, place = seen.order_s, seen.pairs.positions
    found = make_crossover(
        latency_s[Arm.CONTROL],
        latency_s[Arm.TREATMENT],
        latency_s[Arm.CONTROL_AGAIN],
        place=place[Arm.TREATMENT],
        again_first=place[Arm.CONTROL_AGAIN] < place[Arm.CONTROL],
        clusters=seen.codes,
    )
    return [carry_over_gate(found), arm_by_place_gate(found)]


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
    return shared_gate(seen.run.metadata.shared)


def _loop_keeps_up(seen: Evidence) -> Sequence[Gate]:
    """None where no event loop was watched."""
    is_paired = isinstance(seen.run.metadata.design, PairedDesign)
    levels = levels_of(seen.pairs.control * 1e3, seen.quantiles, mean=is_paired)
    found = loop_gate_of(seen.run, levels, seen.stalls)
    return [] if found is None else [found]


def loop_gate_of(
    run: Run, levels: Mapping[str, float], stalls: Stalls | None = None
) -> Gate | None:
    """The event loop's lag must be small; None where no loop was watched.

    Args:
        run: any run.
        levels: the control's value at each statistic, in ms.
        stalls: of the machine; lags within them are left out.
    """
    health, design = run.health.to_pandas(), run.metadata.design
    looks = health[health["kind"].astype(str) == "loop_lag"]
    if looks.empty:
        return None
    lags_ns, due_ns = looks["value_ns"].to_numpy(), looks["at_ns"].to_numpy()
    return loop_gate(
        lags_ns / 1e6,
        levels,
        stalled=None if stalls is None else stalls.covers(due_ns + lags_ns // 2),
        alone=isinstance(design, PairedDesign) and design.in_flight == 1,
    )


def _schedule_is_kept(seen: Evidence) -> Gate:
    due_ns, sent_ns = schedule_ns(seen.run)
    return dispatch_gate(
        (sent_ns - due_ns) / 1e6,
        seen.pairs.control * 1e3,
        stalled=seen.stalled((due_ns + sent_ns) // 2),
    )


def _clocks_are_known(seen: Evidence) -> Sequence[Gate]:
    """None where all that sent had one clock, or no common schedule."""
    design = seen.run.metadata.design
    health = seen.run.health.to_pandas()
    within = health[health["kind"].astype(str) == "clock_within"]["value_ns"].to_numpy() / 1e6
    if not len(within) or not isinstance(design, SwitchbackDesign) or design.offered_hz is None:
        return []
    return [clock_gate(within, drift_of(health), seen.pairs.control * 1e3)]


def _generator_has_time(seen: Evidence) -> Gate:
    return cpu_gate(utilisation(seen.run, seen.stalls))


def _drops_are_as_many(seen: Evidence) -> Gate:
    dropped = seen.pairs.dropped
    return failure_gate(dropped[Arm.CONTROL], dropped[Arm.TREATMENT], name="drop rates")


GateOf = Callable[[Evidence], Gate | Sequence[Gate]]

PAIRED_GATES: tuple[GateOf, ...] = (
    _the_cache_answers,
    _results_are_cached_as_declared,
    _varying_changes_no_answer,
    _control_saves_nothing,
    _order_is_harmless,
    _answers_are_alike,
    _failures_are_as_many,
    _caches_hit_alike,
    _arms_share_nothing,
    _loop_keeps_up,
)
"""A paired run has no schedule to keep, and its generator may use all of a core."""

LOAD_GATES: tuple[GateOf, ...] = (
    _the_cache_answers,
    _results_are_cached_as_declared,
    _varying_changes_no_answer,
    _control_saves_nothing_under_load,
    _answers_are_alike,
    _failures_are_as_many,
    _caches_hit_alike,
    _arms_share_nothing,
    _loop_keeps_up,
    _schedule_is_kept,
    _clocks_are_known,
    _generator_has_time,
    _drops_are_as_many,
)


def period_of(seen: Evidence) -> PeriodEffect | None:
    """What going first costs, told beside the gates; None under load, where arms take turns."""
    if isinstance(seen.run.metadata.design, SwitchbackDesign):
        return None
    latency_s, place = seen.order_s, seen.pairs.positions
    first = place[Arm.CONTROL] < place[Arm.TREATMENT]
    return period_effect(latency_s[Arm.CONTROL], latency_s[Arm.TREATMENT], first, seen.codes)
