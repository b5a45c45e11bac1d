"""Replays pairs: each request goes to every arm, back to back, in the order that the plan says."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial, reduce
from pathlib import Path

import numpy as np

from hhperf.harness.abort import Abort
from hhperf.harness.fresh_pairs import FreshPairs
from hhperf.harness.guard import Guard, ask, guard_of
from hhperf.harness.live_view import live_view
from hhperf.harness.pair_sending import PairSending
from hhperf.harness.paired_plan import PairedPlan
from hhperf.harness.parts import needs_of
from hhperf.harness.preparation import (
    Ready,
    Targets,
    make_ready_again,
    opened,
    record_all,
    send_unrecorded,
)
from hhperf.harness.sides import Side, names_by_run
from hhperf.harness.stall_notes import StallNotes
from hhperf.harness.stopper import Enough, Stopper, StopRule
from hhperf.harness.supervision import DEFAULT_PATIENCE_S, check_patience, supervised
from hhperf.harness.target import Target
from hhperf.interrupts import stoppable
from hhperf.runs.fresh_folder import empty_folders
from hhperf.runs.metadata import Conditions, RunMetadata, describe
from hhperf.runs.observation import Arm
from hhperf.runs.resuming import (
    GoingOn,
    are_in,
    epoch_of,
    going_on,
    unfinished_runs,
    whole_pairs,
)
from hhperf.runs.run import Run
from hhperf.runs.writer import RunWriter


async def replay_pairs(  # noqa: PLR0913  each has a name at the call
    plan: PairedPlan,
    targets: Targets,
    out: Path | str,
    *,
    conditions: Conditions | None = None,
    stop: StopRule | None = None,
    enough: Enough | None = None,
    beside: Mapping[Path, Target] | None = None,
    patience_s: float = DEFAULT_PATIENCE_S,
    threshold: float = 0.20,
    resume: bool = False,
    progress: bool | None = None,
) -> Run:
    """Replay the plan against the targets and record every request.

    The first Ctrl-C ends the replay early: the run is marked `interrupted` and returned with all
    that was measured, or `InterruptionError` is raised where nothing was; `stopped` when a part
    that has gone does not come back. In a notebook: `run = await hhperf.replay(...)`.

    Args:
        plan: what to send, made by `plan_pairs`.
        targets: one for each arm, no two the same; opened and closed here.
        out: the run's folder, new or empty.
        conditions: what the run's metadata say beside the plan.
        stop: ends the replay before the plan does; told each pair in the plan's order.
        enough: asked at the plan's looks whether to end, while nothing is being measured.
        beside: further treatments that get each pair too, by the folder of their run: it has the
            same controls, and shows them where it is compared.
        patience_s: how long to wait for a part that has gone; 0 to end at once.
        threshold: the saving that is claimed, for whoever watches the run.
        resume: whether to go on with the run in the folder: the pairs that it has not measured
            whole are sent, in the plan's order. Caches of `natural` use begin empty.
        progress: whether to show a bar; None for only on a terminal and in a notebook.

    Raises:
        RunError: a folder is not empty or cannot be written; what is to be gone on with is
            finished, or of another plan, log or stack.
        PlanError: an arm has no target, or two share one; the patience is no length of time; more
            than may be sent to a machine that is not this one, or not confirmed.
        TargetError: a target cannot be opened.
        PurgeError: the command before each request failed; the run on disk is `failed`.
        InterruptionError: it was before anything was measured; no folder is left.
        asyncio.CancelledError: the calling task was cancelled; the run on disk is `interrupted`.
    """
    check_patience(patience_s)
    beside = dict(beside or {})
    folders = [Path(out), *beside]

    async def replay() -> Run:
        earlier = unfinished_runs(folders) if resume else []
        with nullcontext() if resume else empty_folders(folders):
            guard = await asyncio.to_thread(guard_of, targets)
            held = plan if guard is None else guard.held(plan)
            if guard is not None:
                ask(guard, held)
            replaying = _Replaying(
                held, targets, list(beside.values()), folders, conditions or Conditions(),
                patience_s, progress, guard,
            )  # fmt: skip
            with live_view(folders[0], threshold, progress) as is_shown:
                return await replaying.replay(earlier, stop, enough, barred=not is_shown)

    return await stoppable(replay())


@dataclass(frozen=True, slots=True)
class _Replaying:
    """A replay that can be stopped: what its parts need of it.

    Attributes:
        plan: what is sent.
        targets: one for each arm.
        others: the treatments beside.
        folders: of the runs, in the order of the treatments.
        conditions: what their metadata say beside the plan.
        patience_s: how long to wait for a part that has gone.
        progress: whether to show how far it is.
        guard: of targets elsewhere.
    """

    plan: PairedPlan
    targets: Targets
    others: Sequence[Target]
    folders: Sequence[Path]
    conditions: Conditions
    patience_s: float
    progress: bool | None
    guard: Guard | None

    async def replay(
        self,
        earlier: Sequence[Run],
        stop: StopRule | None,
        enough: Enough | None,
        *,
        barred: bool,
    ) -> Run:
        """Open the targets, warm them up and measure, with a bar where nothing else is shown."""
        plan, others, progress = self.plan, self.others, self.progress
        pace = self.guard.pace() if self.guard else None
        async with opened(plan, self.targets, progress, others, pace) as (used, ready):
            sides: dict[Side, Target] = dict((*used.items(), *enumerate(others)))
            await send_unrecorded(
                "warm up", plan.warm_up_requests(), list(sides.values()), plan.timeout_s,
                plan.in_flight, progress, pace,
            )  # fmt: skip
            names = names_by_run(ready.names, [each.name for each in others])
            metadata = self._described(names, ready)
            before = _Before.of(earlier, metadata)
            fresh, stopper = before.fresh(plan), before.stopper(stop)
            ready_again = partial(make_ready_again, plan, list(sides.values()), pace)

            async def measure(writers: Sequence[RunWriter]) -> str:
                askers, safety = needs_of(sides.values()), self.guard.safety if self.guard else None
                async with supervised(
                    askers, self.patience_s, ready_again=ready_again
                ) as supervision:
                    runs = list(zip(names, writers, strict=True))
                    sending = PairSending(
                        plan, sides, runs, stopper, Abort(safety), pace, supervision, fresh
                    )
                    return await sending.measure(
                        enough, goes_on=stop is None, progress=progress if barred else False
                    )

            return (await record_all(self.folders, metadata, measure, rests=before.rests))[0]

    def _described(self, names: Sequence[Mapping[Arm, str]], ready: Ready) -> list[RunMetadata]:
        """What the runs' metadata say, one a treatment."""
        plan = self.plan
        return [
            describe(
                self.conditions,
                plan.log_facts(),
                plan.design(mine, beside=[each[Arm.TREATMENT] for each in names if each != mine]),
                plan.seed,
                shared=ready.shared,
            )
            for mine in names
        ]


