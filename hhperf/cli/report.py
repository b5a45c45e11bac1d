"""`hhperf report`."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from hhperf.cli.decide import FailOn, Seed, Statistic, Threshold
from hhperf.cli.screen import output
from hhperf.show.report.write import DEFAULT_NAMES, Format, format_of, render, write_text
from hhperf.show.subjects import find_subjects

STDOUT = "-"


def report(
    runs: Annotated[
        list[Path],
        typer.Argument(help="Folders of runs, of `hhperf run`, or of sweeps.", metavar="RUN..."),
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="The file: .html, .md or .xml; - prints it. By default report.html."),
    ] = None,
    form: Annotated[
        Format | None, typer.Option("--format", help="By default the file's ending decides.")
    ] = None,
    threshold: Threshold = 0.20,
    statistic: Annotated[
        Statistic | None, typer.Option(help="Which saving decides; p95 by default.")
    ] = None,
    fail_on: Annotated[
        FailOn, typer.Option(help="Of test cases: below skips what has no verdict, any fails it.")
    ] = FailOn.ANY,
    seed: Seed = 0,
) -> None:
    """Write what runs mean: a page, a comment for a pull request, or test cases for CI.

    The exit code is 0 whatever the verdict: `hhperf gate` decides by it.
    """
    chosen = form or (Format.HTML if out is None else format_of(out))
    path = out or Path(DEFAULT_NAMES[chosen])
    subjects = find_subjects(runs, threshold=threshold, statistic=statistic, seed=seed)
    command = shlex.join(["hhperf", *sys.argv[1:]])
    text = render(subjects, command, chosen, fail_on_below=fail_on is FailOn.BELOW)
    if str(path) == STDOUT:
        typer.echo(text, nl=False)
        return
    write_text(path, text)
    for each in subjects:
        output.print(each.verdict, markup=False)
    output.print(f"Report: {path}", markup=False)
