"""`hhperf map`: where the claim holds, predicted cell by cell, some cells measured."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

import hhperf
from hhperf.cli.contenders import dask_client
from hhperf.cli.options import (
    MOST_CANDIDATES,
    Candidates,
    Rounds,
    Seconds,
    Seed,
    StatisticChoice,
    Threshold,
)
from hhperf.cli.runs_given import runs_given
from hhperf.cli.screen import errors, output
from hhperf.errors import ForecastError
from hhperf.long_work import progress_bar
from hhperf.stack.made_of import DEFAULT_CANDIDATES

if TYPE_CHECKING:
    from hhperf.forecast.claim_map import MapPlan
    from hhperf.forecast.map_cells import ClaimMap

PICTURE = "map.png"


def map_(
    runs: Annotated[
        list[Path] | None,
        Argument(help="Recorded runs or folders of them; by default the shipped ones."),
    ] = None,
    out: Annotated[
        Path, Option(help="The map's folder; one that is there is gone on with.")
    ] = Path("results/map"),
    rates: Annotated[
        str, Option(help="Offered requests a second; 0 for requests that meet no other.")
    ] = "0,5,10,15,20",
    pools: Annotated[str, Option(help="Database connections of each arm.")] = "4,20",
    sizes: Annotated[
        str,
        Option(
            help="Candidates in the database, such as 23000,200000: what no run has is recorded"
            " first, --pairs of each profile."
        ),
    ] = "",
    treatment: Annotated[str, Option(help="The arm or schedule that is claimed.")] = "parallel",
    statistic: Annotated[StatisticChoice, Option(help="Whose saving is looked at.")] = "p95",
    threshold: Threshold = 0.20,
    seconds: Seconds = 20.0,
    rounds: Rounds = 2,
    measure: Annotated[
        int, Option(min=0, help="Cells to measure, those of which that tells most first.")
    ] = 0,
    budget: Annotated[float, Option(min=0.01, help="With --measure: minutes at most.")] = 10.0,
    pairs: Annotated[int, Option(min=1, help="Requests of what is measured without load.")] = 400,
    candidates: Candidates = DEFAULT_CANDIDATES,
    dask: Annotated[
        str | None, Option(help="A Dask scheduler (tcp://10.0.0.1:8786) whose workers predict.")
    ] = None,
    seed: Seed = 0,
) -> None:
    """Map where the claim holds: by profile, reranker, caches, load, pool and candidates."""
    from hhperf.cli.measured_cells import Measuring, measure_cells  # noqa: PLC0415  (heavy)
    from hhperf.cli.recorded_controls import Recording, record_controls  # noqa: PLC0415
    from hhperf.experiment.latency_profiles import profile_names  # noqa: PLC0415
    from hhperf.forecast.claim_map import plan_map  # noqa: PLC0415
    from hhperf.forecast.map_cells import MapDesign  # noqa: PLC0415
    from hhperf.forecast.what_if import MEAN  # noqa: PLC0415

    design = MapDesign(statistic, threshold, treatment, seconds, rounds, seed=seed)
    hhperf.Schedule.parse(treatment)
    if measure and statistic == MEAN:
        raise ForecastError("--measure: a mean has no interval under load: take p50, or p95")
    known, wanted = runs_given(runs), _whole_numbers("--sizes", sizes)
    if wanted:
        how = Recording(treatment, pairs, out / "controls")
        known = record_controls(known, wanted, candidates, how)
    plan = plan_map(
        known, design, rates_hz=_numbers("--rates", rates), pools=_whole_numbers("--pools", pools),
        profiles={name: hhperf.load_profile(name) for name in profile_names()},
        size=candidates if wanted else None,
    )  # fmt: skip
    found = _filled(plan, out, dask)
    if measure:
        found = measure_cells(found, plan, Measuring(measure, budget, pairs, candidates), out)
    hhperf.plots.save_figure(hhperf.plots.plot_claim_map(found), out / PICTURE)
    output.print(found)
    output.print(f"{out}: map.json, map.csv and {PICTURE}; the same command goes on with it.")


def _filled(plan: "MapPlan", out: Path, dask: str | None) -> "ClaimMap":
    """Predict what is not there yet; an interrupt keeps what is."""
    from hhperf.forecast.map_file import read_map, write_map  # noqa: PLC0415  (heavy)

    known = read_map(out, plan.design)
    cells = list(known.cells) if known else []
    lacking = len(plan.map_of(cells).cells)
    bar = progress_bar("cells", len(plan.tasks) - lacking, unit="cell")
    try:
        with dask_client(dask) as client, bar:
            for cell in plan.fill(cells, client):
                cells.append(cell)
                bar.update()
    except KeyboardInterrupt:
        errors.print(f"{len(cells):,} cells are kept in {out}.", markup=False)
        raise
    finally:
        write_map(out, plan.map_of(cells))
    return plan.map_of(cells)


def _numbers(option: str, said: str) -> list[float]:
    try:
        return [float(each) for each in said.split(",") if each.strip()]
    except ValueError:
        raise ForecastError(f"{option}: {said}: give numbers, such as 4,20") from None


def _whole_numbers(option: str, said: str) -> list[int]:
    found = _numbers(option, said)
    for each in found:
        if not each.is_integer() or not 1 <= each <= MOST_CANDIDATES:
            raise ForecastError(
                f"{option}: {each:g}: give whole numbers from 1 to {MOST_CANDIDATES:,}"
            )
    return [int(each) for each in found]
