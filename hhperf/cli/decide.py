"""`hhperf compare`, `hhperf gate` and `hhperf plan`."""

import json
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from hhperf.analysis import Comparison, Goal, Verdict, plan_from_assumptions, plan_from_pilot
from hhperf.analysis.plan import Plan
from hhperf.breakdown import has_stages
from hhperf.cli.screen import output, show
from hhperf.errors import SampleError
from hhperf.harness import load_sweep
from hhperf.judging import compare as compare_run
from hhperf.latencies import load_latencies
from hhperf.load_tables import (
    capacity_table,
    floor_sentence,
    load_table,
    sweep_sentences,
    sweep_table,
)
from hhperf.report import Findings
from hhperf.runs import PairedDesign, Run, SwitchbackDesign, is_run, load_run
from hhperf.sweeping import examine_sweep
from hhperf.tables import gates_table, latency_table, plan_table, savings_table

FEWEST_LOADS = 3
"""A sweep of fewer has no knee."""

EXIT_CODES = {
    Verdict.EXCEEDS: 0,
    Verdict.BELOW: 1,
    Verdict.INCONCLUSIVE: 2,
    Verdict.NOT_MEASURABLE: 3,
}

Source = Annotated[
    Path, typer.Argument(help="A run's folder, or a CSV file with the columns control, treatment.")
]
Threshold = Annotated[float, typer.Option(help="The saving that is claimed.")]
Clusters = Annotated[
    str, typer.Option(help="Resample by tenant, session, text, pairs, or auto (runs only).")
]
Latency = Annotated[
    str | None,
    typer.Option(
        help="service_time (default of paired runs) or response_time (of runs under load)."
    ),
]
Seed = Annotated[int, typer.Option(help="Of the bootstrap.")]


class Statistic(StrEnum):
    """What a gate may stand on."""

    MEAN = "mean"
    P50 = "p50"
    P90 = "p90"
    P95 = "p95"
    P99 = "p99"


def compare(
    source: Source,
    threshold: Threshold = 0.20,
    latency: Latency = None,
    clusters: Clusters = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
    seed: Seed = 0,
) -> None:
    """Say what a recorded run or sweep means, or what latencies measured by any other tool do."""
    if _is_sweep(source):
        runs = load_sweep(source)
        if as_json:
            frame = examine_sweep(runs, threshold=threshold, seed=seed).to_frame()
            typer.echo(frame.to_json(orient="records", indent=2))
        else:
            show_sweep(runs, threshold=threshold, seed=seed)
    elif as_json:
        comparison = _compared(source, threshold, latency, clusters, seed)
        typer.echo(json.dumps(comparison.to_dict(), indent=2))
    elif source.is_dir():
        show_run(
            load_run(source), threshold=threshold, seed=seed, latency=latency, clusters=clusters
        )
    else:
        _show_comparison(_compared(source, threshold, latency, clusters, seed))


def gate(
    source: Source,
    statistic: Annotated[Statistic, typer.Option(help="Which saving decides.")] = Statistic.P95,
    threshold: Threshold = 0.20,
    latency: Latency = None,
    clusters: Clusters = "auto",
    seed: Seed = 0,
) -> None:
    """Decide by exit code: 0 exceeds, 1 below, 2 inconclusive, 3 not measurable, 4 bad input."""
    comparison = _compared(source, threshold, latency, clusters, seed)
    result = comparison[statistic.value]
    output.print(f"{result}, against {threshold:.0%}", markup=False)
    for warning in dict.fromkeys((*result.estimate.warnings, *comparison.warnings)):
        output.print(f"Note: {warning}.", markup=False)
    raise typer.Exit(EXIT_CODES[result.verdict])


