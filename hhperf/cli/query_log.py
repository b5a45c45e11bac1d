"""`hhperf log`: query logs."""

from pathlib import Path
from typing import Annotated

import typer

from hhperf.cli.screen import output
from hhperf.workload import make_query_log, write_query_log

app = typer.Typer(help="Make and look at query logs.", no_args_is_help=True)


@app.command()
def make(
    out: Annotated[
        Path, typer.Argument(help="The file to write: .jsonl, .jsonl.gz, .csv, .parquet.")
    ],
    count: Annotated[int, typer.Option(min=1, help="How many requests.")] = 2_400,
    seed: Annotated[int, typer.Option(help="Of everything drawn.")] = 0,
) -> None:
    """Make a query log: real arrival times and vocabulary, synthetic queries."""
    log = make_query_log(count, seed=seed)
    write_query_log(log, out)
    output.print(f"{out}: {len(log):,} requests over {log.span_s / 60:.0f} minutes")
