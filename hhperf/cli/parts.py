"""`hhperf stack`: the real components."""

from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer
from typer import Option

import hhperf
from hhperf.cli.contenders import make_stack
from hhperf.cli.options import Candidates
from hhperf.cli.screen import output
from hhperf.stack.made_of import DEFAULT_CANDIDATES

app = typer.Typer(help="Start, stop and look at the real components.", no_args_is_help=True)


@app.command()
def up(candidates: Candidates = DEFAULT_CANDIDATES) -> None:
    """Build what is missing, start what is embedded, and leave it running."""
    started = perf_counter()
    with make_stack(candidates, output) as stack:
        if stack.embedded is not None:
            stack.embedded.keep(kept=True)
        _show_parts(stack)
    output.print(f"Up after {perf_counter() - started:.1f} s; `hhperf stack down` stops it.")


@app.command()
def down(
    candidates: Candidates = DEFAULT_CANDIDATES,
    remove: Annotated[bool, Option(help="Delete the data too.")] = False,
) -> None:
    """Stop the embedded servers, once nobody uses them."""
    embedded = hhperf.Stack(corpus=hhperf.Corpus(candidates)).embedded
    if embedded is None:
        output.print("Nothing is embedded: every part is named by a setting.")
        return
    if embedded.running is None and not remove:
        output.print("Nothing is running.")
        return
    embedded.keep(kept=False)
    if remove:
        embedded.remove()
        output.print(f"Stopped, and removed {embedded.folder}.")
    elif embedded.is_used():
        output.print("Still in use: it stops with its last user.")
    else:
        embedded.leave()
        output.print("Stopped.")


@app.command()
def status(candidates: Candidates = DEFAULT_CANDIDATES) -> None:
    """Say which part is embedded, which external, and in which version."""
    stack = hhperf.Stack(corpus=hhperf.Corpus(candidates))
    _show_parts(stack)
    if stack.embedded is not None:
        embedded = stack.embedded
        built = f"{_megabytes(embedded.folder):,.0f} MB" if embedded.is_built else "not built yet"
        output.print(f"Data of {candidates:,} candidates: {embedded.folder} ({built})")


def _show_parts(stack: "hhperf.Stack") -> None:
    from hhperf.show.stack_cards import parts_table  # noqa: PLC0415  (heavy)

    output.print(parts_table(stack.parts()))


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
