"""Replays pairs: each request goes to every arm, back to back, in the order that the plan says."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from time import perf_counter_ns

from tqdm import tqdm

from hhperf.harness.abort import Abort
from hhperf.harness.flight import Attempt, attempt
from hhperf.harness.fresh_pairs import FreshPairs
from hhperf.harness.guard import guard_of
from hhperf.harness.health import watched
from hhperf.harness.pace import Pace
from hhperf.harness.paired_plan import Pair, PairedPlan
from hhperf.harness.preparation import Targets, opened, perform_all, record_all, send_unrecorded
from hhperf.harness.purge import Purge
from hhperf.harness.sides import Side, arms_of, names_by_run, sides_of
from hhperf.harness.silence import Silence
from hhperf.harness.stopper import Enough, Stopper, StopRule
from hhperf.harness.target import Reply, Target, result_digest, same_results, text_key
from hhperf.harness.tidying import EVERY_PAIRS, tidy
from hhperf.long_work import lengthen, progress_bar
from hhperf.runs.ending import PLAN, STOP_RULE
from hhperf.runs.metadata import Conditions, describe
from hhperf.runs.observation import Arm, HealthSample, Observation, Outcome
from hhperf.runs.run import Run, load_run
from hhperf.runs.writer import RunWriter, empty_folder

_NO_REPLY = Reply()


def pair_observations(
    pair: Pair,
    attempts: Mapping[Arm, Attempt],
    names: Mapping[Arm, str],
    paused_ns: Callable[[int, int], int],
) -> list[Observation]:
    """The observations of a pair, in the order of sending.

    A pair has no schedule: each request is intended, taken up and sent at the same moment.

    Args:
        pair: what was sent.
        attempts: what came of it, by arm; an arm never sent is absent.
        names: what serves each arm.
        paused_ns: how long the garbage collector ran between two points in time.
    """
    request, control = pair.request, attempts.get(Arm.CONTROL)
    key = text_key(request.body)
    observations = []
    for arm, sent in attempts.items():
        reply = sent.reply or _NO_REPLY
        observations.append(
            Observation(
                pair=pair.number,
                request_id=request.request_id,
                arm=arm,
                arm_schedule=names[arm],
                repetition=pair.repetition,
                position=pair.order.index(arm),
                tenant=request.tenant,
                session=request.session,
                text_key=key,
                intended_start_ns=sent.start_ns,
                dispatched_ns=sent.start_ns,
                start_ns=sent.start_ns,
                end_ns=sent.end_ns,
                outcome=sent.outcome,
                spans=reply.spans,
                cache_hits=reply.cache_hits,
                missing=reply.missing,
                service_ns=reply.service_ns,
                excess_ns=reply.excess_ns,
                result_count=len(reply.results),
                result_digest=result_digest(reply.results) if sent.reply else "",
                results_match=_match(arm, sent, control),
                error=sent.error,
                gc_pause_ns=paused_ns(sent.start_ns, sent.end_ns),
                cost=reply.cost,
            )
        )
    return observations


def _match(arm: Arm, sent: Attempt, control: Attempt | None) -> bool | None:
    if arm is Arm.CONTROL or control is None or control.reply is None or sent.reply is None:
        return None
    return same_results(control.reply.results, sent.reply.results)


async def replay_pairs(  # noqa: PLR0913  each has a name at the call
    plan: PairedPlan,
    targets: Targets,
    out: Path | str,
    *,
    conditions: Conditions | None = None,
    stop: StopRule | None = None,
    enough: Enough | None = None,
    beside: Mapping[Path, Target] | None = None,
    progress: bool | None = None,
) -> Run:
    """Replay the plan against the targets and record every request.

    The first Ctrl-C ends the replay early: the run is marked `interrupted` and returned with all
    that was measured; `stopped` when nothing is answered any more. In a notebook:
    `run = await hhperf.replay(...)`.

    Args:
        plan: what to send, made by `plan_pairs`.
        targets: one for each arm, no two the same; opened and closed here.
        out: the run's folder, new or empty.
        conditions: what the run's metadata say beside the plan.
        stop: ends the replay before the plan does; told each pair in the plan's order.
        enough: asked at the plan's looks whether to end, while nothing is being measured.
        beside: further treatments that get each pair too, by the folder of their run: it has the
            same controls, and shows them where it is compared.
        progress: whether to show a bar; None for only on a terminal and in a notebook.

    Raises:
        RunError: a folder is not empty or cannot be written.
        PlanError: an arm has no target, or two share one; more than may be sent to a machine that
            is not this one, or not confirmed.
        TargetError: a target cannot be opened.
        PurgeError: the command before each request failed; the run on disk is `failed`.
        asyncio.CancelledError: the calling task was cancelled; the run on disk is `interrupted`.
    """
    beside = dict(beside or {})
    folders = [empty_folder(folder) for folder in (Path(out), *beside)]
    others = list(beside.values())
    guard = await asyncio.to_thread(guard_of, targets)
    if guard is not None:
        plan = guard.held(plan)
        guard.ask(plan)
    pace = guard.pace() if guard else None
    async with opened(plan, targets, progress, others, pace) as (used, ready):
        sides: dict[Side, Target] = dict((*used.items(), *enumerate(others)))
        await send_unrecorded(
            "warm up", plan.warm_up_requests(), list(sides.values()), plan.timeout_s,
            plan.in_flight, progress, pace,
        )  # fmt: skip
        names = names_by_run(ready.names, [each.name for each in others])
        metadata = [
            describe(
                conditions or Conditions(),
                plan.log_facts(),
                plan.design(mine, beside=[each[Arm.TREATMENT] for each in names if each != mine]),
                plan.seed,
                shared=ready.shared,
            )
            for mine in names
        ]

        async def measure(writers: Sequence[RunWriter]) -> str:
            runs = list(zip(names, writers, strict=True))
            abort = Abort(guard.safety if guard else None)
            sending = _Sending(plan, sides, runs, Stopper(stop), abort, pace)
            return await sending.measure(enough, goes_on=stop is None, progress=progress)

        return (await record_all(folders, metadata, measure))[0]


@dataclass(slots=True)
class _Sending:
    """A replay under way.

    Attributes:
        plan: what is sent.
        sides: everybody who gets it.
        runs: for each treatment what serves the arms of its run, and what writes it.
        stopper: says when to end early.
        abort: ends it where a target elsewhere answers worse than it may.
        pace: of requests; None for back to back.
    """

    plan: PairedPlan
    sides: Mapping[Side, Target]
    runs: Sequence[tuple[Mapping[Arm, str], RunWriter]]
    stopper: Stopper
    abort: Abort
    pace: Pace | None
    stalls: list[HealthSample] = field(default_factory=list)
    silence: Silence = field(default_factory=Silence)

    async def measure(self, enough: Enough | None, *, goes_on: bool, progress: bool | None) -> str:
        """Send the pairs up to each look, and on unless it is enough; then those to the end.

        Returns:
            What ended it.

        Raises:
            TargetError: nothing answers any more.
        """
        fresh = FreshPairs(self.plan, self.stalls)
        with progress_bar("measure", len(self.plan), progress) as bar:
            pairs = fresh.pairs(partial(lengthen, bar)) if goes_on else self.plan.pairs()
            for look in self.plan.looks:
                await self._send(fresh.up_to(pairs, look), fresh, bar)
                if enough is not None and await self._is(enough, bar):
                    return STOP_RULE
            await self._send(pairs, fresh, bar)
        return STOP_RULE if self.stopper.is_enough else PLAN

    async def _send(self, pairs: Iterator[Pair], fresh: FreshPairs, bar: "tqdm[None]") -> None:
        writers = _Together([writer for _, writer in self.runs])
        async with watched(writers, bar, stalls=self.stalls) as watch:

            async def perform(pair: Pair) -> None:
                order = sides_of(pair, len(self.runs) - 1, self.plan.seed)
                attempts: dict[Side, Attempt] = {}
                try:
                    await _send_to_each(order, self.sides, pair, self.plan, attempts, self.pace)
                finally:
                    seen = self._write(pair, order, attempts, watch.pauses.within_ns)
                    self.stopper.note(pair.number, seen)
                    fresh.note(seen)
                self.abort.note(seen)
                self.silence.note(seen)
                if pair.number % EVERY_PAIRS == 0:
                    await tidy(self.sides.values())

            pairs = self.stopper.until_enough(pairs)
            await perform_all(pairs, perform, self.plan.in_flight, bar)

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
