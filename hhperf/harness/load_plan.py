"""The plan of a replay under load: blocks of one arm each, one after the other (a switchback).

A round has one block of each arm, all with the same requests at the same times, so that what a
block meets by chance of its requests or of their arrivals meets the other arms too. The order of
the arms is drawn, and mirrored in the round after, so that a drift falls on all alike. Pure and
seeded.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice, permutations, repeat
from pathlib import Path

import numpy as np

from hhperf.errors import PlanError, QueryLogError
from hhperf.harness.plan_checks import check_common, check_counts, choice
from hhperf.harness.replay_plan import CacheState, Log, Order, ReplayPlan, draws_and_orders
from hhperf.runs.arrays import Floats, Integers
from hhperf.runs.metadata import SwitchbackDesign
from hhperf.runs.observation import Arm
from hhperf.shown import counted
from hhperf.workload.schedules import MOST_REQUESTS, ClosedLoop, Schedule

Load = Schedule | ClosedLoop

PREVIEW_CHARS = 60
MOST_SPARE = 1_000
"""Rounds that a plan is extended by, at most."""


@dataclass(frozen=True, slots=True)
class Block:
    """One arm under load for a while.

    Attributes:
        number: counted over the run from 0.
        round: the round it is in, from 0.
        position: its place in the round, from 0.
        arm: the arm that gets the load.
    """

    number: int
    round: int
    position: int
    arm: Arm


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LoadPlan(ReplayPlan):
    """A replay under load before it happens; made by `plan_load`.

    Attributes:
        loads: the load of each round; its picks are sent round after round.
        blocks: in the order of measuring; each sends and discards the warm-up first.
        max_in_flight: requests under way at most; more are dropped.
        settle_s: how long to wait after a block for what is under way.
        extra_time_s: for how long to go on with fresh rounds in place of what stalls of the machine
            hid; None for half of what the planned ones took. A closed loop is never gone on with.
    """

    loads: tuple[Load, ...]
    blocks: tuple[Block, ...]
    max_in_flight: int
    settle_s: float
    extra_time_s: float | None = None

    def __repr__(self) -> str:
        requests, load = counted(len(self), "request"), self.loads[0].label
        arms = counted(len(self.arms), "arm")
        return f"LoadPlan({requests} of {Path(self.log.source).name!r} for {arms}, {load})"

    def __len__(self) -> int:
        return len(self.picks)

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The arms that get the load, in their usual order."""
        used = {block.arm for block in self.blocks}
        return tuple(arm for arm in Arm if arm in used)

    def first_pair(self, number: int) -> int:
        """The number of a round's first pair."""
        return sum(map(len, self.loads[:number]))

    def picks_of(self, number: int) -> Integers:
        """Which requests of the log a round sends; shape (n,)."""
        first = self.first_pair(number)
        return self.picks[first : first + len(self.loads[number])]

    def extended(self) -> "LoadPlan":
        """This plan, and after its rounds as many fresh ones as there can be time for.

        They have its loads once more and the next requests of the log, which begins again at its
        end; where requests are drawn, further ones are.
        """
        spare = self._spare_rounds()
        loads = tuple(islice(cycle(self.loads), spare))
        draws, orders = draws_and_orders(self.seed, "fresh")
        pairs = sum(map(len, loads))
        picks = _picked(self.log, self.order, pairs, draws, after=int(self.picks[-1]) + 1)
        blocks = tuple(
            replace(
                block, number=block.number + len(self.blocks), round=block.round + len(self.loads)
            )
            for block in _blocks(spare, self.arms, orders)
        )
        return replace(
            self,
            loads=self.loads + loads,
            picks=np.concatenate([self.picks, picks]),
            blocks=self.blocks + blocks,
        )

    def _spare_rounds(self) -> int:
        spans_s = [each.span_ns / 1e9 for each in self.loads if isinstance(each, Schedule)]
        if len(spans_s) < len(self.loads) or self.extra_time_s == 0:
            return 0
        if self.extra_time_s is None:
            return (len(self.loads) + 1) // 2
        return min(math.ceil(self.extra_time_s / (min(spans_s) * len(self.arms))), MOST_SPARE)

    def design(self, names: Mapping[Arm, str], workers: int = 1) -> SwitchbackDesign:
        """What the run's metadata say of the plan, given what serves each arm."""
        first = self.loads[0]
        return SwitchbackDesign(
            arms=dict(names),
            blocks=tuple(block.arm for block in self.blocks),
            rounds=len(self.loads),
            pairs=len(self),
            load=first.label,
            offered_hz=first.rate_hz if isinstance(first, Schedule) else None,
            clients=first.clients if isinstance(first, ClosedLoop) else None,
            order=self.order,
            cache_state=self.cache_state,
            warm_up=len(self.warm_up),
            max_in_flight=self.max_in_flight,
            timeout_s=self.timeout_s,
            workers=workers,
            extra_time_s=self.extra_time_s,
        )

    def preview(self) -> Iterator[str]:
        """What would be sent, a line each: block, arm, seconds into the block, request, text.

        In a closed loop the times are those of a service that answers at once.
        """
        for block in self.blocks:
            load = self.loads[block.round]
            for at_s, pick in zip(_at_s(load), self.picks_of(block.round), strict=True):
                request = self.log[int(pick)]
                said = str(request.body.get("query") or request.body.get("jobDescription") or "")
                yield (
                    f"{block.number:>4}  {block.arm:<13}  {at_s:>10.3f}  {request.request_id}"
                    f"  {request.tenant}  {' '.join(said.split())[:PREVIEW_CHARS]}"
                ).rstrip()


