"""The commands and how their errors are shown."""

import logging
import sys
import warnings

import typer
from rich.logging import RichHandler

from hhperf import __version__
from hhperf.cli import decide, load, logs, measure, parts, redact, report, serve
from hhperf.cli.grouped import grouped
from hhperf.cli.screen import errors
from hhperf.errors import HhperfError

BAD_INPUT = 4
"""The exit code of bad input, or of a part that is down; 0 to 3 are verdicts."""

app = typer.Typer(
    name="hhperf",
    help="Measures whether running a search's independent steps in parallel pays.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for verb in (
    measure.run, measure.replay, load.load, load.sweep, decide.compare, decide.gate, decide.plan,
    report.report, redact.redact, serve.serve, serve.doctor,
):  # fmt: skip
    app.command()(grouped(verb))
app.add_typer(parts.app, name="stack")
app.add_typer(logs.app, name="log")


@app.callback(invoke_without_command=True)
def options(
    version: bool = typer.Option(False, "--version", help="Print the version and end."),
    verbose: bool = typer.Option(False, "--verbose", "-v", help="Show warnings of each search."),
) -> None:
    """Measures whether running a search's independent steps in parallel pays."""
    if version:
        typer.echo(f"hhperf {__version__}")
        raise typer.Exit
    level = logging.INFO if verbose else logging.ERROR
    logging.basicConfig(level=level, format="%(message)s", handlers=[RichHandler(console=errors)])


def main() -> None:
    """Run the command; an error that hhperf raises on purpose is shown as one message."""
    warnings.showwarning = lambda message, *_args, **_more: _show_warning(message)
    try:
        app()
    except HhperfError as error:
        errors.print(f"[bold red]error:[/] {_plain(error)}", highlight=False)
        sys.exit(BAD_INPUT)


def _show_warning(message: Warning | str) -> None:
    """As one line: where in the code it was given helps nobody here."""
    errors.print(f"[bold yellow]warning:[/] {_plain(message)}", highlight=False)


def _plain(message: Exception | str) -> str:
    return str(message).replace("[", "\\[")
