"""Runs that a command predicts from: those that are named, or the shipped ones."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import hhperf
from hhperf.errors import RunError

if TYPE_CHECKING:
    from hhperf.runs.run import Run

SHIPPED = ("claim", "plan-rerank-off", "plan-rerank-on")


def runs_given(places: Iterable[Path] | None) -> "list[Run]":
    """The runs, and those in the folders.

    Args:
        places: runs or folders of them; the shipped ones when None or empty.

    Raises:
        RunError: there is none.
    """
    from hhperf.runs.run import is_run  # noqa: PLC0415  (heavy)

    folder = hhperf.data_dir() / "runs"
    chosen = list(places or (folder / each for each in SHIPPED))
    found = []
    for place in chosen:
        if is_run(place):
            found.append(hhperf.load_run(place))
        elif place.is_dir():
            found += [hhperf.load_run(each.parent) for each in sorted(place.rglob("run.json"))]
        else:
            raise RunError(f"{place}: is no run and no folder of runs")
    if not found:
        raise RunError(f"{', '.join(map(str, chosen))}: no run in it")
    return found
