"""`hhperf lookups`: what caching and coalescing did for a run's lookups."""

from pathlib import Path
from typing import Annotated

from typer import Argument

import hhperf
from hhperf.cli.options import Seed
from hhperf.cli.screen import output


def lookups(
    run: Annotated[Path, Argument(help="A run with natural caches.")], seed: Seed = 0
) -> None:
    """Say what caching and coalescing did for a run's lookups, measured and predicted."""
    output.print(hhperf.lookups(hhperf.load_run(run), seed=seed))
