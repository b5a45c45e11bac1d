"""`hhperf map --sizes`: a control recorded for each size of the database that no run has."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import hhperf
from hhperf.cli.contenders import make_stack, read_log
from hhperf.cli.screen import errors
from hhperf.errors import RunError
from hhperf.experiment.fresh_orders import Conditions, record_pairs
from hhperf.experiment.study import beside_of
from hhperf.forecast.map_controls import AS_SHIPPED, SIZE, Control, controls_of
from hhperf.runs.run import is_run

if TYPE_CHECKING:
    from hhperf.runs.run import Run

IN_FLIGHT = 2
"""Of a control: over a large database searches compute for long, and more of them side by side
would record each other's computing as the stages' own."""


@dataclass(frozen=True, slots=True)
class Recording:
    """How controls are recorded.

    Attributes:
        treatment: what is measured beside each control.
        pairs: of each run.
        folder: where they are kept.
    """

    treatment: str
    pairs: int
    folder: Path


def record_controls(
    runs: "Sequence[Run]", sizes: Sequence[int], unsaid: int, how: Recording
) -> "list[Run]":
    """The runs, and one more for each profile and size that none of them has.

    Nothing is recorded of what can be derived: a reranker (drawn or left out), the placeholder
    lookup, loads and pools. What was recorded before is taken as it is.

    Args:
        runs: the known ones.
        sizes: candidates in the database.
        unsaid: the size where a run does not say.
        how: how to record.

    Raises:
        HhperfError: a stack cannot be started, or a run not be recorded to its end.
    """
    controls = [each for each in controls_of(runs, {}, size=unsaid)[0] if _is_of_its_own(each)]
    found = list(runs)
    for size in sizes:
        there = {each.profile for each in controls if each.candidates == size}
        lacking = {each.profile: each for each in controls if each.profile not in there}
        if not lacking:
            continue
        with make_stack(size) as stack:
            found += [_recorded(each, size, stack, how) for each in lacking.values()]
    return found


def _is_of_its_own(control: Control) -> bool:
    return not control.rerank and control.profile != AS_SHIPPED


def _recorded(control: Control, size: int, stack: "hhperf.Stack", how: Recording) -> "Run":
    known, out = finished_or_free(how.folder / f"{control.profile}-of-{size}")
    if known is not None:
        return known
    errors.print(f"{control.profile}, {size:,} candidates: recording a control …", markup=False)
    conditions = Conditions.of(control.basis.run, rerank=False, labels={SIZE: str(size)})
    conditions = replace(conditions, in_flight=min(conditions.in_flight, IN_FLIGHT))
    runs = record_pairs(read_log(None), stack, out, [how.treatment], conditions, how.pairs)
    run = runs[how.treatment]
    if run.status != "finished":
        raise RunError(f"{run.path}: {run.status}; the same command goes on with the others")
    return run


def finished_or_free(out: Path, beside: str = "") -> "tuple[Run | None, Path]":
    """A run that was finished there before, and else a folder beside it that is free.

    Args:
        out: the folder.
        beside: the treatment whose run lies beside it; empty for the folder itself.
    """
    place = out
    while is_run(there := beside_of(place, beside) if beside else place):
        if (run := hhperf.load_run(there)).status == "finished":
            return run, place
        place = place.with_name(f"{place.name}-again")
    return None, place
