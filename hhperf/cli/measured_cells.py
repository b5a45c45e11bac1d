"""`hhperf map --measure`: cells replayed on the stack, until enough are or the time is over."""

from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import hhperf
from hhperf.analysis.ranks import pairs_to_measure, parse_statistic
from hhperf.cli.contenders import make_stack, read_log
from hhperf.cli.recorded_controls import finished_or_free
from hhperf.cli.screen import errors
from hhperf.experiment.fresh_orders import Conditions, record_loads, record_pairs, unknown_to
from hhperf.forecast.map_controls import SIZE
from hhperf.forecast.map_file import write_map
from hhperf.runs.observation import Arm
from hhperf.shown import duration

if TYPE_CHECKING:
    from hhperf.forecast.claim_map import MapPlan
    from hhperf.forecast.map_cells import Cell, ClaimMap, MapDesign
    from hhperf.forecast.map_controls import Control
    from hhperf.runs.run import Run

SPARE = 1.15
"""Times the requests that a statistic takes: arrivals are drawn, and a few may be left out."""
ARMS = 3
AROUND_S = 5.0
"""Of a run: to prepare, warm up and write it."""
DRAINED = 1.5
"""Times the block's length, under a load that leaves a backlog."""


@dataclass(frozen=True, slots=True)
class Measuring:
    """How much is measured.

    Attributes:
        cells: at most so many.
        minutes: no cell is begun that is expected to end later.
        pairs: of a cell without load.
        candidates: in the database, where a cell does not say.
    """

    cells: int
    minutes: float
    pairs: int
    candidates: int


def measure_cells(found: "ClaimMap", plan: "MapPlan", how: Measuring, folder: Path) -> "ClaimMap":
    """Measure the cells of which that tells most; each is kept as soon as it is there.

    A run that was ended before its time ends the measuring, and its cell stays predicted.

    Raises:
        HhperfError: the stack cannot be started, or a cell not be measured.
    """
    chosen = found.worth_measuring(how.cells)
    left_s = 60 * how.minutes
    for size in sorted({_size(each, how) for each in chosen}):
        with make_stack(size) as stack:  # building it is no measuring
            for cell in (each for each in chosen if _size(each, how) == size):
                expected_s = _expected_s(cell, plan.design, plan.tasks[cell.place], how.pairs)
                if expected_s > left_s:
                    errors.print(
                        f"{cell.place} would take some {duration(expected_s)}: beyond --budget,"
                        " not measured.", markup=False,
                    )  # fmt: skip
                    continue
                errors.print(f"{cell.place} …", markup=False)
                begun = monotonic()
                run = _recorded(cell, plan, stack, how, folder / "runs" / cell.place.slug)
                left_s -= monotonic() - begun
                if run.status != "finished":
                    errors.print(f"{run.path}: {run.status}; the cells before it are kept.")
                    return found
                found = found.with_cell(measured(cell, run, plan.design))
                write_map(folder, found)
    return found


def _size(cell: "Cell", how: Measuring) -> int:
    return cell.place.candidates or how.candidates


def measured(cell: "Cell", run: "Run", design: "MapDesign") -> "Cell":
    """The cell with what a run measured there, and its verdict with all gates."""
    result = hhperf.compare(run, threshold=design.threshold)[design.statistic]
    return replace(
        cell, measured=result.estimate, verdict=result.verdict, run=f"runs/{run.path.name}"
    )


def fewest(design: "MapDesign") -> int:
    """The requests of an arm in which the map's statistic can be measured at all."""
    q = parse_statistic(design.statistic)
    return 1 if q is None else pairs_to_measure(q)


def rounds_of(design: "MapDesign", rate_hz: float) -> int:
    """Blocks of each arm: those of the map, or as many as its statistic takes."""
    return max(design.rounds, ceil(SPARE * fewest(design) / (rate_hz * design.seconds)))


def _expected_s(cell: "Cell", design: "MapDesign", control: "Control", pairs: int) -> float:
    if cell.place.pool is None:
        return ARMS * max(pairs, fewest(design)) * cell.control_s / _in_flight(control) + AROUND_S
    rounds = rounds_of(design, cell.place.rate_hz)
    return ARMS * rounds * design.seconds * DRAINED + AROUND_S


def _in_flight(control: "Control") -> int:
    return int(getattr(control.basis.run.metadata.design, "in_flight", 1))


def _recorded(
    cell: "Cell", plan: "MapPlan", stack: "hhperf.Stack", how: Measuring, out: Path
) -> "Run":
    control, place, design = plan.tasks[cell.place], cell.place, plan.design
    known, out = finished_or_free(out, "" if place.pool is None else cell.treatment)
    if known is not None:
        return known
    recorded = control.basis.run
    conditions = Conditions.of(
        recorded, control=control.against or recorded.metadata.design.arms[Arm.CONTROL],
        rerank=place.rerank, cache_state=place.cache, pool_max=place.pool,
        seed=place.seed(design.seed) % 2**31, labels={SIZE: str(_size(cell, how))},
    )  # fmt: skip
    log = read_log(None)
    fresh = unknown_to(recorded, log)
    if place.pool is None:
        pairs = max(how.pairs, fewest(design))
        log = fresh if len(fresh) >= pairs else log
        (run,) = record_pairs(log, stack, out, [cell.treatment], conditions, pairs).values()
        return run
    loads = record_loads(
        fresh if len(fresh) else log, stack, out, [cell.treatment], conditions,
        rate_hz=place.rate_hz, seconds=design.seconds, rounds=rounds_of(design, place.rate_hz),
    )  # fmt: skip
    (run,) = loads.values()
    return run
