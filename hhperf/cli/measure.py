"""`hhperf run` and `hhperf replay`."""

import shlex
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from hhperf.cli.contenders import deployments, read_log, started
from hhperf.cli.options import (
    Caches,
    CaFile,
    Candidates,
    Control,
    InFlight,
    Log,
    Method,
    OnBadLine,
    Pairs,
    Profile,
    Rerank,
    Seed,
    Targets,
    Threshold,
    TimeoutS,
    Treatment,
    WarmUp,
)
from hhperf.cli.screen import errors, output, show
from hhperf.experiment.replay import replay_sync
from hhperf.experiment.study import Study
from hhperf.harness.paired_plan import CacheState, Order
from hhperf.runs.observation import Arm, Outcome
from hhperf.show.findings import Findings
from hhperf.show.report.provenance import data_note
from hhperf.show.report.write import write_report
from hhperf.stack.made_of import DEFAULT_CANDIDATES
from hhperf.stack.stack import Stack
from hhperf.workload.query_log import QueryLog

IN_FLIGHT = 10
INTERRUPTED = 130
"""The exit code of a run that Ctrl-C ended before there was anything to say."""
PAIRS = 800
"""Enough for a verdict at p95 (p99 takes 2,000), few enough for five minutes on two cores."""


def run(
    out: Annotated[
        Path | None, typer.Option(help="A new folder; by default under results/.")
    ] = None,
    control: Control = "sequential",
    treatment: Treatment = "parallel",
    profile: Profile = "plan",
    log: Log = None,
    on_bad_line: OnBadLine = "fail",
    pairs: Pairs = None,
    in_flight: InFlight = IN_FLIGHT,
    cache_state: Caches = CacheState.COLD,
    candidates: Candidates = DEFAULT_CANDIDATES,
    threshold: Threshold = 0.20,
    until_verdict: Annotated[
        bool,
        typer.Option(
            "--until-verdict", help="Draw requests until p95's verdict is in; --pairs at most."
        ),
    ] = False,
    seed: Seed = 0,
) -> None:
    """Settle the claim: replay the log with rerank off and on, and print both verdicts."""
    begun = perf_counter()
    requests = read_log(log, on_bad_line)
    folder = out or Path("results") / datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S")
    findings: list[Findings] = []
    try:
        with started(candidates) as stack:
            for rerank in (False, True):
                study = Study(
                    control=control, treatment=treatment, profile=profile, rerank=rerank,
                    cache_state=cache_state, in_flight=in_flight, threshold=threshold, seed=seed,
                    pairs=pairs or (None if until_verdict else PAIRS),
                    until_verdict="p95" if until_verdict else None,
                )  # fmt: skip
                findings += _settled(study, requests, stack, folder)
    except KeyboardInterrupt:
        errors.print("Interrupted: what was measured is kept.")
    if not findings:
        raise typer.Exit(INTERRUPTED)
    page = write_report(findings, folder, _command())
    output.print(data_note(findings[0].run.metadata), markup=False)
    output.print(f"Report: {page}, after {perf_counter() - begun:.0f} s")


def _settled(study: Study, requests: QueryLog, stack: Stack, folder: Path) -> Iterator[Findings]:
    """Record one regime and print what it means; an interrupted one ends the command after that."""
    name = "rerank-on" if study.rerank else "rerank-off"
    errors.print(f"Replaying {Path(requests.source).name}, {name.replace('-', ' ')} …")
    recorded = study.record_sync(requests, stack, folder / name)
    if recorded.counts()[Arm.CONTROL_AGAIN][Outcome.OK]:
        found = Findings.of(recorded, threshold=study.threshold, seed=study.seed)
        show(found)
        yield found
    if recorded.status == "interrupted":
        raise KeyboardInterrupt


def replay(
    out: Annotated[Path, typer.Argument(help="The run's folder, new or empty.")],
    control: Control = "sequential",
    treatment: Treatment = "parallel",
    profile: Profile = "local",
    log: Log = None,
    on_bad_line: OnBadLine = "fail",
    pairs: Pairs = None,
    order: Annotated[Order, typer.Option(help="As logged, or drawn with replacement.")] = Order.LOG,
    warm_up: WarmUp = 20,
    in_flight: InFlight = 1,
    repetitions: Annotated[int, typer.Option(min=1, help="How often the log is gone through.")] = 1,
    cache_state: Caches = CacheState.COLD,
    rerank: Rerank = None,
    timeout_s: TimeoutS = 30.0,
    candidates: Candidates = DEFAULT_CANDIDATES,
    target: Targets = None,
    method: Method = "POST",
    ca_file: CaFile = None,
    seed: Seed = 0,
) -> None:
    """Record one paired run: of two arms, or of two live deployments."""
    requests = read_log(log, on_bad_line)
    study = Study(
        control=control, treatment=treatment, profile=profile, rerank=rerank,
        cache_state=cache_state, pairs=pairs, order=order, warm_up=warm_up, in_flight=in_flight,
        repetitions=repetitions, timeout_s=timeout_s, seed=seed,
    )  # fmt: skip
    if target:
        live = deployments(target, cache_state, method, ca_file)
        recorded = replay_sync(
            study.plan(requests), live.make_targets, out, conditions=live.conditions
        )
    else:
        with started(candidates) as stack:
            recorded = study.record_sync(requests, stack, out)
    output.print(f"{out}: {len(recorded):,} observations, {recorded.status}")
    output.print(f"`hhperf compare {out}` says what they mean.")


def _command() -> str:
    return shlex.join(["hhperf", *sys.argv[1:]])
