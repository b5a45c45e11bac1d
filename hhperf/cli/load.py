"""`hhperf load` and `hhperf sweep`: both arms under an offered load."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from hhperf.cli.contenders import dask_client, deployments, read_log, started
from hhperf.cli.options import (
    Caches,
    CaFile,
    Candidates,
    Control,
    Dask,
    DryRun,
    Log,
    MaxInFlight,
    Method,
    OnBadLine,
    Profile,
    Rerank,
    Rounds,
    Seconds,
    Seed,
    Targets,
    Threshold,
    TimeoutS,
    Treatment,
    WarmUp,
    Workers,
)
from hhperf.cli.screen import errors, output, show
from hhperf.errors import PlanError
from hhperf.experiment.prepared import Prepared, prepare_arms
from hhperf.experiment.replay import crew_of, replay_sync
from hhperf.harness.alarm import new_fast_loop
from hhperf.harness.calibration import calibrate
from hhperf.harness.load_plan import Load, LoadPlan, plan_load
from hhperf.harness.paired_plan import CacheState
from hhperf.harness.sweep import offered, plan_sweep, record_sweep
from hhperf.long_work import run_sync
from hhperf.runs.metadata import Floor
from hhperf.runs.observation import Arm
from hhperf.show.findings import Findings
from hhperf.show.subjects import find_subjects
from hhperf.show.sweep_findings import LEAST_LOADS
from hhperf.stack.made_of import DEFAULT_CANDIDATES
from hhperf.workload.query_log import QueryLog
from hhperf.workload.schedules import (
    Phases,
    as_logged,
    closed_loop,
    constant,
    evenly,
    poisson,
    ramp,
    steps,
)

LOWEST_RATE_HZ = 100.0
"""Of the calibration: fewer requests in its two seconds would have no 99th percentile."""

Calibrate = Annotated[
    bool,
    typer.Option(help="Measure first what the generator itself takes (2 s), for the record."),
]


class Arrivals(StrEnum):
    """How requests come."""

    POISSON = "poisson"
    EVENLY = "evenly"
    LOGGED = "logged"


def load(
    out: Annotated[Path, typer.Argument(help="The run's folder, new or empty.")],
    rate: Annotated[
        str, typer.Option(help="Requests per second: 20, steps 10,20,40, or a ramp 10..40.")
    ] = "10",
    arrivals: Annotated[
        Arrivals, typer.Option(help="How they come; logged replays the log's own times.")
    ] = Arrivals.POISSON,
    seconds: Seconds = 20.0,
    speed: Annotated[
        float, typer.Option(min=0.001, help="With --arrivals logged: 2 sends in half the time.")
    ] = 1.0,
    longest_gap: Annotated[
        float | None, typer.Option(min=0, help="With --arrivals logged: shorten longer gaps, in s.")
    ] = None,
    clients: Annotated[
        int | None,
        typer.Option(min=1, help="A closed loop instead: so many clients, each waiting its turn."),
    ] = None,
    requests: Annotated[
        int, typer.Option(min=1, help="With --clients: how many requests a block has.")
    ] = 400,
    think_time: Annotated[
        float, typer.Option(min=0, help="With --clients: the mean pause, drawn, in s.")
    ] = 0.0,
    rounds: Rounds = 2,
    control: Control = "sequential",
    treatment: Treatment = "parallel",
    profile: Profile = "local",
    log: Log = None,
    on_bad_line: OnBadLine = "fail",
    cache_state: Caches = CacheState.COLD,
    rerank: Rerank = None,
    pool_max: Annotated[
        int | None, typer.Option(min=1, help="Database connections of each arm.")
    ] = None,
    warm_up: WarmUp = 20,
    max_in_flight: MaxInFlight = 1_000,
    timeout_s: TimeoutS = 30.0,
    candidates: Candidates = DEFAULT_CANDIDATES,
    target: Targets = None,
    method: Method = "POST",
    ca_file: CaFile = None,
    workers: Workers = 1,
    dask: Dask = None,
    calibrated: Calibrate = True,
    dry_run: DryRun = False,
    threshold: Threshold = 0.20,
    seed: Seed = 0,
) -> None:
    """Put one offered load on each arm in turn, and say what that does to their saving."""
    queries = read_log(log, on_bad_line)
    if clients is not None:
        loads: list[Load] = [
            closed_loop(
                clients, requests, think_time_s=think_time, exponential=True, seed=seed + each
            )
            for each in range(rounds)
        ]
    elif arrivals is Arrivals.LOGGED:
        times = [request.offset_s for request in queries]
        loads = [as_logged(times, speed=speed, longest_gap_s=longest_gap)] * rounds
    else:
        phases = _phases(rate, seconds)
        loads = [
            evenly(phases) if arrivals is Arrivals.EVENLY else poisson(phases, seed=seed + each)
            for each in range(rounds)
        ]
    plan = plan_load(
        queries, loads, cache_state=cache_state, seed=seed, warm_up=warm_up,
        max_in_flight=max_in_flight, timeout_s=timeout_s,
    )  # fmt: skip
    if dry_run:
        _preview([plan])
        return
    with (
        _contenders(target, method, ca_file, candidates, control, treatment, profile, rerank,
                    cache_state, pool_max) as prepared,
        dask_client(dask) as client,
    ):  # fmt: skip
        recorded = replay_sync(
            plan,
            prepared.make_targets,
            out,
            workers=workers,
            client=client,
            conditions=prepared.conditions,
            floor=_floor(queries, _rate_of(plan), over_http=bool(target)) if calibrated else None,
        )
    if any(recorded.counts()[Arm.CONTROL_AGAIN].values()):
        show(Findings.of(recorded, threshold=threshold, seed=seed))
    output.print(f"{out}: {len(recorded):,} observations, {recorded.status}")


def sweep(
    out: Annotated[Path, typer.Argument(help="A folder that gets a run for each load.")],
    rates: Annotated[
        str, typer.Option(help="Offered loads in requests per second, ascending.")
    ] = "5,10,20,40",
    seconds: Seconds = 20.0,
    rounds: Rounds = 2,
    control: Control = "sequential",
    treatment: Treatment = "parallel",
    profile: Profile = "local",
    log: Log = None,
    on_bad_line: OnBadLine = "fail",
    cache_state: Caches = CacheState.COLD,
    rerank: Rerank = None,
    pool_max: Annotated[
        str | None,
        typer.Option(help="Database connections of each arm; with several (4,20) a sweep of each."),
    ] = None,
    warm_up: WarmUp = 20,
    max_in_flight: MaxInFlight = 1_000,
    timeout_s: TimeoutS = 30.0,
    candidates: Candidates = DEFAULT_CANDIDATES,
    target: Targets = None,
    method: Method = "POST",
    ca_file: CaFile = None,
    workers: Workers = 1,
    dask: Dask = None,
    to_the_end: Annotated[
        bool, typer.Option("--to-the-end", help="Go on to all loads, saturated or not.")
    ] = False,
    calibrated: Calibrate = True,
    dry_run: DryRun = False,
    threshold: Threshold = 0.20,
    seed: Seed = 0,
) -> None:
    """Savings against offered load, up to saturation: knees, and where parallel stops paying."""
    queries = read_log(log, on_bad_line)
    offered_hz = _numbers("--rates", rates)
    if len(offered_hz) < LEAST_LOADS:
        raise PlanError(f"--rates: {rates}: give {LEAST_LOADS} loads or more, such as 5,10,20")
    plans = plan_sweep(
        queries, offered_hz, seconds=seconds, seed=seed, rounds=rounds, cache_state=cache_state,
        warm_up=warm_up, max_in_flight=max_in_flight, timeout_s=timeout_s,
    )  # fmt: skip
    if dry_run:
        _preview(plans)
        return
    pools = [round(each) for each in _numbers("--pool-max", pool_max)] if pool_max else [None]
    with dask_client(dask) as client:
        crew_of(workers, client)  # so that options that do not go together are told first
        floor = _floor(queries, offered_hz[-1], over_http=bool(target)) if calibrated else None
        for pool in pools:
            folder = out if len(pools) == 1 else out / f"pool-{pool}"
            with _contenders(target, method, ca_file, candidates, control, treatment, profile,
                             rerank, cache_state, pool) as prepared:  # fmt: skip
                runs = run_sync(
                    record_sweep(
                        plans,
                        prepared.make_targets,
                        folder,
                        make_crew=partial(crew_of, workers, client),
                        conditions=prepared.conditions,
                        floor=floor,
                        to_the_end=to_the_end,
                    ),
                    new_fast_loop,
                )
            for each in find_subjects([folder], threshold=threshold, seed=seed):
                show(each)
            output.print(f"{folder}: {len(runs)} runs; `hhperf compare {folder}` says this again.")
            if runs[-1].status == "interrupted":
                errors.print("Interrupted: what was measured is kept.")
                break


@contextmanager
def _contenders(
    target: Sequence[str] | None,
    method: str,
    ca_file: Path | None,
    candidates: int,
    control: str,
    treatment: str,
    profile: str,
    rerank: bool | None,
    cache_state: CacheState,
    pool_max: int | None,
) -> Iterator[Prepared]:
    if target:
        yield deployments(target, cache_state, method, ca_file)
        return
    labels = {} if pool_max is None else {"pool_max": str(pool_max)}
    with started(candidates) as stack:
        yield prepare_arms(
            stack, control, treatment, profile=profile, rerank=rerank, cache_state=cache_state,
            pool_max=pool_max, labels=labels,
        )  # fmt: skip


def _phases(rate: str, seconds: float) -> Phases:
    """One rate, steps of several, or a ramp from one to another."""
    if ".." in rate:
        low, _, high = rate.partition("..")
        return ramp(_number("--rate", low), _number("--rate", high), seconds)
    rates = _numbers("--rate", rate)
    return constant(rates[0], seconds) if len(rates) == 1 else steps(rates, seconds / len(rates))


def _numbers(option: str, text: str) -> list[float]:
    return [_number(option, each) for each in text.split(",") if each.strip()]


def _number(option: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise PlanError(f"{option}: '{text}' is no number") from None
    if not number > 0:
        raise PlanError(f"{option}: {text} must be above 0")
    return number


def _rate_of(plan: LoadPlan) -> float:
    """What the generator has to keep up with; a closed loop is taken for a quick one."""
    return offered(plan) if plan.design({}).offered_hz else LOWEST_RATE_HZ


def _floor(log: QueryLog, rate_hz: float, *, over_http: bool) -> Floor:
    errors.print("Calibrating against a target that does nothing …")
    return asyncio.run(calibrate(log, max(rate_hz, LOWEST_RATE_HZ), over_http=over_http))


def _preview(plans: Sequence[LoadPlan]) -> None:
    """A line for each request; ends quietly when nobody reads on."""
    try:
        for plan in plans:
            typer.echo(f"# {plan.design({}).load}: {len(plan):,} requests an arm")
            for line in plan.preview():
                typer.echo(line)
    except BrokenPipeError:
        raise typer.Exit from None
