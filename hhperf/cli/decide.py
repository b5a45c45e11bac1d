"""`hhperf compare`, `hhperf gate` and `hhperf plan`."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

import hhperf
from hhperf.cli.exits import ExitCode
from hhperf.cli.options import (
    BootstrapSeed,
    ClusterChoice,
    FailOnChoice,
    LatencyChoice,
    StatisticChoice,
    Threshold,
    UndamagedOnly,
)
from hhperf.cli.screen import output, show_folder, show_notes
from hhperf.errors import RunError, SampleError

if TYPE_CHECKING:
    from hhperf.analysis.comparison import Comparison

Source = Annotated[
    Path, Argument(help="A run's folder, or a CSV file with the columns control, treatment.")
]
Clusters = Annotated[
    ClusterChoice, Option(help="Resample by tenant, session, text, pairs, or auto (runs only).")
]
Latency = Annotated[
    LatencyChoice | None,
    Option(help="service_time (default of paired runs) or response_time (of runs under load)."),
]


def compare(
    source: Source,
    threshold: Threshold = 0.20,
    latency: Latency = None,
    clusters: Clusters = "auto",
    as_json: Annotated[bool, Option("--json", help="Print JSON instead of tables.")] = False,
    undamaged_only: UndamagedOnly = False,
    seed: BootstrapSeed = 0,
    dask: Annotated[
        str | None,
        Option(
            help="A Dask scheduler (tcp://10.0.0.1:8786) whose workers go through a paired run;"
            " they read it at the same path."
        ),
    ] = None,
) -> None:
    """Say what a recorded run or sweep means, or what latencies measured by any other tool do.

    A run that is too large for memory is gone through in parts: savings and gates alone are told.
    """
    how = _How(threshold, latency, clusters, seed, undamaged_only, dask)
    if as_json and _is_sweep(source):
        runs = hhperf.load_sweep(source, undamaged_only=undamaged_only)
        found = hhperf.examine_sweep(runs, threshold=threshold, seed=seed)
        typer.echo(found.to_frame().to_json(orient="records", indent=2))
    elif as_json:
        typer.echo(json.dumps(_compared(source, how).to_dict(), indent=2))
    elif how.is_plain and source.is_dir() and not _is_large(source, undamaged_only=undamaged_only):
        show_folder(source, threshold, seed, undamaged_only=undamaged_only)
    else:
        _show_comparison(_compared(source, how))


def gate(
    source: Source,
    statistic: Annotated[StatisticChoice, Option(help="Which saving decides.")] = "p95",
    threshold: Threshold = 0.20,
    latency: Latency = None,
    clusters: Clusters = "auto",
    fail_on: Annotated[
        FailOnChoice, Option(help="below: 0 for every verdict but BELOW; any: a code for each.")
    ] = "any",
    accept_partial: Annotated[
        bool,
        Option(
            "--accept-partial", help="Judge a run too that did not go to its end: what there is."
        ),
    ] = False,
    undamaged_only: UndamagedOnly = False,
    seed: BootstrapSeed = 0,
) -> None:
    """Decide by exit code: 0 exceeds, 1 below, 2 inconclusive, 3 not measurable; 4 and more: none.

    A run that did not go to its end has no verdict, unless --accept-partial asks for one.
    """
    if not accept_partial:
        _must_be_finished(source)
    how = _How(threshold, latency, clusters, seed, undamaged_only)
    comparison = _compared(source, how)
    result = comparison[statistic]
    output.print(f"{result}, against {threshold:.0%}", markup=False)
    show_notes((*result.estimate.warnings, *comparison.warnings))
    passes = fail_on == "below" and result.verdict != "BELOW"
    raise typer.Exit(0 if passes else ExitCode[result.verdict])


def plan(
    pilot: Annotated[Path | None, Argument(help="A pilot: a run's folder or a CSV file.")] = None,
    alternative: Annotated[float, Option(help="The true saving to be found.")] = 0.25,
    threshold: Threshold = 0.20,
    power: Annotated[float, Option(help="The chance to find it.")] = 0.90,
    rate: Annotated[float, Option(help="Pairs a second, for the minutes.")] = 1.0,
    sigma: Annotated[float, Option(help="Without a pilot: log-scale spread.")] = 0.5,
    correlation: Annotated[float, Option(help="Without a pilot: of a pair's logs.")] = 0.8,
) -> None:
    """Say how many pairs and minutes a verdict takes, from a pilot or from assumptions."""
    from hhperf.analysis import power as planning  # noqa: PLC0415  (heavy, as are the next)
    from hhperf.show.analysis_tables import plan_table  # noqa: PLC0415
    from hhperf.verdict.latency_file import load_latencies  # noqa: PLC0415

    goal = planning.Goal(alternative=alternative, threshold=threshold, power=power)
    if pilot is None:
        plans = planning.plan_from_assumptions(sigma, sigma, correlation, goal=goal)
    elif pilot.is_dir():
        pairs = hhperf.load_run(pilot).pairs()
        plans = planning.plan_from_pilot(pairs.control, pairs.treatment, pairs.text, goal=goal)
    else:
        read = load_latencies(pilot)
        plans = planning.plan_from_pilot(read.control, read.treatment, read.clusters, goal=goal)
    output.print(plan_table(plans, rate))


@dataclass(frozen=True, slots=True)
class _How:
    threshold: float
    latency: str | None
    clusters: str
    seed: int
    undamaged_only: bool
    dask: str | None = None

    @property
    def is_plain(self) -> bool:
        """Whether nothing is asked that a run's page does not have."""
        return self.latency is None and self.clusters == "auto" and self.dask is None


