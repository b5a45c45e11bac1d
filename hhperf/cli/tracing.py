"""`hhperf trace`: a team's own traces in, runs as traces out."""

import json
from pathlib import Path
from typing import Annotated, Literal

import typer
from typer import Argument, Option

import hhperf
from hhperf.cli.exits import ExitCode
from hhperf.cli.options import BootstrapSeed, StatisticChoice, Threshold
from hhperf.cli.screen import output

app = typer.Typer(
    help="Import traces, say what running steps in parallel would save, export runs.",
    no_args_is_help=True,
)

ExportFormat = Literal["otlp", "otlp-json", "chrome"]
Folder = Annotated[Path, Argument(help="What `hhperf trace import` wrote.")]
OperationName = Annotated[
    str | None, Option(help="Its name; by default the one that takes longest in all.")
]
Clusters = Annotated[
    list[str] | None,
    Option("--cluster", help="A kept attribute to resample by, such as session.id; repeatable."),
]
AsJson = Annotated[bool, Option("--json", help="Print JSON instead of tables.")]


@app.command("import")
def import_(
    files: Annotated[
        list[Path], Argument(help="OTLP, Jaeger's or Zipkin's JSON; plain, gzip or zstd.")
    ],
    out: Annotated[Path, Argument(help="The folder to write, new or empty.")],
    keep: Annotated[
        list[str] | None,
        Option(help="An attribute of roots to keep, to weight or cluster by; repeatable."),
    ] = None,
    on_bad_file: Annotated[
        Literal["fail", "skip"],
        Option(help="What a file that is cut or damaged does: fail, or give what is before that."),
    ] = "fail",
) -> None:
    """Read traces into a folder, with a file beside them to declare which steps are independent."""
    traces = hhperf.import_traces(files, out, keep=keep or (), on_bad_file=on_bad_file)
    output.print(traces)


@app.command()
def show(folder: Folder, operation: OperationName = None, as_json: AsJson = False) -> None:
    """Say what traces show of an operation: steps, what precedes what, what overlaps."""
    found = hhperf.learn_structure(hhperf.load_traces(folder), operation)
    if as_json:
        typer.echo(json.dumps(found.to_dict(), indent=2))
        return
    output.print(found)


@app.command()
def predict(
    folder: Folder,
    operation: OperationName = None,
    independent: Annotated[
        list[str] | None,
        Option(
            help="Steps that need not wait for each other: embedding,specialty; beside those in"
            " FOLDER/steps.toml; repeatable."
        ),
    ] = None,
    rest_depends: Annotated[
        bool, Option("--rest-depends", help="All other pairs depend: nothing more is possible.")
    ] = False,
    clusters: Clusters = None,
    pool: Annotated[
        list[str] | None,
        Option(
            help="Connections that steps queue for under load, in each process:"
            " database=4:vector,text; beside those in FOLDER/steps.toml; repeatable."
        ),
    ] = None,
    rate: Annotated[
        str | None,
        Option(
            help="With a pool: calls a second in all, or times the recorded rate (2x); by default"
            " as recorded; 0 for calls that meet no other."
        ),
    ] = None,
    threshold: Threshold = 0.20,
    as_json: AsJson = False,
    seed: BootstrapSeed = 0,
) -> None:
    """Say what running independent steps at once would save: a prediction, never a verdict."""
    found = hhperf.predict_savings(
        hhperf.load_traces(folder),
        operation,
        independent=independent or (),
        rest_depends=rest_depends,
        clusters=clusters or (),
        pools=pool or (),
        rate=rate,
        threshold=threshold,
        seed=seed,
    )
    if as_json:
        typer.echo(json.dumps(found.to_dict(), indent=2))
        return
    output.print(found)


@app.command()
def compare(
    before: Annotated[Path, Argument(help="Imported traces of the old release.")],
    after: Annotated[Path, Argument(help="Imported traces of the new one.")],
    operation: Annotated[
        str | None, Option(help="Its name; by default all that begins traces.")
    ] = None,
    by: Annotated[
        list[str] | None,
        Option(help="A kept attribute of which the mix is weighted out; repeatable."),
    ] = None,
    clusters: Clusters = None,
    threshold: Threshold = 0.20,
    statistic: Annotated[
        StatisticChoice, Option(help="With --gate: which saving decides.")
    ] = "p95",
    gate: Annotated[
        bool, Option("--gate", help="End with the verdict's exit code, as `hhperf gate` does.")
    ] = False,
    as_json: AsJson = False,
    seed: BootstrapSeed = 0,
) -> None:
    """Compare the traces of two releases. Observational: the exit code is 0 unless --gate asks."""
    found = hhperf.compare_traces(
        hhperf.load_traces(before),
        hhperf.load_traces(after),
        operation,
        by=by or (),
        clusters=clusters or (),
        threshold=threshold,
        seed=seed,
    )
    if as_json:
        typer.echo(json.dumps(found.to_dict(), indent=2))
    else:
        output.print(found)
    if gate:
        raise typer.Exit(ExitCode[found[statistic].verdict])


@app.command()
def export(
    run: Annotated[Path, Argument(help="A run's folder.")],
    out: Annotated[
        Path | None, Option(help="The file; by default RUN's name in this folder.")
    ] = None,
    form: Annotated[ExportFormat, Option("--format", help="What it is written as.")] = "otlp",
    slowest: Annotated[
        int | None, Option(min=1, help="Only so many requests, the slowest.")
    ] = None,
    request: Annotated[int | None, Option(min=0, help="Only the request of this pair.")] = None,
    arm: Annotated[
        Literal["control", "treatment", "control_again"] | None, Option(help="Only this arm.")
    ] = None,
) -> None:
    """Write a run's requests as traces: for a tracing system, or for Perfetto."""
    from hhperf.traces.run_export import export_run  # noqa: PLC0415  (heavy)

    path, count = export_run(
        hhperf.load_run(run), form, out, slowest=slowest, request=request, arm=arm
    )
    output.print(f"{path}: {count:,} requests", markup=False)
