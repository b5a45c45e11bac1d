"""The commands and how they end."""

import logging
import sys
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import typer
from rich.logging import RichHandler

from hhperf import __version__
from hhperf.cli import (
    decide,
    foresee,
    load,
    logs,
    looked_up,
    mapping,
    measure,
    notebook_verb,
    over_commits,
    parts,
    profiles,
    redact,
    report,
    serve,
    tracing,
    validating,
)  # fmt: skip
from hhperf.cli.exits import BY_SIGNAL, ExitCode, code_of
from hhperf.cli.grouped import grouped
from hhperf.cli.screen import errors
from hhperf.errors import HhperfError
from hhperf.interrupts import heed_signals, interruption, signal_heard
from hhperf.masking import masked

TRACEBACK = "HHPERF_TRACEBACK"
BROKEN_PIPE = BY_SIGNAL + 13
INTERRUPTED = 130
"""What typer makes of an interrupt, whatever signal it stands for."""

# typer brings a click of its own along, which has no public name there.
UsageError: type[Exception] = next(
    each
    for each in typer.BadParameter.__mro__
    if issubclass(each, Exception) and each.__name__ == "ClickException"
)


@dataclass(slots=True)
class _Asked:
    """What was asked for of every command, and is needed once it has failed or was interrupted."""

    tracebacks: bool = False
    interrupted: str = ""


_asked = _Asked()


def heeded(verb: Callable[..., None]) -> Callable[..., None]:
    """A command whose interrupt may say what it has broken off: typer lets go of what it says."""

    @wraps(verb)
    def command(*given: Any, **more: Any) -> None:
        try:
            verb(*given, **more)
        except KeyboardInterrupt as interrupt:
            _asked.interrupted = str(interrupt)
            raise

    return command


app = typer.Typer(
    name="hhperf",
    help="Measures whether running a search's independent steps in parallel pays.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for verb in (
    measure.run, measure.replay, load.load, load.sweep, decide.compare, decide.gate, decide.plan,
    over_commits.history, looked_up.lookups, foresee.what_if, foresee.optimise,
    validating.validate_model, report.report,
    notebook_verb.notebook, redact.redact, serve.serve, serve.doctor,
):  # fmt: skip
    app.command()(heeded(grouped(verb)))
app.command("map")(heeded(mapping.map_))
app.add_typer(parts.app, name="stack")
app.add_typer(logs.app, name="log")
app.add_typer(profiles.app, name="profile")
app.add_typer(tracing.app, name="trace")


@app.callback(invoke_without_command=True)
def options(
    version: bool = typer.Option(False, "--version", help="Print the version and end."),
    verbose: bool = typer.Option(False, "--verbose", "-v", help="Show warnings of each search."),
    tracebacks: bool = typer.Option(
        False, "--traceback", envvar=TRACEBACK, help="Show where in the code an error came up."
    ),
) -> None:
    """Measures whether running a search's independent steps in parallel pays."""
    if version:
        typer.echo(f"hhperf {__version__}")
        raise typer.Exit
    _asked.tracebacks = tracebacks
    level = logging.INFO if verbose else logging.ERROR
    handler = RichHandler(console=errors)
    handler.setFormatter(_Masking("%(message)s"))
    logging.basicConfig(level=level, handlers=[handler])


class _Masking(logging.Formatter):
    """Leaves secrets out, also of tracebacks."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


def main() -> None:
    """Run the command; whatever ends it, its exit code means one thing (`ExitCode`)."""
    warnings.showwarning = lambda message, *_args, **_more: _show_warning(message)
    heed_signals()
    _asked.tracebacks, _asked.interrupted = False, ""
    sys.exit(_carried_out())


def _carried_out() -> int:
    try:
        code = app(prog_name="hhperf", standalone_mode=False) or 0
    except KeyboardInterrupt:
        code = INTERRUPTED
    except SystemExit:  # of typer and rich, when nobody reads on
        return BROKEN_PIPE
    except HhperfError as error:
        return _told(str(error), code_of(error))
    except UsageError as error:
        return _told(_of_usage(error), ExitCode.BAD_INPUT)
    except Exception as error:  # noqa: BLE001  no crash may look like a verdict
        return _told(_unexpected(error), ExitCode.FAILURE)
    if code != INTERRUPTED:
        return int(code)
    # Whatever was kept has been told.
    errors.print(_asked.interrupted or f"interrupted by {interruption()}", markup=False)
    return BY_SIGNAL + signal_heard()


def _show_warning(message: Warning | str) -> None:
    """As one line: where in the code it was given helps nobody here."""
    errors.print("[bold yellow]warning:[/]", end=" ")
    errors.print(masked(str(message)), markup=False, highlight=False)


def _told(message: str, code: ExitCode) -> int:
    if _asked.tracebacks:
        sys.stderr.write(masked(traceback.format_exc()))
    if message:
        errors.print("[bold red]error:[/]", end=" ")
        errors.print(masked(message), markup=False, highlight=False)
    return code


def _of_usage(error: BaseException) -> str:
    """What is wrong with the command line; nothing but the help where nothing was asked for."""
    context = getattr(error, "ctx", None)
    said = str(getattr(error, "format_message", error.__str__)()).replace("Value error, ", "")
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(said, err=True)
        return ""
    command = context.command_path if context else "hhperf"
    return f"{said.rstrip('.')}; `{command} --help` says what there is."


def _unexpected(error: Exception) -> str:
    said = " ".join(f"{type(error).__name__}: {error}".split())
    fault = f"{said} (unexpected: a fault of hhperf and no verdict). Please report it with what"
    if _asked.tracebacks:
        return f"{fault} stands above."
    verb = [each for each in sys.argv[1:] if not each.startswith("-")][:1]
    return f"{fault} `{' '.join(['hhperf --traceback', *verb, '…'])}` prints."
