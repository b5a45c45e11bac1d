"""`hhperf notebook`."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

import hhperf
from hhperf.cli.options import BootstrapSeed, Threshold
from hhperf.cli.screen import output


def notebook(
    run: Annotated[Path, Argument(help="A run's folder, or a sweep's.")],
    out: Annotated[
        Path | None, Option("--out", "-o", help="The file; by default RUN's name in this folder.")
    ] = None,
    threshold: Threshold = 0.20,
    seed: BootstrapSeed = 0,
) -> None:
    """Write a notebook about a run, executed; `pytest --nbval-lax` fails when the run changes."""
    path = hhperf.write_notebook(run, out, threshold=threshold, seed=seed)
    output.print(f"Notebook: {path}", markup=False)
