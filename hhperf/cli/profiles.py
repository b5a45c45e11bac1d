"""`hhperf profile fit`: a latency profile from what was measured."""

from pathlib import Path
from typing import Annotated, Literal

import typer
from typer import Argument, Option

import hhperf
from hhperf.cli.options import BootstrapSeed
from hhperf.cli.screen import output

app = typer.Typer(help="Latency profiles.", no_args_is_help=True)


@app.callback()
def profile() -> None:
    """Latency profiles."""


@app.command()
def fit(
    source: Annotated[
        Path, Argument(help="A run, whose control is read; or a CSV file, a column of ms a stage.")
    ],
    out: Annotated[Path, Option("--out", "-o", help="The profile, a new .toml file.")],
    family: Annotated[
        Literal["lognormal", "gamma"] | None,
        Option(help="The only distribution to be had; by default what fits best."),
    ] = None,
    seed: BootstrapSeed = 0,
) -> None:
    """Fit a distribution to each stage, and write a profile for --profile and --stage."""
    from hhperf.experiment.profile_fit import fit_profile, write_profile  # noqa: PLC0415  (heavy)

    found = fit_profile(
        hhperf.load_run(source) if source.is_dir() else source, family=family, seed=seed
    )
    write_profile(found, out)
    hhperf.load_profile(str(out))  # what is written can be read
    picture = out.with_suffix(".png")
    hhperf.plots.save_figure(hhperf.plots.plot_profile_fit(found), picture)
    output.print(found)
    output.print(f"{out}, and a Q-Q picture: {picture}; `--profile {out}` takes it.", markup=False)