def _compared(source: Path, how: _How) -> "Comparison":
    from hhperf.cli.contenders import dask_client  # noqa: PLC0415  (heavy)
    from hhperf.verdict.latency_file import load_latencies  # noqa: PLC0415  (heavy)
    from hhperf.verdict.restarts import compare_restarts, restarts_in  # noqa: PLC0415

    if how.is_plain and (restarts := restarts_in(source)):
        return compare_restarts(restarts, threshold=how.threshold, seed=how.seed).comparison
    if source.is_dir():
        run = hhperf.load_run(source, undamaged_only=how.undamaged_only)
        with dask_client(how.dask) as client:
            return hhperf.compare(
                run,
                threshold=how.threshold,
                statistic=how.latency,
                clusters=how.clusters,
                seed=how.seed,
                client=client,
            )
    if not how.is_plain:
        raise SampleError("--clusters, --latency, --dask are for runs; a CSV file has its columns")
    return load_latencies(source).compare(threshold=how.threshold, seed=how.seed)


def _is_large(source: Path, *, undamaged_only: bool) -> bool:
    from hhperf.runs.run import is_run  # noqa: PLC0415  (heavy)
    from hhperf.verdict.large_compare import is_large  # noqa: PLC0415

    return is_run(source) and is_large(hhperf.load_run(source, undamaged_only=undamaged_only))


def _must_be_finished(source: Path) -> None:
    from hhperf.verdict.restarts import restarts_in  # noqa: PLC0415  (heavy)

    if not source.is_dir():
        return
    runs = restarts_in(source) or (hhperf.load_run(source),)
    if ending := next((run.ending for run in runs if run.ending), ""):
        raise RunError(
            f"{source}: no verdict on a partial run, {ending}; record it anew, or judge what there"
            " is with --accept-partial"
        )


def _is_sweep(source: Path) -> bool:
    from hhperf.runs.run import is_run  # noqa: PLC0415  (heavy)
    from hhperf.verdict.restarts import restarts_in  # noqa: PLC0415

    if not source.is_dir() or is_run(source) or restarts_in(source):
        return False
    return any(map(is_run, source.iterdir()))


def _show_comparison(comparison: "Comparison") -> None:
    from hhperf.show.analysis_tables import gate_tables, savings_table  # noqa: PLC0415  (heavy)

    output.print(savings_table(comparison))
    for table in gate_tables(comparison):
        output.print(table)
    warned = [each for result in comparison.results for each in result.estimate.warnings]
    show_notes((*comparison.warnings, *warned))
    result = comparison[comparison.primary]
    output.print(f"{result.verdict} at {result.statistic}: {result.estimate}", style="bold")
