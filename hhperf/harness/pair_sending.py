"""Sends the pairs of a paired replay, and has what came of them written."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from time import perf_counter_ns

import numpy as np
from tqdm import tqdm

from hhperf.errors import TargetError
from hhperf.harness.abort import Abort
from hhperf.harness.flight import Attempt, attempt
from hhperf.harness.fresh_pairs import FreshPairs
from hhperf.harness.health import watched
from hhperf.harness.pace import Pace
from hhperf.harness.pair_observations import pair_observations
from hhperf.harness.paired_plan import Pair, PairedPlan
from hhperf.harness.preparation import perform_all
from hhperf.harness.purge import Purge
from hhperf.harness.sides import Side, arms_of, sides_of
from hhperf.harness.silence import Answering, Silence
from hhperf.harness.stopper import Enough, Stopper
from hhperf.harness.supervision import Supervision
from hhperf.harness.target import Target
from hhperf.harness.tidying import EVERY_PAIRS, tidy
from hhperf.long_work import lengthen, progress_bar
from hhperf.runs.ending import PLAN, STOP_RULE
from hhperf.runs.gaps import Gap
from hhperf.runs.observation import Arm, HealthSample, Observation, Outcome
from hhperf.runs.resuming import as_cancelled
from hhperf.runs.run import load_run
from hhperf.runs.writer import RunWriter


@dataclass(slots=True)
class PairSending:
    """A replay under way.

    Attributes:
        plan: what is sent.
        sides: everybody who gets it.
        runs: for each treatment what serves the arms of its run, and what writes it.
        stopper: says when to end early.
        abort: ends it where a target elsewhere answers worse than it may.
        pace: of requests; None for back to back.
        supervision: of the parts that the targets stand on.
        fresh: the pairs that are to be sent.

    A pair that met a part which was gone is marked as cancelled before it is written, so that
    nobody compares it; which pairs these are goes by when the part was gone, and not by what came
    of them. They are not sent again: the pairs of the plan that follow are as good as any.
    """

    plan: PairedPlan
    sides: Mapping[Side, Target]
    runs: Sequence[tuple[Mapping[Arm, str], RunWriter]]
    stopper: Stopper
    abort: Abort
    pace: Pace | None
    supervision: Supervision
    fresh: FreshPairs
    silence: Silence = field(default_factory=Silence)
    _under_way: set[int] = field(default_factory=set)
    _voided: int = 0
    _pauses_told: int = 0

    async def measure(self, enough: Enough | None, *, goes_on: bool, progress: bool | None) -> str:
        """Send the pairs up to each look, and on unless it is enough; then those to the end.

        Returns:
            What ended it.

        Raises:
            TargetError: nothing answers any more.
        """
        fresh = self.fresh
        with progress_bar("measure", len(self.plan), progress) as bar:
            bar.update(len(fresh.done))
            pairs = fresh.pairs(partial(lengthen, bar), goes_on=goes_on)
            for look in self.plan.looks:
                came = await self._send(fresh.up_to(pairs, look), bar)
                is_new = came or not fresh.is_past(look)
                if is_new and enough is not None and await self._is(enough, bar):
                    return STOP_RULE
            await self._send(pairs, bar)
        return STOP_RULE if self.stopper.is_enough else PLAN

    async def _send(self, pairs: Iterator[Pair], bar: "tqdm[None]") -> int:
        """Send pairs; how many there were."""
        writers, before = _Together([writer for _, writer in self.runs]), self.fresh.taken
        async with watched(writers, bar, stalls=self.fresh.stalls) as watch:
            perform = partial(self._perform, paused_ns=watch.pauses.within_ns)
            pairs = self.stopper.until_enough(pairs)
            await perform_all(pairs, perform, self.plan.in_flight, bar)
        return self.fresh.taken - before

    async def _perform(self, pair: Pair, paused_ns: Callable[[int, int], int]) -> None:
        try:
            await self.supervision.clear()
        finally:
            self._tell_pauses()
        order = sides_of(pair, len(self.runs) - 1, self.plan.seed)
        attempts: dict[Side, Attempt] = {}
        self._under_way.add(pair.number)
        try:
            await _send_to_each(order, self.sides, pair, self.plan, attempts, self.pace)
            await self._void_if_harmed(attempts)
        finally:
            self._under_way.discard(pair.number)
            seen = self._write(pair, order, attempts, paused_ns)
            self.stopper.note(pair.number, seen)
            self.fresh.note(seen)
        self.abort.note(seen)
        if silent := self.silence.note(seen):
            self._give_up_for_now(pair, silent)
        if pair.number % EVERY_PAIRS == 0:
            await tidy(self.sides.values())

    async def _void_if_harmed(self, attempts: dict[Side, Attempt]) -> None:
        """Mark what came of a pair as cancelled if a part was gone meanwhile."""
        if any(each.is_impaired for each in attempts.values()):
            await self.supervision.look()
        begun_ns = min(each.start_ns for each in attempts.values())
        ended_ns = max(each.end_ns for each in attempts.values())
        harmed = any(each.is_impaired for each in attempts.values()) and self.supervision.is_gone
        if harmed or self.supervision.was_gone(begun_ns, ended_ns):
            self._voided += 1
            for side, each in attempts.items():
                attempts[side] = each._replace(
                    outcome=Outcome.CANCELLED, reply=None, error=each.error or "a part was gone"
                )

    def _give_up_for_now(self, pair: Pair, silent: str) -> None:
        """Nobody answers, though all parts that can be asked do: wait until the control does."""
        asker = Answering(self.sides[Arm.CONTROL], pair.request, self.plan.timeout_s, self.pace)
        since_ns = self.silence.since_ns
        self.supervision.lose({"What serves the arms": asker}, TargetError(silent), since_ns)
        refused = self.silence.pairs
        self._voided += len(refused)
        for _, writer in self.runs:
            writer.revise(partial(as_cancelled, column="pair", numbers=np.array(refused)))

    def _tell_pauses(self) -> None:
        """Say in the runs when there was a pause."""
        for pause in self.supervision.pauses[self._pauses_told :]:
            under_way = self._voided + len(self._under_way)
            for _, writer in self.runs:
                from_ns, until_ns = (
                    each - writer.epoch_ns for each in (pause.from_ns, pause.until_ns)
                )
                writer.note_gap(Gap(from_ns, until_ns, pause.reason, under_way))
            self._voided = 0
            self._pauses_told += 1

    def _write(
        self,
        pair: Pair,
        order: Sequence[Side],
        attempts: Mapping[Side, Attempt],
        paused_ns: Callable[[int, int], int],
    ) -> list[Observation]:
        """Put what came of a pair into each treatment's run; what went into the arms' own."""
        written: list[list[Observation]] = []
        for treatment, (names, writer) in zip(
            (Arm.TREATMENT, *range(len(self.runs) - 1)), self.runs, strict=True
        ):
            arms = arms_of(order, treatment)
            own = {arm: attempts[side] for side, arm in arms.items() if side in attempts}
            placed = replace(pair, order=tuple(arms.values()))
            written.append(pair_observations(placed, own, names, paused_ns))
            writer.add(*written[-1])
        return written[0]

    async def _is(self, enough: Enough, bar: "tqdm[None]") -> bool:
        """Look at what there is. Nothing is in flight, so that looking disturbs nothing."""
        bar.set_postfix_str("looking at it", refresh=True)
        for _, writer in self.runs:
            writer.flush()
        return await asyncio.to_thread(enough, [load_run(each.folder) for _, each in self.runs])


@dataclass(frozen=True, slots=True)
class _Together:
    """Writers of runs that are measured at the same time: what is seen goes into each."""

    writers: Sequence[RunWriter]

    def add_health(self, sample: HealthSample) -> None:
        for each in self.writers:
            each.add_health(sample)

    def tick(self) -> None:
        for each in self.writers:
            each.tick()


async def _send_to_each(
    order: Sequence[Side],
    targets: Mapping[Side, Target],
    pair: Pair,
    plan: PairedPlan,
    attempts: dict[Side, Attempt],
    pace: Pace | None,
) -> None:
    """Send to each in turn, back to back where no pace holds; what comes goes into `attempts`."""
    purge = None if plan.before_each is None else Purge(plan.before_each, plan.timeout_s)
    for side in order:
        if purge is not None:
            await purge.run(side if isinstance(side, Arm) else Arm.TREATMENT)
        if pace is not None:
            await pace.turn()
        start_ns = perf_counter_ns()
        try:
            attempts[side] = await attempt(targets[side], pair.request, plan.timeout_s)
        except asyncio.CancelledError:
            attempts[side] = Attempt(start_ns, perf_counter_ns(), Outcome.CANCELLED)
            raise