def plan_load(  # noqa: PLR0913  each has a name at the call
    log: Log,
    load: Load | Iterable[Load],
    *,
    cache_state: CacheState | str,
    seed: int,
    rounds: int = 2,
    arms: Sequence[Arm] = tuple(Arm),
    order: Order | str = Order.LOG,
    warm_up: int = 20,
    max_in_flight: int = 1000,
    timeout_s: float = 30.0,
    settle_s: float | None = None,
    extra_time_s: float | None = None,
) -> LoadPlan:
    """Plan a replay under load.

    Args:
        log: the query log.
        load: when requests are due, or how many clients there are; one for each round, or one that
            every round repeats.
        cache_state: `cold`, `warm` or `natural`, to be declared by whoever compares.
        seed: of the arms' orders and of draws.
        rounds: how many rounds, where one load is given.
        arms: those to put under load; a single one has no comparison but a latency.
        order: `log` goes through the log and begins again at its end, `draw` draws with
            replacement.
        warm_up: requests sent at the load's mean rate at the beginning of each block, discarded.
        max_in_flight: requests under way at most; what comes due beyond it is dropped and counted.
        timeout_s: when a request is given up.
        settle_s: how long to wait after a block's last request for those under way; `timeout_s`
            when None. What is not answered by then is recorded as a timeout.
        extra_time_s: for how long to go on with fresh rounds of an open loop in place of what
            stalls of the machine hid; None for half of what the planned ones took, 0 for not at
            all. A round begins while a quarter of it fits in, and is gone through.

    Raises:
        QueryLogError: the log is empty.
        PlanError: a number is out of bounds.

    Example:
        >>> log = hhperf.load_query_log()
        >>> load = hhperf.schedules.poisson(hhperf.schedules.constant(5, duration_s=4), seed=0)
        >>> plan = hhperf.plan_load(log, load, cache_state="cold", seed=0, rounds=3)
        >>> len(plan.loads)
        3
    """
    check_counts(0, rounds=rounds)
    given = repeat(load, rounds) if isinstance(load, Schedule | ClosedLoop) else load
    loads = _within_bounds(given)
    if not loads:
        raise PlanError("rounds is 0, must be at least 1")
    if not arms or len(set(arms)) < len(arms):
        raise PlanError(f"arms is {list(arms)}, must be one or more, each once")
    check_counts(1, max_in_flight=max_in_flight)
    check_common(warm_up, timeout_s, seed, extra_time_s)
    taken, state = choice(Order, order, "order"), choice(CacheState, cache_state, "cache_state")
    if not len(log):
        raise QueryLogError("has no requests to send", path=log.source)
    draws, orders = draws_and_orders(seed)
    pairs = sum(map(len, loads))
    picks = _picked(log, taken, pairs, draws)
    return LoadPlan(
        log=log,
        loads=loads,
        picks=picks,
        warm_up=draws.integers(len(log), size=warm_up),
        blocks=_blocks(len(loads), arms, orders),
        order=taken,
        cache_state=state,
        max_in_flight=max_in_flight,
        timeout_s=timeout_s,
        settle_s=timeout_s if settle_s is None else settle_s,
        extra_time_s=extra_time_s,
        seed=seed,
    )


def _within_bounds(loads: Iterable[Load]) -> tuple[Load, ...]:
    """The rounds' loads, taken one after the other: they may be made as they are taken."""
    found, requests = [], 0
    for each in loads:
        requests += len(each)
        if requests > MOST_REQUESTS:
            raise PlanError(f"the rounds hold {requests:,} requests; {MOST_REQUESTS:,} is the most")
        found.append(each)
    return tuple(found)


def _picked(
    log: Log, order: Order, count: int, draws: np.random.Generator, after: int = 0
) -> Integers:
    """The next requests of a log that begins again at its end, or as many drawn ones."""
    if order is Order.LOG:
        return (after + np.arange(count)) % len(log)
    return draws.integers(len(log), size=count)


def _blocks(rounds: int, arms: Sequence[Arm], rng: np.random.Generator) -> tuple[Block, ...]:
    """Each round's arms in an order of their own."""
    orders = islice(_orders(arms, rng), rounds)
    return tuple(
        Block(number * len(arms) + position, number, position, arm)
        for number, order in enumerate(orders)
        for position, arm in enumerate(order)
    )


def _orders(arms: Sequence[Arm], rng: np.random.Generator) -> Iterator[tuple[Arm, ...]]:
    """Orders without end: each followed by its mirror image, all as often as any other."""
    places = {arm: place for place, arm in enumerate(arms)}
    every = permutations(arms)
    halves = [order for order in every if places[order[0]] <= places[order[-1]]]
    while True:
        for number in rng.permutation(len(halves)):
            order = halves[number][:: rng.choice((1, -1))]
            yield order
            yield order[::-1]


def _at_s(load: Load) -> Floats:
    if isinstance(load, Schedule):
        return load.at_ns / 1e9
    at_ns = np.empty(len(load))
    for client in range(load.clients):
        at_ns[client :: load.clients] = np.cumsum(load.think_ns[client :: load.clients])
    return at_ns / 1e9
