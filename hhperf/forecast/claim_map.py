"""Where a claim holds: predicted for every cell of profile, reranker, caches, load and pool."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hhperf.analysis.decision import decide
from hhperf.analysis.estimate import widened
from hhperf.errors import ForecastError
from hhperf.forecast.changes import CACHED, LOOKUPS, Changes, Profile
from hhperf.forecast.map_cells import Cell, ClaimMap, MapDesign, Place
from hhperf.forecast.map_controls import Control, controls_of
from hhperf.forecast.model_error import UNKNOWN
from hhperf.forecast.what_if import forecast
from hhperf.runs.run import Run

if TYPE_CHECKING:
    from distributed import Client

RATES_HZ = (0.0, 5.0, 10.0, 15.0, 20.0)
POOLS = (4, 20)
CACHES = ("cold", "warm")


@dataclass(frozen=True, slots=True, eq=False)
class MapPlan:
    """The places of a map and what each is predicted from.

    Attributes:
        design: what the map is made by.
        tasks: each place with its control.
        lacking: what there is no control for, and why.
    """

    design: MapDesign
    tasks: Mapping[Place, Control]
    lacking: tuple[str, ...] = ()

    def fill(self, known: Iterable[Cell] = (), client: "Client | None" = None) -> Iterator[Cell]:
        """Predict the places that are not among the known cells, one after the other.

        Args:
            known: cells that are there already.
            client: of a Dask cluster that predicts them; the numbers are the same.
        """
        there = {each.place for each in known}
        tasks = {place: each for place, each in self.tasks.items() if place not in there}
        if client is None:
            for place, control in tasks.items():
                yield predict_cell(place, control, self.design)
            return
        yield from _by_cluster(client, tasks, self.design)

    def map_of(self, cells: Iterable[Cell]) -> ClaimMap:
        """The map of cells, in the order of the plan."""
        found = {each.place: each for each in cells}
        return ClaimMap(
            self.design, tuple(found[each] for each in self.tasks if each in found), self.lacking
        )


def plan_map(
    runs: Iterable[Run],
    design: MapDesign,
    *,
    rates_hz: Sequence[float] = RATES_HZ,
    pools: Sequence[int] = POOLS,
    caches: Sequence[str] = CACHES,
    profiles: Mapping[str, Profile] | None = None,
    size: int | None = None,
) -> MapPlan:
    """Lay out a map over the recorded controls, with and without a reranker each.

    Args:
        runs: whose controls are predicted from, cold caches and this kit's arms alone.
        design: what the map is made by.
        rates_hz: requests offered a second; 0 for requests that meet no other.
        pools: database connections of each arm.
        caches: `cold` and `warm`.
        profiles: latency profiles by name, from which a reranker is drawn that no run had.
        size: candidates in the database where a run does not say.

    Raises:
        ForecastError: no run can be used, or an axis has a value that is none.
    """
    _check(rates_hz, pools, caches)
    controls, lacking = controls_of(runs, profiles or {}, size=size)
    loads = [
        (rate, pool)
        for rate in sorted(set(rates_hz))
        for pool in (sorted(set(pools)) if rate else (None,))
    ]
    tasks = {
        Place(each.profile, each.rerank, cache, rate, pool, each.candidates): each
        for each in controls
        for cache in caches
        for rate, pool in loads
    }
    return MapPlan(design, tasks, lacking)


def claim_map(
    runs: Iterable[Run],
    design: MapDesign | None = None,
    *,
    client: "Client | None" = None,
    **axes: Any,
) -> ClaimMap:
    """Predict where a claim holds, from the controls of recorded runs.

    Args:
        runs: whose controls are predicted from.
        design: statistic, claim and simulation.
        client: of a Dask cluster that fills the cells.
        axes: as `plan_map` takes them.

    Raises:
        ForecastError: no run can be used, or an axis has a value that is none.
    """
    plan = plan_map(runs, design or MapDesign(), **axes)
    return plan.map_of(plan.fill(client=client))


def predict_cell(place: Place, control: Control, design: MapDesign) -> Cell:
    """Predict one place from its control; the same wherever it is done."""
    stages = {
        stage: CACHED for stage in LOOKUPS
        if place.cache == "warm" and stage in control.basis.requests.parts
    }  # fmt: skip
    both = Changes(
        schedule=control.against or None,
        stages=stages,
        pool_max=place.pool,
        rerank=False if control.drops_rerank else None,
    )
    treatment = control.treatment or design.treatment
    basis = control.basis.under(place.rate_hz, design.seconds, design.rounds)
    found = forecast(
        basis, replace(both, schedule=treatment), both,
        replicates=design.replicates, seed=place.seed(design.seed),
    )  # fmt: skip
    saving = found[design.statistic]
    if control.draws_rerank:
        saving = widened(saving, UNKNOWN.sd)
    return Cell(
        place, treatment, float(found.control_s.mean()), saving, decide(saving, design.threshold)
    )


def _by_cluster(
    client: "Client", tasks: Mapping[Place, Control], design: MapDesign
) -> Iterator[Cell]:
    from distributed import as_completed  # noqa: PLC0415  an extra

    controls = {id(each): each for each in tasks.values()}  # many places share one, sent once
    sent = {key: client.scatter(each) for key, each in controls.items()}  # type: ignore[no-untyped-call]
    futures = [
        client.submit(predict_cell, place, sent[id(control)], design, pure=False)
        for place, control in tasks.items()
    ]
    for done in as_completed(futures):  # type: ignore[no-untyped-call]
        yield done.result()


def _check(rates_hz: Sequence[float], pools: Sequence[int], caches: Sequence[str]) -> None:
    if not rates_hz or any(not 0 <= each < float("inf") for each in rates_hz):
        raise ForecastError(f"rates: {list(rates_hz)} must be 0 or more requests a second")
    if any(rates_hz) and (not pools or min(pools) < 1):
        raise ForecastError(f"pools: {list(pools)} must be 1 connection or more")
    for each in caches or ("",):
        if each not in CACHES:
            raise ForecastError(f"caches: {each!r}: a map has {' and '.join(CACHES)}")
