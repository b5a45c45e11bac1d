"""One way to replay whatever was planned: in pairs or under load, in one process or in many."""

from pathlib import Path
from typing import TYPE_CHECKING

from hhperf.errors import PlanError
from hhperf.harness.alarm import new_fast_loop
from hhperf.harness.dask_crew import DaskCrew
from hhperf.harness.load_plan import LoadPlan
from hhperf.harness.load_replay import made, replay_load
from hhperf.harness.local_crew import LocalCrew
from hhperf.harness.paired_plan import PairedPlan
from hhperf.harness.paired_replay import replay_pairs
from hhperf.harness.preparation import MakeTargets, Targets
from hhperf.harness.shared_replay import Crew
from hhperf.harness.stopper import StopRule
from hhperf.harness.supervision import DEFAULT_PATIENCE_S
from hhperf.long_work import run_sync
from hhperf.runs.metadata import Conditions, Floor
from hhperf.runs.run import Run

if TYPE_CHECKING:
    from distributed import Client


async def replay(  # noqa: PLR0913  each has a name at the call
    plan: PairedPlan | LoadPlan,
    targets: Targets | MakeTargets,
    out: Path | str,
    *,
    workers: int = 1,
    client: "Client | None" = None,
    conditions: Conditions | None = None,
    floor: Floor | None = None,
    stop: StopRule | None = None,
    patience_s: float = DEFAULT_PATIENCE_S,
    resume: bool = False,
    progress: bool | None = None,
) -> Run:
    """Replay a plan and record every request; for notebooks.

    The first Ctrl-C ends the replay early: the run is marked `interrupted` and returned with all
    that was measured.

    Args:
        plan: from `plan_pairs` or `plan_load`.
        targets: one for each arm, no two the same; or a function without arguments that makes them,
            which is what several workers need (each calls it; it must be possible to pickle it).
        out: the run's folder, new or empty.
        workers: processes of this machine that share a load.
        client: of a Dask cluster (`dask.distributed.Client`) whose workers share a load.
        conditions: what the run's metadata say beside the plan.
        floor: what the generator itself takes, from `calibrate`; of a load.
        stop: ends a paired replay before the plan does.
        patience_s: how long to wait for a part that has gone (PostgreSQL, the cache, a provider, a
            deployment) before the run ends as `stopped`; 0 to end at once.
        resume: whether to go on with the unfinished run in the folder: what is missing of the same
            plan is sent, in its order.
        progress: whether to show a bar; None for only on a terminal.

    Raises:
        PlanError: an option is not for this kind of plan; an arm has no target, or two share one;
            more workers than requests.
        RunError: the folder is not empty or cannot be written, or all workers are lost; what is to
            be gone on with is finished, or of another plan, log or stack.

    Example:
        >>> log = hhperf.load_query_log()
        >>> plan = hhperf.plan_pairs(log, cache_state="cold", seed=0, pairs=40)
        >>> with hhperf.Stack() as stack:  # doctest: +SKIP
        ...     run = await hhperf.replay(plan, hhperf.prepare_arms(stack), "results/mine")
    """
    crew = crew_of(workers, client)
    if isinstance(plan, LoadPlan):
        if stop is not None:
            raise PlanError("stop is for paired replays: a load lasts as long as was planned")
        return await replay_load(
            plan, targets, out, crew, conditions=conditions, floor=floor, patience_s=patience_s,
            resume=resume, progress=progress,
        )  # fmt: skip
    if crew is not None or floor is not None:
        raise PlanError("workers, client and floor are for loads: one process replays pairs")
    return await replay_pairs(
        plan, made(targets), out, conditions=conditions, stop=stop, patience_s=patience_s,
        resume=resume, progress=progress,
    )  # fmt: skip


def replay_sync(  # noqa: PLR0913  each has a name at the call
    plan: PairedPlan | LoadPlan,
    targets: Targets | MakeTargets,
    out: Path | str,
    *,
    workers: int = 1,
    client: "Client | None" = None,
    conditions: Conditions | None = None,
    floor: Floor | None = None,
    stop: StopRule | None = None,
    patience_s: float = DEFAULT_PATIENCE_S,
    resume: bool = False,
    progress: bool | None = None,
) -> Run:
    """`replay` for scripts; a load is sent from the fastest event loop there is.

    Args:
        plan: from `plan_pairs` or `plan_load`.
        targets: as for `replay`.
        out: the run's folder, new or empty.
        workers: processes of this machine that share a load.
        client: of a Dask cluster whose workers share a load.
        conditions: what the run's metadata say beside the plan.
        floor: what the generator itself takes.
        stop: ends a paired replay before the plan does.
        patience_s: how long to wait for a part that has gone (PostgreSQL, the cache, a provider, a
            deployment) before the run ends as `stopped`; 0 to end at once.
        resume: whether to go on with the unfinished run in the folder: what is missing of the same
            plan is sent, in its order.
        progress: whether to show a bar; None for only on a terminal.

    Raises:
        PlanError: an option is not for this kind of plan; an arm has no target, or two share one;
            more workers than requests.
        RunError: the folder is not empty or cannot be written, or all workers are lost; what is to
            be gone on with is finished, or of another plan, log or stack.

    Example:
        >>> log = hhperf.load_query_log()
        >>> plan = hhperf.plan_pairs(log, cache_state="cold", seed=0, pairs=40)
        >>> with hhperf.Stack() as stack:  # doctest: +SKIP
        ...     run = hhperf.replay_sync(plan, hhperf.prepare_arms(stack), "results/mine")
    """
    replaying = replay(
        plan, targets, out, workers=workers, client=client, conditions=conditions, floor=floor,
        stop=stop, patience_s=patience_s, resume=resume, progress=progress,
    )  # fmt: skip
    return run_sync(replaying, new_fast_loop if isinstance(plan, LoadPlan) else None)


def crew_of(workers: int, client: "Client | None") -> Crew | None:
    """Who sends: None for this process alone.

    Raises:
        PlanError: the number is below 1, or both are given.
    """
    if workers < 1:
        raise PlanError(f"workers is {workers}, must be at least 1")
    if client is not None:
        if workers > 1:
            raise PlanError("workers are processes of this machine, client has its own: give one")
        return DaskCrew(client)
    return LocalCrew(workers) if workers > 1 else None