@dataclass(frozen=True, slots=True)
class _Before:
    """What has been recorded of runs that are gone on with, and are measured in the same pairs.

    Attributes:
        runs: as they were left; none where all begins now.
        rests: how each is gone on with.
        done: the numbers of the pairs that all of them have whole.
    """

    runs: Sequence[Run] = ()
    rests: Sequence[GoingOn] = ()
    done: frozenset[int] = frozenset()

    @classmethod
    def of(cls, runs: Sequence[Run], metadata: Sequence[RunMetadata]) -> "_Before":
        """The same, from the runs and from what would be recorded now."""
        if not runs:
            return cls()
        tables = [run.table(["pair", "outcome"]) for run in runs]
        done = reduce(np.intersect1d, map(whole_pairs, tables))
        epoch_ns = epoch_of(runs)
        rests = [
            going_on(run, now, are_in(table, "pair", done), epoch_ns)
            for run, now, table in zip(runs, metadata, tables, strict=True)
        ]
        return cls(runs, rests, frozenset(done.tolist()))

    def fresh(self, plan: PairedPlan) -> FreshPairs:
        """The pairs that are to be sent."""
        fresh = FreshPairs(plan, StallNotes(), self.done)
        for run, rest in zip(self.runs[:1], self.rests, strict=False):
            fresh.recall(run, rest.epoch_ns)
        return fresh

    def stopper(self, rule: StopRule | None) -> Stopper:
        """What says when to end early, and has been told what was measured."""
        stopper = Stopper(rule)
        for run in self.runs[:1]:
            stopper.recall(run, self.done)
        return stopper
