"""`hhperf report`."""

from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

from hhperf.cli.options import (
    BootstrapSeed,
    FailOnChoice,
    FormatChoice,
    StatisticChoice,
    Threshold,
    UndamagedOnly,
)
from hhperf.cli.screen import command_line, output

STDOUT = "-"


def report(
    runs: Annotated[
        list[Path],
        Argument(help="Folders of runs, of `hhperf run`, or of sweeps.", metavar="RUN..."),
    ],
    out: Annotated[
        Path | None,
        Option(help="The file: .html, .md or .xml; - prints it. By default report.html."),
    ] = None,
    form: Annotated[
        FormatChoice | None, Option("--format", help="By default the file's ending decides.")
    ] = None,
    threshold: Threshold = 0.20,
    statistic: Annotated[
        StatisticChoice | None, Option(help="Which saving decides; p95 by default.")
    ] = None,
    fail_on: Annotated[
        FailOnChoice, Option(help="Of test cases: below skips what has no verdict, any fails it.")
    ] = "any",
    undamaged_only: UndamagedOnly = False,
    seed: BootstrapSeed = 0,
) -> None:
    """Write what runs mean: a page, a comment for a pull request, or test cases for CI.

    The exit code is 0 whatever the verdict: `hhperf gate` decides by it.
    """
    from hhperf.show.report import write  # noqa: PLC0415  (heavy, as is the next)
    from hhperf.show.subjects import find_subjects  # noqa: PLC0415

    chosen = write.Format(form or ("html" if out is None else write.format_of(out)))
    path = out or Path(write.DEFAULT_NAMES[chosen])
    subjects = find_subjects(
        runs, threshold=threshold, statistic=statistic, seed=seed, undamaged_only=undamaged_only
    )
    text = write.render(subjects, command_line(), chosen, fail_on_below=fail_on == "below")
    if str(path) == STDOUT:
        typer.echo(text, nl=False)
        return
    write.write_text(path, text)
    for each in subjects:
        output.print(each.verdict, markup=False)
    output.print(f"Report: {path}", markup=False)
