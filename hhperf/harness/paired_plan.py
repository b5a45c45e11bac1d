"""The plan of a paired replay: which requests, and in which order the arms get each.

Pure and seeded: the same log, arguments and seed give the same plan.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, pairwise, permutations
from pathlib import Path

import numpy as np

from hhperf.errors import PlanError, QueryLogError
from hhperf.harness.plan_checks import Common, check_common, check_counts, choice
from hhperf.harness.purge import check_before_each, program_of
from hhperf.harness.replay_plan import CacheState, Log, Order, ReplayPlan, draws_and_orders
from hhperf.harness.target import Request
from hhperf.runs.arrays import Integers
from hhperf.runs.metadata import PairedDesign
from hhperf.runs.observation import Arm
from hhperf.shown import counted

ARM_ORDERS = tuple(permutations(Arm))


@dataclass(frozen=True, slots=True)
class Pair:
    """One request and the order in which the arms get it."""

    number: int
    repetition: int
    request: Request
    order: tuple[Arm, ...]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PairedPlan(ReplayPlan):
    """A paired replay before it happens; made by `plan_pairs`.

    Attributes:
        arm_orders: for each pair its place in `ARM_ORDERS`; shape (n × repetitions,).
        repetitions: how often the picks are gone through.
        in_flight: pairs measured at the same time.
        extra_time_s: for how long to go on with fresh pairs in place of what stalls of the machine
            hid; None for half of what the planned ones took.
        before_each: a command that empties the caches before each request; None for none.
        looks: after how many pairs to look whether they are enough.
    """

    arm_orders: Integers
    repetitions: int
    in_flight: int
    extra_time_s: float | None = None
    before_each: str | None = None
    looks: tuple[int, ...] = ()

    def __repr__(self) -> str:
        pairs, log = counted(len(self), "pair"), Path(self.log.source).name
        return (
            f"PairedPlan({pairs} of {log!r}, {self.in_flight} in flight, cache {self.cache_state})"
        )

    def __len__(self) -> int:
        return len(self.arm_orders)

    @property
    def arms(self) -> tuple[Arm, ...]:
        """All of them."""
        return tuple(Arm)

    def pairs(self) -> Iterator[Pair]:
        """The pairs one by one, in the order of measuring."""
        for number, order in enumerate(self.arm_orders):
            repetition, place = divmod(number, len(self.picks))
            request = self.log[int(self.picks[place])]
            yield Pair(number, repetition, request, ARM_ORDERS[order])

    def fresh_pairs(self) -> Iterator[Pair]:
        """Without end, what comes after the planned pairs: the next requests of the log.

        A log that is through begins again; where requests are drawn, further ones are.
        """
        draws, orders = draws_and_orders(self.seed, "fresh")
        block = len(ARM_ORDERS)
        after = int(self.picks[-1]) + 1
        for first in count(0, block):
            picks = (
                np.arange(after + first, after + first + block) % len(self.log)
                if self.order is Order.LOG
                else draws.integers(len(self.log), size=block)
            )
            order = orders.permutation(block)
            for place, pick in enumerate(picks):
                number, request = len(self) + first + place, self.log[int(pick)]
                yield Pair(number, self.repetitions, request, ARM_ORDERS[order[place]])

    def warm_up_requests(self) -> list[Request]:
        """What to send through every arm and discard."""
        return [self.log[int(index)] for index in self.warm_up]

    def design(self, names: Mapping[Arm, str], beside: Sequence[str] = ()) -> PairedDesign:
        """What the run's metadata say of the plan.

        Args:
            names: what serves each arm.
            beside: what serves the treatments that are measured in the same pairs.
        """
        return PairedDesign(
            arms=dict(names),
            pairs=len(self),
            repetitions=self.repetitions,
            order=self.order,
            cache_state=self.cache_state,
            warm_up=len(self.warm_up),
            in_flight=self.in_flight,
            timeout_s=self.timeout_s,
            extra_time_s=self.extra_time_s,
            before_each=None if self.before_each is None else program_of(self.before_each),
            looks=self.looks,
            beside=tuple(beside),
        )


def plan_pairs(  # noqa: PLR0913  each has a name at the call
    log: Log,
    *,
    cache_state: CacheState | str,
    seed: int,
    pairs: int | None = None,
    order: Order | str = Order.LOG,
    warm_up: int = 20,
    in_flight: int = 1,
    repetitions: int = 1,
    timeout_s: float = 30.0,
    extra_time_s: float | None = None,
    before_each: str | None = None,
    looks: Sequence[int] = (),
) -> PairedPlan:
    """Plan a paired replay.

    Arm orders are balanced: each block of six pairs has the six orders once, shuffled.

    Args:
        log: the query log.
        cache_state: `cold`, `warm` or `natural`.
        seed: for the draws and the arm orders.
        pairs: requests to measure; None for all that the warm-up leaves.
        order: `log` (the warm-up takes the first requests) or `draw`, with replacement.
        warm_up: requests sent first through every arm and discarded.
        in_flight: pairs measured at the same time.
        repetitions: how often the requests are gone through.
        timeout_s: when a request is given up.
        extra_time_s: for how long to go on with fresh pairs of the log in place of what stalls of
            the machine hid; None for half of what the planned ones took, 0 for not at all.
        before_each: a shell command that empties the caches, run before each request to each arm,
            which it finds in `HHPERF_ARM`; its time is no part of a latency, and its failure ends
            the replay. Takes `in_flight` 1.
        looks: after how many pairs to look whether they are enough (`enough` of the replay); fewer
            pairs than are planned, ascending. Intervals allow for them.

    Raises:
        QueryLogError: the log has too few requests.
        PlanError: a number is out of bounds, or there is no such cache state or order.

    Example:
        >>> log = hhperf.load_query_log()
        >>> len(hhperf.plan_pairs(log, cache_state="cold", seed=0, pairs=40))
        40
    """
    counts = {"pairs": pairs, "in_flight": in_flight, "repetitions": repetitions}
    check_paired(cache_state, order, (warm_up, timeout_s, seed, extra_time_s), **counts)
    if before_each is not None:
        check_before_each(before_each, in_flight)
    draws, orders = draws_and_orders(seed)
    warm_ups, picks = (
        _from_start(log, warm_up, pairs)
        if Order(order) is Order.LOG
        else _drawn(log, warm_up, pairs, draws)
    )
    check_counts(1, pairs=len(picks) * repetitions)
    return PairedPlan(
        log=log,
        picks=picks,
        arm_orders=_balanced(len(picks) * repetitions, orders),
        warm_up=warm_ups,
        repetitions=repetitions,
        order=Order(order),
        cache_state=CacheState(cache_state),
        in_flight=in_flight,
        timeout_s=timeout_s,
        extra_time_s=extra_time_s,
        before_each=before_each,
        looks=_looks(looks, len(picks) * repetitions),
        seed=seed,
    )


def check_paired(cache_state: object, order: object, common: Common, **counts: object) -> None:
    """Make sure of what a paired replay is planned by, as far as it does not depend on the log.

    Raises:
        PlanError: a number is out of bounds, or there is no such word.
    """
    choice(CacheState, cache_state, "cache_state")
    choice(Order, order, "order")
    check_common(*common)
    check_counts(1, **counts)


def _looks(looks: Sequence[int], pairs: int) -> tuple[int, ...]:
    wanted = (0, *looks, pairs)
    if any(earlier >= later for earlier, later in pairwise(wanted)):
        raise PlanError(f"looks {tuple(looks)} must ascend, from 1 to below the {pairs:,} pairs")
    return tuple(looks)


def _from_start(log: Log, warm_up: int, pairs: int | None) -> tuple[Integers, Integers]:
    wanted = warm_up + (1 if pairs is None else pairs)
    if len(log) < wanted:
        raise QueryLogError(
            f"has {len(log)} requests, needs {wanted} ({warm_up} of them for the warm-up):"
            " take fewer, or draw with replacement (order 'draw')",
            path=log.source,
        )
    end = len(log) if pairs is None else wanted
    return np.arange(warm_up), np.arange(warm_up, end)


def _drawn(
    log: Log, warm_up: int, pairs: int | None, rng: np.random.Generator
) -> tuple[Integers, Integers]:
    if not len(log):
        raise QueryLogError("has no requests to draw from", path=log.source)
    picks = rng.integers(len(log), size=len(log) if pairs is None else pairs)
    return rng.integers(len(log), size=warm_up), picks


def _balanced(count: int, rng: np.random.Generator) -> Integers:
    blocks = -(-count // len(ARM_ORDERS))
    orders = np.tile(np.arange(len(ARM_ORDERS)), (blocks, 1))
    return rng.permuted(orders, axis=1).ravel()[:count]
