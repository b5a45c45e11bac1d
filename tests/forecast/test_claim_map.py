"""Where the claim holds, from the shipped controls."""

import pytest

from hhperf.analysis.decision import Verdict
from hhperf.errors import ForecastError
from hhperf.forecast.claim_map import claim_map, plan_map
from hhperf.forecast.map_cells import ClaimMap, MapDesign
from hhperf.runs.run import Run, load_run
from hhperf.workload.shipped import data_dir
from tests.alike import plain

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
    assert plain(next(plan.fill())) == plain(small_map.cells[2])


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
        assert plain(plan.map_of(plan.fill(client=client))) == plain(small_map)


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
