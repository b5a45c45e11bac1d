"""`hhperf run` and `hhperf replay`."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

import hhperf
from hhperf.cli.contenders import contenders, make_stack, read_log
from hhperf.cli.exits import end_like
from hhperf.cli.options import (
    Caches,
    Candidates,
    Claim,
    ExtraTime,
    InFlight,
    OrderChoice,
    Pairs,
    Place,
    Regime,
    Seed,
    Threshold,
    TimeoutS,
    WarmUp,
)
from hhperf.cli.screen import command_line, errors, output, show_recorded
from hhperf.errors import StackError
from hhperf.stack.made_of import DEFAULT_CANDIDATES

if TYPE_CHECKING:
    from hhperf.experiment.study import Study
    from hhperf.show.findings import Findings
    from hhperf.stack.stack import Stack
    from hhperf.workload.query_log import QueryLog

IN_FLIGHT = 12
PAIRS = 800
"""Enough for a verdict at p95, with the reranker too, which is near the claim (p99 takes 2,000)."""
WITH_MODELLED_STAGES = Claim(profile="plan")


def run(
    out: Annotated[Path | None, Option(help="A new folder; by default under results/.")] = None,
    claim: Claim = WITH_MODELLED_STAGES,
    pairs: Pairs = None,
    in_flight: InFlight = IN_FLIGHT,
    cache_state: Caches = "cold",
    candidates: Candidates = DEFAULT_CANDIDATES,
    threshold: Threshold = 0.20,
    until_verdict: Annotated[
        bool,
        Option("--until-verdict", help="Draw requests until p95's verdict is in; --pairs at most."),
    ] = False,
    extra_time: ExtraTime = None,
    seed: Seed = 0,
) -> None:
    """Settle the claim: replay the log with rerank off and on, and print both verdicts."""
    from hhperf.show.report.provenance import data_note  # noqa: PLC0415  (heavy)

    begun = perf_counter()
    studies = [
        hhperf.Study(
            control=claim.control, treatment=claim.treatment, profile=claim.profile,
            rerank=rerank, cache_state=cache_state, in_flight=in_flight,
            threshold=threshold, seed=seed, extra_time_s=extra_time,
            pairs=pairs or (None if until_verdict else PAIRS),
            until_verdict="p95" if until_verdict else None,
        )
        for rerank in (False, True)
    ]  # fmt: skip
    requests = read_log(claim.log, claim.on_bad_line)
    folder = out or Path("results") / datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S")
    findings: list[Findings] = []
    ended: BaseException | None = None
    try:
        with make_stack(candidates) as stack:
            for study in studies:
                findings += _settled(study, requests, stack, folder)
    except (KeyboardInterrupt, StackError) as early:
        errors.print("Ended early: what was measured is kept.")
        ended = early
    if findings:
        page = hhperf.write_report(findings, folder, command_line())
        output.print(data_note(findings[0].run.metadata), markup=False)
        output.print(f"Report: {page}, after {perf_counter() - begun:.0f} s")
    if ended is not None:
        raise ended


def _settled(
    study: "Study", requests: "QueryLog", stack: "Stack", folder: Path
) -> "Iterator[Findings]":
    """Record one regime and print what it means; a partial one ends the command after that."""
    name = "rerank-on" if study.rerank else "rerank-off"
    errors.print(f"Replaying {Path(requests.source).name}, {name.replace('-', ' ')} …")
    recorded = study.record_sync(requests, stack, folder / name)
    if found := show_recorded(recorded, study.threshold, study.seed):
        yield found
    end_like(recorded)


def replay(
    out: Annotated[Path, Argument(help="The run's folder, new or empty.")],
    *,
    claim: Claim,
    pairs: Pairs = None,
    order: Annotated[OrderChoice, Option(help="As logged, or drawn with replacement.")] = "log",
    warm_up: WarmUp = 20,
    in_flight: InFlight = 1,
    repetitions: Annotated[int, Option(min=1, help="How often the log is gone through.")] = 1,
    regime: Regime,
    timeout_s: TimeoutS = 30.0,
    extra_time: ExtraTime = None,
    place: Place,
    seed: Seed = 0,
) -> None:
    """Record one paired run: of two arms, or of two live deployments."""
    requests = read_log(claim.log, claim.on_bad_line)
    with contenders(claim, regime, place) as prepared:
        plan = hhperf.plan_pairs(
            requests, cache_state=regime.cache_state, seed=seed, pairs=pairs, order=order,
            warm_up=warm_up, in_flight=in_flight, repetitions=repetitions, timeout_s=timeout_s,
            extra_time_s=extra_time,
        )  # fmt: skip
        recorded = hhperf.replay_sync(
            plan, prepared.make_targets, out, conditions=prepared.conditions
        )
    output.print(f"{out}: {len(recorded):,} observations, {recorded.status}")
    output.print(f"`hhperf compare {out}` says what they mean.")
    end_like(recorded)
