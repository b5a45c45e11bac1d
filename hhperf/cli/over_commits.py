"""`hhperf history`: many runs over time, each against a baseline, and where the level changed."""

from pathlib import Path
from typing import Annotated, Literal

import typer
from typer import Argument, Option

from hhperf.cli.exits import ExitCode
from hhperf.cli.options import BootstrapSeed, StatisticChoice, Threshold
from hhperf.cli.screen import output

MeasureChoice = Literal["saving", "control", "treatment"]
PICTURE = "history.png"


def history(
    folder: Annotated[Path, Argument(help="A folder with runs, at any depth.")],
    statistic: Annotated[StatisticChoice, Option(help="What is followed.")] = "p95",
    of: Annotated[
        MeasureChoice,
        Option(help="The saving, or an arm's own latency (of runs on one machine)."),
    ] = "saving",
    baseline: Annotated[
        str | None, Option(help="A run's folder or a commit; by default the first run.")
    ] = None,
    threshold: Threshold = 0.20,
    margin: Annotated[
        float, Option(help="A change that is too small to matter; 0.05 is 5%.")
    ] = 0.05,
    picture: Annotated[
        Path | None, Option(help=f"Where to draw it; by default {PICTURE} in the folder.")
    ] = None,
    fail_on_worse: Annotated[
        bool,
        Option("--fail-on-worse", help="End with code 1 if the newest is WORSE than the baseline."),
    ] = False,
    seed: BootstrapSeed = 0,
) -> None:
    """Follow runs over commits: each against a baseline, and where the level changed.

    Runs under equal conditions are one history; restarts (--runs) are one point of it.
    """
    from hhperf.show import plots  # noqa: PLC0415  (heavy, as are the next)
    from hhperf.show.over_time import history as follow  # noqa: PLC0415
    from hhperf.verdict.history import Against  # noqa: PLC0415

    found = follow(
        folder, statistic=statistic, measure=of, baseline=baseline, threshold=threshold,
        margin=margin, seed=seed,
    )  # fmt: skip
    first = picture or folder / PICTURE
    for number, each in enumerate(found):
        path = first if not number else first.with_stem(f"{first.stem}-{number + 1}")
        plots.save_figure(plots.plot_history(each), path)
        output.print(each)
        output.print(f"Picture: {path}\n", markup=False)
    if fail_on_worse and any(each.newest.word is Against.WORSE for each in found):
        raise typer.Exit(ExitCode.BELOW)
