"""Options that several commands have."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from hhperf.harness.paired_plan import CacheState

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
Rerank = Annotated[bool | None, typer.Option(help="By default ENABLE_RERANK decides.")]
Threshold = Annotated[float, typer.Option(help="The saving that is claimed.")]
Seed = Annotated[int, typer.Option(help="Of arm orders, draws and the bootstrap.")]
TimeoutS = Annotated[float, typer.Option(min=0.001, help="When a request is given up.")]
WarmUp = Annotated[int, typer.Option(min=0, help="Requests sent first and discarded.")]
Candidates = Annotated[
    int,
    typer.Option(
        min=1, max=1_000_000, envvar="HHPERF_CANDIDATES", help="People in the embedded database."
    ),
]
Targets = Annotated[
    list[str] | None,
    typer.Option(
        "--target",
        help="A live deployment instead of an arm: control=URL, and again treatment=URL."
        " Secret headers: HHPERF_HEADER_X_API_KEY=… sends X-Api-Key.",
    ),
]
Method = Annotated[str, typer.Option(help="With --target: the method of the requests.")]
CaFile = Annotated[Path | None, typer.Option(help="With --target: certificates to trust (PEM).")]
Seconds = Annotated[float, typer.Option(min=0.1, help="How long each block of one arm lasts.")]
Rounds = Annotated[int, typer.Option(min=1, help="Blocks of each arm, in orders drawn anew.")]
MaxInFlight = Annotated[
    int, typer.Option(min=1, help="Requests under way at most; more are dropped and counted.")
]
Workers = Annotated[int, typer.Option(min=1, help="Processes of this machine that send.")]
Dask = Annotated[
    str | None,
    typer.Option(help="A Dask scheduler (tcp://10.0.0.1:8786) whose workers send."),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Print what would be sent, and when; send nothing.")
]
