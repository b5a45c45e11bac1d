"""`hhperf load` and `hhperf sweep`: both arms under an offered load."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from typer import Argument, Context, Option

import hhperf
from hhperf.cli.consent import LOAD_IN_FLIGHT, ask
from hhperf.cli.contenders import (
    cache_state,
    check_contenders,
    contenders,
    dask_client,
    read_log,
)
from hhperf.cli.exits import end_like
from hhperf.cli.going_on import (
    DEFAULT_PATIENCE_S,
    Patience,
    Resume,
    folder_of,
    options_of,
)
from hhperf.cli.options import (
    Calibrated,
    Claim,
    DryRun,
    ExtraTime,
    Rounds,
    Seconds,
    Seed,
    Sending,
    Steps,
    Threshold,
)
from hhperf.cli.rates import numbers_in, phases_of, pools_of
from hhperf.cli.screen import errors, output, show_folder, show_recorded
from hhperf.errors import PlanError

if TYPE_CHECKING:
    from hhperf.harness.load_plan import Load, LoadPlan
    from hhperf.runs.metadata import Floor
    from hhperf.runs.run import Run
    from hhperf.workload.query_log import QueryLog

LOWEST_RATE_HZ = 100.0
"""Of the calibration: fewer requests in its two seconds would have no 99th percentile."""


def load(
    context: Context,
    out: Annotated[Path | None, Argument(help="The run's folder, new or empty.")] = None,
    *,
    rate: Annotated[
        str, Option(help="Requests per second: 20, steps 10,20,40, or a ramp 10..40.")
    ] = "10",
    arrivals: Annotated[
        Literal["poisson", "evenly", "logged"],
        Option(help="How they come; logged replays the log's own times."),
    ] = "poisson",
    seconds: Seconds = 20.0,
    speed: Annotated[
        float, Option(min=0.001, help="With --arrivals logged: 2 sends in half the time.")
    ] = 1.0,
    longest_gap: Annotated[
        float | None, Option(min=0, help="With --arrivals logged: shorten longer gaps, in s.")
    ] = None,
    clients: Annotated[
        int | None,
        Option(min=1, help="A closed loop instead: so many clients, each waiting its turn."),
    ] = None,
    requests: Annotated[
        int, Option(min=1, help="With --clients: how many requests a block has.")
    ] = 400,
    think_time: Annotated[
        float, Option(min=0, help="With --clients: the mean pause, drawn, in s.")
    ] = 0.0,
    burst: Annotated[
        int, Option(min=1, help="So many equal requests at once in place of each, of an open loop.")
    ] = 1,
    rounds: Rounds = 2,
    claim: Claim,
    steps: Steps,
    pool_max: Annotated[int | None, Option(min=1, help="Database connections of each arm.")] = None,
    sending: Sending,
    extra_time: ExtraTime = None,
    calibrated: Calibrated = True,
    dry_run: DryRun = False,
    threshold: Threshold = 0.20,
    patience: Patience = DEFAULT_PATIENCE_S,
    resume: Resume = None,
    seed: Seed = 0,
) -> None:
    """Put one offered load on each arm in turn, and say what that does to their saving."""
    folder = folder_of(out, resume)
    check_contenders(claim, sending.place)
    queries = read_log(claim.log, claim.on_bad_line)
    make = hhperf.schedules
    seeds = range(seed, seed + rounds)
    loads: Iterable[Load]
    if clients is not None:
        loads = (
            make.closed_loop(
                clients, requests, think_time_s=think_time, exponential=True, seed=each
            )
            for each in seeds
        )
    elif arrivals == "logged":
        times = [request.offset_s for request in queries]
        loads = repeat(make.as_logged(times, speed=speed, longest_gap_s=longest_gap), rounds)
    else:
        phases = phases_of(rate, seconds)
        loads = (
            make.evenly(phases) if arrivals == "evenly" else make.poisson(phases, seed=each)
            for each in seeds
        )
    if burst > 1:
        queries, loads = queries.in_bursts(burst), [_in_bursts(each, burst) for each in loads]
    plan = hhperf.plan_load(
        queries, loads, cache_state=cache_state(steps, sending.place), seed=seed,
        warm_up=sending.warm_up, max_in_flight=sending.place.live.max_in_flight or LOAD_IN_FLIGHT,
        timeout_s=sending.timeout_s, extra_time_s=extra_time,
    )  # fmt: skip
    if dry_run:
        _preview([plan])
        return
    with (
        contenders(claim, steps, sending.place, pool_max) as prepared,
        dask_client(sending.dask) as client,
    ):
        ask(prepared, [plan], sending.place.live)
        recorded = hhperf.replay_sync(
            plan,
            prepared.make_targets,
            folder,
            workers=sending.workers,
            client=client,
            conditions=replace(prepared.conditions, options=options_of(context)),
            floor=None if resume or not calibrated else _floor(queries, _rate_of(plan), sending),
            patience_s=patience,
            resume=resume is not None,
        )
    show_recorded(recorded, threshold, seed, in_full=True)
    output.print(f"{folder}: {len(recorded):,} observations, {recorded.status}")
    end_like(recorded)


def sweep(
    context: Context,
    out: Annotated[Path | None, Argument(help="A folder that gets a run for each load.")] = None,
    *,
    rates: Annotated[
        str, Option(help="Offered loads in requests per second, ascending.")
    ] = "5,10,20,40",
    seconds: Seconds = 20.0,
    rounds: Rounds = 2,
    claim: Claim,
    steps: Steps,
    pool_max: Annotated[
        str | None,
        Option(help="Database connections of each arm; with several (4,20) a sweep of each."),
    ] = None,
    sending: Sending,
    to_the_end: Annotated[
        bool, Option("--to-the-end", help="Go on to all loads, saturated or not.")
    ] = False,
    calibrated: Calibrated = True,
    dry_run: DryRun = False,
    threshold: Threshold = 0.20,
    patience: Patience = DEFAULT_PATIENCE_S,
    resume: Resume = None,
    seed: Seed = 0,
) -> None:
    """Savings against offered load, up to saturation: knees, and where parallel stops paying."""
    from hhperf.experiment.replay import crew_of  # noqa: PLC0415  (heavy, as are the next)
    from hhperf.harness.alarm import new_fast_loop  # noqa: PLC0415
    from hhperf.long_work import run_sync  # noqa: PLC0415

    root = folder_of(out, resume)
    check_contenders(claim, sending.place)
    pools = pools_of(pool_max)
    queries = read_log(claim.log, claim.on_bad_line)
    offered_hz = _rates_of_sweep(rates)
    plans = hhperf.plan_sweep(
        queries, offered_hz, seconds=seconds, seed=seed, rounds=rounds,
        cache_state=cache_state(steps, sending.place), warm_up=sending.warm_up,
        max_in_flight=sending.place.live.max_in_flight or LOAD_IN_FLIGHT,
        timeout_s=sending.timeout_s,
    )  # fmt: skip
    if dry_run:
        _preview(plans)
        return
    with dask_client(sending.dask) as client:
        make_crew = partial(crew_of, sending.workers, client)
        make_crew()  # so that options that do not go together are told first
        floor = _floor(queries, offered_hz[-1], sending) if calibrated else None
        for pool in pools:
            folder = root if len(pools) == 1 else root / f"pool-{pool}"
            with contenders(claim, steps, sending.place, pool) as prepared:
                ask(prepared, plans, sending.place.live)
                recording = hhperf.record_sweep(
                    plans,
                    prepared.make_targets,
                    folder,
                    make_crew=make_crew,
                    conditions=replace(prepared.conditions, options=options_of(context)),
                    floor=floor,
                    to_the_end=to_the_end,
                    patience_s=patience,
                    resume=resume is not None,
                )
                runs = run_sync(recording, new_fast_loop)
            _show_sweep(folder, runs, threshold, seed)
            output.print(f"{folder}: {len(runs)} runs; `hhperf compare {folder}` says this again.")
            end_like(runs[-1])


def _show_sweep(folder: Path, runs: "Sequence[Run]", threshold: float, seed: int) -> None:
    """Print what a sweep found; of one that was ended within its first load, what that says."""
    if len(runs) == 1:
        show_recorded(runs[0], threshold, seed, in_full=True)
    else:
        show_folder(folder, threshold, seed)


def _rates_of_sweep(rates: str) -> list[float]:
    from hhperf.show.sweep_findings import LEAST_LOADS  # noqa: PLC0415  (heavy)

    offered_hz = numbers_in("--rates", rates)
    if len(offered_hz) < LEAST_LOADS:
        raise PlanError(f"--rates: {rates}: give {LEAST_LOADS} loads or more, such as 5,10,20")
    return offered_hz


def _in_bursts(load: "Load", burst: int) -> "Load":
    from hhperf.workload.schedules import ClosedLoop  # noqa: PLC0415  (heavy)

    if isinstance(load, ClosedLoop):
        raise PlanError("--burst is for an open loop: clients wait for their answers")
    return hhperf.schedules.in_bursts(load, burst)


def _rate_of(plan: "LoadPlan") -> float:
    """What the generator has to keep up with; a closed loop is taken for a quick one."""
    from hhperf.harness.sweep import offered  # noqa: PLC0415  (heavy)

    return offered(plan) if plan.design({}).offered_hz else LOWEST_RATE_HZ


def _floor(log: "QueryLog", rate_hz: float, sending: Sending) -> "Floor":
    from asyncio import run  # noqa: PLC0415  (heavy, as is the next)

    from hhperf.harness.calibration import calibrate  # noqa: PLC0415

    errors.print("Calibrating against a target that does nothing …")
    over_http = bool(sending.place.target)
    return run(calibrate(log, max(rate_hz, LOWEST_RATE_HZ), over_http=over_http))


def _preview(plans: "Sequence[LoadPlan]") -> None:
    """A line for each request; ends quietly when nobody reads on."""
    try:
        for plan in plans:
            typer.echo(f"# {plan.design({}).load}: {len(plan):,} requests an arm")
            for line in plan.preview():
                typer.echo(line)
    except BrokenPipeError:
        raise typer.Exit from None
