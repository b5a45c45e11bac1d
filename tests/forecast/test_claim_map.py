"""Where the claim holds, from the shipped controls."""

from dataclasses import replace

import pytest

from hhperf.analysis.decision import Verdict
from hhperf.errors import ForecastError
from hhperf.forecast.claim_map import ClaimMap, MapDesign, Place, claim_map, plan_map
from hhperf.runs.run import Run, load_run
from hhperf.workload.shipped import data_dir
from tests.forecast.made_cells import cell

DESIGN = MapDesign(seconds=5.0, rounds=1, replicates=20)


@pytest.fixture(scope="module")
def small_map(shipped_run: Run) -> ClaimMap:
    """Without other requests, and at 20 a second on two pools."""
    return claim_map([shipped_run], DESIGN, rates_hz=[0, 20], pools=[4, 20], caches=["cold"])


def test_a_cell_without_load_says_what_the_run_measured(small_map: ClaimMap) -> None:
    """Within the predicted interval, and of the same verdict."""
    run = load_run(data_dir() / "runs/claim/plan").pairs()
    alone = small_map.cells[0]
    measured = 1 - sorted(run.treatment)[int(0.95 * len(run))] / sorted(run.control)[
        int(0.95 * len(run))
    ]  # fmt: skip
    assert alone.place.pool is None
    assert alone.saving.contains(measured)
    assert alone.verdict is Verdict.EXCEEDS


def test_a_small_pool_under_load_takes_the_saving(small_map: ClaimMap) -> None:
    """At 20 a second four connections are too few for two at a time."""
    four, twenty = small_map.cells[1:]
    assert (four.place.pool, twenty.place.pool) == (4, 20)
    assert four.saving.point < 0.15
    assert twenty.saving.point > 0.25


def test_a_cell_is_the_same_whatever_was_filled_before(
    shipped_run: Run, small_map: ClaimMap
) -> None:
    """Its draws are of its own place."""
    plan = plan_map([shipped_run], DESIGN, rates_hz=[20], pools=[20], caches=["cold"])
    assert next(plan.fill()) == small_map.cells[2]


def test_known_cells_are_not_filled_again(shipped_run: Run, small_map: ClaimMap) -> None:
    """A map is gone on with."""
    plan = plan_map([shipped_run], DESIGN, rates_hz=[0, 20], pools=[4, 20], caches=["cold"])
    assert not list(plan.fill(small_map.cells))


@pytest.mark.filterwarnings("ignore")  # those of the cluster itself
def test_a_cluster_predicts_the_same_cells(shipped_run: Run, small_map: ClaimMap) -> None:
    """Each draws by its place's seed, wherever that is done and whichever ends first."""
    distributed = pytest.importorskip("distributed", reason="needs the extra `dask`")
    plan = plan_map([shipped_run], DESIGN, rates_hz=[0, 20], pools=[4, 20], caches=["cold"])
    options = {"n_workers": 2, "processes": False, "dashboard_address": None}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:
        assert plan.map_of(plan.fill(client=client)) == small_map


def test_measuring_tells_most_near_the_claim_and_where_least_is_known() -> None:
    """A far and sure cell comes last, a measured one not at all."""
    near, unsure, far = cell(0.21, 0.02), cell(0.30, 0.20), cell(0.50, 0.02)
    known = cell(0.2, 0.1)
    found = ClaimMap(DESIGN, (far, near, unsure, replace(known, measured=known.predicted)))
    assert found.worth_measuring() == (unsure, near, far)


@pytest.mark.parametrize(
    ("axes", "said"),
    [
        ({"rates_hz": [-1]}, "rates: .* 0 or more"),
        ({"pools": [0]}, "pools: .* 1 connection or more"),
        ({"caches": ["hot"]}, "caches: 'hot': a map has cold and warm"),
    ],
)
def test_an_axis_takes_no_nonsense(
    shipped_run: Run, axes: dict[str, list[float]], said: str
) -> None:
    """Named with what it takes."""
    with pytest.raises(ForecastError, match=said):
        plan_map([shipped_run], DESIGN, **axes)  # type: ignore[arg-type]


def test_places_differ_in_seeds_and_folders() -> None:
    """Two that differ in the pool alone."""
    four, five = (Place("plan", True, "cold", 5.0, pool) for pool in (4, 5))
    assert four.seed(0) != five.seed(0)
    assert four.slug == "plan-rerank-on-cold-5-a-second-on-4"
