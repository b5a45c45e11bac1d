"""`--runs N`: a command once more in fresh processes, one after the other."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from typer import Option

from hhperf.cli.exits import BY_SIGNAL
from hhperf.cli.screen import errors
from hhperf.interrupts import signal_heard

Runs = Annotated[
    int,
    Option(
        "--runs",
        min=1,
        max=99,
        help="Record so many runs, each in a process of its own, into run-01, run-02, …; the"
        " verdict is then over runs. Ten are asked for, three are better than one.",
    ),
]
Restart = Annotated[
    int | None, Option("--restart", min=1, hidden=True, help="Which of --runs this process is.")
]


def is_parent(runs: int, restart: int | None) -> bool:
    """Whether this process only starts others."""
    return runs > 1 and restart is None


def restart_labels(runs: int, restart: int | None) -> dict[str, str]:
    """What a run that is one of several is called by."""
    return {} if restart is None else {"restart": f"{restart} of {runs}"}


def record_restarts(
    context: typer.Context, folder: Path, runs: int, seed: int, *, is_run: bool
) -> None:
    """Record each run in a process of its own; one that is there is left, or gone on with.

    Args:
        context: of the command under way, whose options they have.
        folder: theirs.
        runs: how many.
        seed: of the first; each next has the next one.
        is_run: whether a restart's folder is a run, which needs nothing more once it is finished;
            else it has several, and the command itself knows which are lacking.

    Raises:
        Exit: one ended early; with its code.
    """
    for number in range(1, runs + 1):
        place = folder / f"run-{number:02}"
        begun = place.is_dir() and any(place.iterdir())
        if begun and is_run and _is_finished(place):
            continue
        changed: dict[str, Any] = {"out": place, "seed": seed + number - 1, "restart": number}
        changed["resume"] = place if begun else None
        errors.print(f"Run {number} of {runs}, in a process of its own …")
        code = ended([sys.executable, "-m", "hhperf", *arguments_of(context, changed)])
        if code:
            errors.print(
                f"Run {number} of {runs} ended early;"
                f" `hhperf {context.info_name} --resume {folder}` goes on.", markup=False,
            )  # fmt: skip
            raise typer.Exit(code)


def arguments_of(context: typer.Context, changed: Mapping[str, Any]) -> list[str]:
    """The command line of the command under way, with some options changed.

    Args:
        context: the command's.
        changed: by the parameter's name; None leaves an option out.
    """
    words = [str(context.info_name)]
    for parameter in context.command.params:
        name = str(parameter.name)
        source = context.get_parameter_source(name)
        if name in changed:
            words += _words(parameter, changed[name])
        elif source is not None and source.name != "DEFAULT":
            words += _words(parameter, context.params.get(name))
    return words


def _words(parameter: Any, value: Any) -> Iterator[str]:
    if value is None:
        return
    if parameter.param_type_name == "argument":
        yield str(value)
    elif isinstance(value, bool):
        yield from (parameter.opts if value else parameter.secondary_opts)[:1]
    else:
        option = max(parameter.opts, key=len)
        for each in value if isinstance(value, list | tuple) else [value]:
            yield f"{option}={each}"


def ended(command: list[str]) -> int:
    """Wait for a process, which every signal that comes here is passed on to; its exit code."""
    child = subprocess.Popen(command)
    while True:
        try:
            code = child.wait()
        except KeyboardInterrupt:
            child.send_signal(signal_heard())
        else:
            return code if code >= 0 else BY_SIGNAL - code


def _is_finished(place: Path) -> bool:
    from hhperf.runs.run import load_run  # noqa: PLC0415  (heavy)

    return load_run(place).status == "finished"