def plan(
    pilot: Annotated[
        Path | None, typer.Argument(help="A pilot: a run's folder or a CSV file.")
    ] = None,
    alternative: Annotated[float, typer.Option(help="The true saving to be found.")] = 0.25,
    threshold: Threshold = 0.20,
    power: Annotated[float, typer.Option(help="The chance to find it.")] = 0.90,
    rate: Annotated[float, typer.Option(help="Pairs a second, for the minutes.")] = 1.0,
    sigma: Annotated[float, typer.Option(help="Without a pilot: log-scale spread.")] = 0.5,
    correlation: Annotated[float, typer.Option(help="Without a pilot: of a pair's logs.")] = 0.8,
) -> None:
    """Say how many pairs and minutes a verdict takes, from a pilot or from assumptions."""
    goal = Goal(alternative=alternative, threshold=threshold, power=power)
    plans = (
        _from_pilot(pilot, goal)
        if pilot
        else plan_from_assumptions(sigma, sigma, correlation, goal=goal)
    )
    output.print(plan_table(plans, rate))


def _from_pilot(pilot: Path, goal: Goal) -> tuple[Plan, ...]:
    if pilot.is_dir():
        pairs = load_run(pilot).pairs()
        return tuple(plan_from_pilot(pairs.control, pairs.treatment, pairs.text, goal=goal))
    read = load_latencies(pilot)
    return tuple(plan_from_pilot(read.control, read.treatment, read.clusters, goal=goal))


def show_run(
    run: Run,
    *,
    threshold: float,
    seed: int,
    latency: str | None = None,
    clusters: str = "auto",
) -> None:
    """Print all that a run says: findings of a paired one, a comparison of one under load."""
    is_usual = latency is None and clusters == "auto"
    if is_usual and isinstance(run.metadata.design, PairedDesign) and has_stages(run):
        show(Findings.of(run, threshold=threshold, seed=seed))
        return
    if isinstance(run.metadata.design, SwitchbackDesign):
        output.print(load_table(run))
        if run.metadata.floor is not None:
            output.print(floor_sentence(run.metadata.floor), markup=False)
    else:
        output.print(latency_table(run))
    _show_comparison(
        compare_run(run, threshold=threshold, statistic=latency, clusters=clusters, seed=seed)
    )


def show_sweep(runs: Sequence[Run], *, threshold: float, seed: int) -> None:
    """Print what a sweep says; one that was interrupted early says what each of its runs does."""
    if len(runs) < FEWEST_LOADS:
        for run in runs:
            output.rule(f"{run.metadata.design.pace}")
            show_run(run, threshold=threshold, seed=seed)
        return
    found = examine_sweep(runs, threshold=threshold, seed=seed)
    output.print(sweep_table(found))
    output.print(capacity_table(found))
    for sentence in sweep_sentences(found):
        output.print(sentence, markup=False)
    for run in runs[-1:]:
        if run.metadata.floor is not None:
            output.print(floor_sentence(run.metadata.floor), markup=False)


def _compared(
    source: Path, threshold: float, latency: str | None, clusters: str, seed: int
) -> Comparison:
    if source.is_dir():
        return compare_run(
            load_run(source), threshold=threshold, statistic=latency, clusters=clusters, seed=seed
        )
    if clusters != "auto" or latency is not None:
        raise SampleError("--clusters and --latency are for runs; a CSV file has its columns")
    return load_latencies(source).compare(threshold=threshold, seed=seed)


def _is_sweep(source: Path) -> bool:
    return source.is_dir() and not is_run(source) and any(map(is_run, source.iterdir()))


def _show_comparison(comparison: Comparison) -> None:
    output.print(savings_table(comparison))
    if comparison.gates:
        output.print(gates_table(comparison.gates))
    warned = [w for each in comparison.results for w in each.estimate.warnings]
    for warning in dict.fromkeys((*comparison.warnings, *warned)):
        output.print(f"Note: {warning}.", markup=False)
    result = comparison[comparison.primary]
    output.print(f"{result.verdict} at {result.statistic}: {result.estimate}", style="bold")
