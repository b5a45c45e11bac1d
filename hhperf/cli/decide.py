"""`hhperf compare`, `hhperf gate` and `hhperf plan`."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from hhperf.analysis.comparison import Comparison
from hhperf.analysis.decision import Verdict
from hhperf.analysis.power import Goal, Plan, plan_from_assumptions, plan_from_pilot
from hhperf.cli.screen import output, show
from hhperf.errors import SampleError
from hhperf.harness.sweep import load_sweep
from hhperf.runs.run import is_run, load_run
from hhperf.show.analysis_cards import gates_table, plan_table, savings_table
from hhperf.show.subjects import find_subjects
from hhperf.verdict.compare import compare as compare_run
from hhperf.verdict.latency_file import load_latencies
from hhperf.verdict.sweeps import examine_sweep

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


class FailOn(StrEnum):
    """Which verdicts fail a gate."""

    BELOW = "below"
    ANY = "any"


def compare(
    source: Source,
    threshold: Threshold = 0.20,
    latency: Latency = None,
    clusters: Clusters = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
    seed: Seed = 0,
) -> None:
    """Say what a recorded run or sweep means, or what latencies measured by any other tool do."""
    if as_json and _is_sweep(source):
        frame = examine_sweep(load_sweep(source), threshold=threshold, seed=seed).to_frame()
        typer.echo(frame.to_json(orient="records", indent=2))
    elif as_json:
        comparison = _compared(source, threshold, latency, clusters, seed)
        typer.echo(json.dumps(comparison.to_dict(), indent=2))
    elif source.is_dir() and latency is None and clusters == "auto":
        for each in find_subjects([source], threshold=threshold, seed=seed):
            show(each)
    else:
        _show_comparison(_compared(source, threshold, latency, clusters, seed))


def gate(
    source: Source,
    statistic: Annotated[Statistic, typer.Option(help="Which saving decides.")] = Statistic.P95,
    threshold: Threshold = 0.20,
    latency: Latency = None,
    clusters: Clusters = "auto",
    fail_on: Annotated[
        FailOn, typer.Option(help="below: 0 for every verdict but BELOW; any: a code for each.")
    ] = FailOn.ANY,
    seed: Seed = 0,
) -> None:
    """Decide by exit code: 0 exceeds, 1 below, 2 inconclusive, 3 not measurable, 4 bad input."""
    comparison = _compared(source, threshold, latency, clusters, seed)
    result = comparison[statistic.value]
    output.print(f"{result}, against {threshold:.0%}", markup=False)
    for warning in dict.fromkeys((*result.estimate.warnings, *comparison.warnings)):
        output.print(f"Note: {warning}.", markup=False)
    passes = fail_on is FailOn.BELOW and result.verdict is not Verdict.BELOW
    raise typer.Exit(0 if passes else EXIT_CODES[result.verdict])


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
