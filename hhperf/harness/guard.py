"""Holds a replay to what it may do to targets elsewhere: ceilings, consent, pace."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from hhperf.errors import InterruptionError, PlanError
from hhperf.harness.load_plan import LoadPlan
from hhperf.harness.pace import Pace
from hhperf.harness.paired_plan import PairedPlan
from hhperf.harness.safety import MayBeElsewhere, Safety
from hhperf.harness.target import Target
from hhperf.interrupts import breaking_off
from hhperf.runs.observation import Arm
from hhperf.workload.schedules import ClosedLoop, Schedule

Plan = TypeVar("Plan", PairedPlan, LoadPlan)

WINDOW_S = 10.0
"""Over which the rate of a schedule is taken: a burst within it is what real traffic has."""

CHANCE = 4.0
"""Standard deviations by which random arrivals in a window may exceed their mean."""


@dataclass(frozen=True, slots=True)
class Guard:
    """What holds for a replay some of whose targets are elsewhere.

    Attributes:
        safety: the strictest of what holds for each.
        places: where each such arm is.
    """

    safety: Safety
    places: Mapping[Arm, str]

    def sentence(self, plans: Sequence[PairedPlan | LoadPlan]) -> str:
        """What would be sent where, such as `18,000 requests to https://search.example.com, …`.

        Raises:
            PlanError: as for `check`.
        """
        counts: Counter[str] = Counter()
        for plan in plans:
            for arm in plan.arms:
                if arm in self.places:
                    counts[self.places[arm]] += _requests(plan, arm)
        to = " and ".join(f"{count:,} requests to {place}" for place, count in counts.items())
        for plan in plans:
            self.check(plan)
        most = min(max(map(_in_flight, plans)), self.safety.max_in_flight)
        return f"{to}, at most {most:,} at once, {self.safety.max_rate_hz:g} a second"

    def held(self, plan: Plan) -> Plan:
        """The plan with no more requests in flight than may be.

        Raises:
            PlanError: as for `check`.
        """
        self.check(plan)
        if isinstance(plan, LoadPlan):
            return replace(plan, max_in_flight=min(plan.max_in_flight, self.safety.max_in_flight))
        return plan

    def check(self, plan: PairedPlan | LoadPlan) -> None:
        """Make sure that a plan can be held to the ceilings without being another one.

        Raises:
            PlanError: it has more clients, pairs in flight or requests per second than may be.
        """
        if isinstance(plan, LoadPlan):
            clients = [each.clients for each in plan.loads if isinstance(each, ClosedLoop)]
            self._check("clients", max(clients, default=0))
            rates = [peak_hz(each) for each in plan.loads if isinstance(each, Schedule)]
            self._check_rate(max(rates, default=0.0))
        else:
            self._check("pairs in flight", plan.in_flight)

    def ask(self, plan: PairedPlan | LoadPlan) -> None:
        """Have it confirmed, where somebody is to be asked.

        Raises:
            PlanError: it was not.
        """
        confirm, said = self.safety.confirm, self.sentence([plan])
        if confirm is not None and not confirm(said):
            raise PlanError(f"not confirmed, and nothing was sent: {said}")

    def pace(self, workers: int = 1) -> Pace:
        """One worker's share of the rate."""
        return Pace(self.safety.max_rate_hz / workers)

    def _check(self, what: str, count: int) -> None:
        if count > self.safety.max_in_flight:
            raise PlanError(
                f"{count} {what} to {self._where}: at most {self.safety.max_in_flight} are allowed"
                " to a machine that is not this one; allow more by max_in_flight (--max-in-flight)"
            )

    def _check_rate(self, rate_hz: float) -> None:
        most = self.safety.max_rate_hz
        if rate_hz > most + CHANCE * (most / WINDOW_S) ** 0.5:
            raise PlanError(
                f"{rate_hz:.0f} requests a second to {self._where}: at most {most:g} are allowed to"
                " a machine that is not this one; allow more by max_rate_hz (--max-rate)"
            )

    @property
    def _where(self) -> str:
        return " and ".join(dict.fromkeys(self.places.values()))


def guard_of(targets: Mapping[Arm, Target]) -> Guard | None:
    """What holds for these targets; None where all are this machine, or cannot tell.

    Names are looked up, which takes a moment.
    """
    asked = {arm: each for arm, each in targets.items() if isinstance(each, MayBeElsewhere)}
    found = {arm: where for arm, each in asked.items() if (where := each.elsewhere()) is not None}
    if not found:
        return None
    places = {arm: where.place for arm, where in found.items()}
    return Guard(_strictest([where.safety for where in found.values()]), places)


def _strictest(each: Sequence[Safety]) -> Safety:
    return Safety(
        max_rate_hz=min(one.max_rate_hz for one in each),
        max_in_flight=min(one.max_in_flight for one in each),
        abort_errors=min(one.abort_errors for one in each),
        abort_factor=_least(one.abort_factor for one in each),
        abort_latency_s=_least(one.abort_latency_s for one in each),
        confirm=next((one.confirm for one in each if one.confirm), None),
    )


def _least(bounds: Iterable[float | None]) -> float | None:
    return min((each for each in bounds if each is not None), default=None)


def _requests(plan: PairedPlan | LoadPlan, arm: Arm) -> int:
    if isinstance(plan, PairedPlan):
        return len(plan) + len(plan.warm_up)
    blocks = [block for block in plan.blocks if block.arm is arm]
    return sum(len(plan.loads[block.round]) + len(plan.warm_up) for block in blocks)


def _in_flight(plan: PairedPlan | LoadPlan) -> int:
    if isinstance(plan, PairedPlan):
        return plan.in_flight
    clients = [each.clients for each in plan.loads if isinstance(each, ClosedLoop)]
    return max(clients) if len(clients) == len(plan.loads) else plan.max_in_flight


def peak_hz(schedule: Schedule) -> float:
    """Requests per second in the fullest ten seconds of a schedule; of a shorter one over all."""
    window_ns = round(WINDOW_S * 1e9)
    if schedule.span_ns <= window_ns:
        return schedule.rate_hz
    at_ns = schedule.at_ns
    within = np.searchsorted(at_ns, at_ns + window_ns) - np.arange(len(at_ns))
    return float(within.max(initial=0) / WINDOW_S)


def ask(guard: Guard, plan: PairedPlan | LoadPlan) -> None:
    """Have it confirmed that the plan is sent; an interrupt is heeded while that is waited for.

    Raises:
        PlanError: it is not confirmed.
        InterruptionError: it was interrupted.
    """
    try:
        with breaking_off("nothing was sent"):
            guard.ask(plan)
    except KeyboardInterrupt as interrupt:
        raise InterruptionError(str(interrupt)) from None
