"""One run under load after the other, from little load to more than the arms can answer."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from hhperf.errors import InterruptionError, PlanError, RunError
from hhperf.harness.load_plan import LoadPlan, plan_load
from hhperf.harness.load_replay import replay_load
from hhperf.harness.plan_checks import check_counts
from hhperf.harness.preparation import MakeTargets
from hhperf.harness.replay_plan import Log
from hhperf.harness.shared_replay import Crew
from hhperf.harness.supervision import DEFAULT_PATIENCE_S
from hhperf.interrupts import is_being_stopped, stoppable
from hhperf.runs.metadata import Conditions, Floor, SwitchbackDesign
from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.run import Run, is_run, load_run
from hhperf.workload.schedules import Schedule, constant, poisson

ENOUGH = 0.95


def plan_sweep(
    log: Log, rates_hz: Sequence[float], *, seconds: float, seed: int, rounds: int = 2, **plan: Any
) -> tuple[LoadPlan, ...]:
    """A plan for each load, with Poisson arrivals of their own in each round.

    Args:
        log: the query log.
        rates_hz: the loads, in requests per second.
        seconds: how long each block lasts.
        seed: of arrivals, orders and draws.
        rounds: blocks of each arm at each load.
        **plan: as for `plan_load`; with fresh rounds only where an `extra_time_s` is given.

    Raises:
        QueryLogError: the log is empty.
        PlanError: a number is out of bounds.

    Example:
        >>> log = hhperf.load_query_log()
        >>> len(hhperf.plan_sweep(log, [2, 4, 8], seconds=5, seed=0, cache_state="cold"))
        3
    """
    check_counts(1, rounds=rounds)
    seeds = np.random.SeedSequence(seed).generate_state(len(rates_hz) * rounds).tolist()
    arrivals = iter(seeds)
    return tuple(
        plan_load(
            log,
            (poisson(constant(rate, seconds), seed=next(arrivals)) for _ in range(rounds)),
            seed=seed,
            **{"extra_time_s": 0.0, **plan},
        )
        for rate in sorted(rates_hz)
    )


def no_crew() -> None:
    """This process sends alone."""


async def record_sweep(  # noqa: PLR0913  each has a name at the call
    plans: Iterable[LoadPlan],
    make_targets: MakeTargets,
    out: Path | str,
    *,
    make_crew: Callable[[], Crew | None] = no_crew,
    conditions: Conditions | None = None,
    floor: Floor | None = None,
    to_the_end: bool = False,
    patience_s: float = DEFAULT_PATIENCE_S,
    resume: bool = False,
    progress: bool | None = None,
) -> tuple[Run, ...]:
    """Record a run for each load, each with targets of its own.

    The sweep ends after the first load that no arm answers any more (to 95%), or that an interrupt
    meets: the loads before it, and what was measured of it, are returned.

    Args:
        plans: by ascending load, from `plan_sweep`.
        make_targets: makes a target for each arm; called once a load (and worker).
        out: a folder that gets one run each, named by its load.
        make_crew: makes the workers that share each load; by default this process sends alone.
        conditions: what the runs' metadata say beside the plan; `labels` tell factors such as the
            size of the connection pool.
        floor: what the generator itself takes.
        to_the_end: go through all loads, saturated or not.
        patience_s: how long to wait for a part that has gone; 0 to end at once.
        resume: whether to go on with the sweep in the folder: loads that are finished stay, one
            that broke off is gone on with.
        progress: whether to show a bar; None for only on a terminal and in a notebook.

    Raises:
        RunError: a run cannot be written.
        InterruptionError: it was before anything was measured.

    Example:
        >>> log = hhperf.load_query_log()
        >>> plans = hhperf.plan_sweep(log, [2, 4, 8], seconds=5, seed=0, cache_state="cold")
        >>> with hhperf.Stack() as stack:  # doctest: +SKIP
        ...     targets = lambda: hhperf.prepare_arms(stack)
        ...     runs = await hhperf.record_sweep(plans, targets, "results/sweep")
    """

    async def record_load(plan: LoadPlan) -> Run:
        given = conditions or Conditions()
        labels = {**given.labels, "sweep_hz": f"{offered(plan):.6g}"}
        folder = Path(out) / f"{offered(plan):010.3f}"
        run = load_run(folder) if resume and is_run(folder) else None
        if run is not None and run.status == "finished":
            return run
        return await replay_load(
            plan,
            make_targets,
            folder,
            make_crew(),
            conditions=replace(given, labels=labels),
            floor=floor,
            patience_s=patience_s,
            resume=run is not None,
            progress=progress,
        )

    return await stoppable(_until_saturated(plans, record_load, to_the_end=to_the_end))


async def _until_saturated(
    plans: Iterable[LoadPlan],
    record_load: Callable[[LoadPlan], Awaitable[Run]],
    *,
    to_the_end: bool,
) -> tuple[Run, ...]:
    """The runs of the loads, up to the one that ends the sweep."""
    runs: list[Run] = []
    for plan in plans:
        try:
            run = await record_load(plan)
        except InterruptionError:
            if not runs:
                raise
            break
        runs.append(run)
        is_saturated = all(answered_share(run, arm) < ENOUGH for arm in plan.arms)
        is_over = run.status != "finished" or is_being_stopped()
        if is_over or (is_saturated and not to_the_end):
            break
    return tuple(runs)


def load_sweep(folder: Path | str, *, undamaged_only: bool = False) -> tuple[Run, ...]:
    """Open the runs of a sweep, by ascending load.

    Args:
        folder: the one that the sweep wrote, with a run in each of its own.
        undamaged_only: whether to go on without what is damaged, as in `load_run`.

    Raises:
        RunError: the folder holds no run under load.
    """
    root = Path(folder)
    places = sorted(path.parent for path in root.glob("*/run.json"))
    found = [load_run(each, undamaged_only=undamaged_only) for each in places]
    runs = [run for run in found if isinstance(run.metadata.design, SwitchbackDesign)]
    if not runs:
        raise RunError(f"{root}: has no run under load in it; name the folder the sweep wrote")
    return tuple(sorted(runs, key=offered_hz_of))


def offered(plan: LoadPlan) -> float:
    """Requests per second of an open loop, over all its rounds.

    Raises:
        PlanError: the plan is a closed loop, which offers no load of its own.
    """
    schedules = [load for load in plan.loads if isinstance(load, Schedule)]
    if len(schedules) < len(plan.loads):
        raise PlanError("a closed loop has no offered load: sweep over schedules")
    return len(plan) / sum(each.span_ns / 1e9 for each in schedules)


def offered_hz_of(run: Run) -> float:
    """The load a run was recorded under."""
    label = run.metadata.conditions.labels.get("sweep_hz")
    design = run.metadata.design
    offered_hz = design.offered_hz if isinstance(design, SwitchbackDesign) else None
    return float(label) if label else float(offered_hz or 0.0)


def answered_share(run: Run, arm: Arm) -> float:
    """The share of an arm's offered load that it answered while the load lasted, 0 to 1.

    An arm that falls behind answers the rest after its blocks have ended, so only answers up to the
    last due time of their block count, and a little later: by twice the first decile of response
    times, which an arm that keeps up takes for its last requests too.
    """
    columns = ["arm", "outcome", "block", "intended_start_ns", "end_ns"]
    frame = run.table(columns).to_pandas()
    mine = frame[(frame["arm"] == arm.value) & (frame["outcome"] != Outcome.CANCELLED.value)]
    answered = mine["outcome"] == Outcome.OK.value
    if not answered.any():
        return 0.0
    due, end = mine["intended_start_ns"], mine["end_ns"]
    last_due = due.groupby(mine["block"]).transform("max")
    grace = 2 * np.quantile((end - due)[answered], 0.1)
    return float((answered & (end <= last_due + grace)).mean())
