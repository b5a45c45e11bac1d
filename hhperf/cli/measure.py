"""`hhperf run` and `hhperf replay`."""

import shlex
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Annotated, Literal

import typer

from hhperf.cli.screen import errors, output, show
from hhperf.cli.stack import Candidates
from hhperf.data import data_file
from hhperf.harness import CacheState, Order
from hhperf.report import Findings, data_note, write_report
from hhperf.runs import Arm, Outcome
from hhperf.stack import DEFAULT_CANDIDATES, Corpus, Stack
from hhperf.study import Study
from hhperf.workload import QueryLog, load_query_log

SHIPPED_LOG = "queries.jsonl"
IN_FLIGHT = 10
INTERRUPTED = 130
"""The exit code of a run that Ctrl-C ended before there was anything to say."""
PAIRS = 800
"""Enough for a verdict at p95 (p99 takes 2,000), few enough for five minutes on two cores."""

Control = Annotated[str, typer.Option(help="The arm that the other is measured against.")]
Treatment = Annotated[str, typer.Option(help="The arm that is claimed to be faster.")]
Profile = Annotated[str, typer.Option(help="A latency profile: a name or a .toml file.")]
Log = Annotated[
    Path | None, typer.Option("--log", help="The query log; by default the shipped one.")
]
OnBadLine = Annotated[
    Literal["fail", "skip"],
    typer.Option(help="What a line that cannot be read does: fail or skip."),
]
Pairs = Annotated[
    int | None, typer.Option(min=1, help="Requests to measure; `run` takes 800 by default.")
]
InFlight = Annotated[int, typer.Option(min=1, help="Pairs measured at the same time.")]
Caches = Annotated[CacheState, typer.Option(help="What the caches hold: cold, warm or natural.")]
Threshold = Annotated[float, typer.Option(help="The saving that is claimed.")]
Seed = Annotated[int, typer.Option(help="Of arm orders, draws and the bootstrap.")]


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
    started = perf_counter()
    requests = load_query_log(log or data_file(SHIPPED_LOG), on_bad_line=on_bad_line)
    folder = out or Path("results") / datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S")
    findings: list[Findings] = []
    try:
        with _started(candidates) as stack:
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
    output.print(f"Report: {page}, after {perf_counter() - started:.0f} s")


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
    warm_up: Annotated[int, typer.Option(min=0, help="Requests sent first and discarded.")] = 20,
    in_flight: InFlight = 1,
    repetitions: Annotated[int, typer.Option(min=1, help="How often the log is gone through.")] = 1,
    cache_state: Caches = CacheState.COLD,
    rerank: Annotated[bool | None, typer.Option(help="By default ENABLE_RERANK decides.")] = None,
    timeout_s: Annotated[float, typer.Option(min=0.001, help="When a request is given up.")] = 30.0,
    candidates: Candidates = DEFAULT_CANDIDATES,
    seed: Seed = 0,
) -> None:
    """Record one paired run."""
    requests = load_query_log(log or data_file(SHIPPED_LOG), on_bad_line=on_bad_line)
    study = Study(
        control=control, treatment=treatment, profile=profile, rerank=rerank,
        cache_state=cache_state, pairs=pairs, order=order, warm_up=warm_up, in_flight=in_flight,
        repetitions=repetitions, timeout_s=timeout_s, seed=seed,
    )  # fmt: skip
    with _started(candidates) as stack:
        recorded = study.record_sync(requests, stack, out)
    output.print(f"{out}: {len(recorded):,} observations, {recorded.status}")
    output.print(f"`hhperf compare {out}` says what they mean.")


def _started(candidates: int) -> Stack:
    stack = Stack(corpus=Corpus(candidates))
    if stack.embedded is not None and not stack.embedded.is_built:
        errors.print(f"Building {candidates:,} candidates once, into {stack.embedded.root} …")
    return stack


def _command() -> str:
    return shlex.join(["hhperf", *sys.argv[1:]])
