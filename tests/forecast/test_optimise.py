"""The best order, by prediction."""

import asyncio
from pathlib import Path
from time import perf_counter_ns

import pytest

from hhperf.errors import ForecastError
from hhperf.experiment.callables import compare_callables
from hhperf.forecast.optimise import Ranking, optimise
from hhperf.harness.target import Reply, Request
from hhperf.runs.observation import Span
from hhperf.runs.run import Run, load_run
from hhperf.workload.query_log import QueryLog
from tests.alike import plain


@pytest.fixture(scope="module")
def crowded(loaded_run: Run) -> Ranking:
    """A heavy load on four connections."""
    return optimise(loaded_run, rate_hz=15.55, pool_max=4, seconds=4.0)


def test_alone_nothing_is_quicker_than_starting_at_once(shipped_run: Run) -> None:
    """Of all 66 orders; and what changes no critical path cannot be told from it."""
    found = optimise(shipped_run)
    assert (found.orders, found.is_whole, found.best[0].schedule) == (66, True, "eager")
    assert {"eager", "vector < specialty"} <= set(found.tied)
    assert "sequential" not in found.tied


def test_where_connections_are_few_starting_at_once_is_not_best(crowded: Ranking) -> None:
    """Orders that put the specialty first hold connections later."""
    places = [each.schedule for each in crowded.best]
    assert places.index("vector < specialty; text < specialty") < places.index("eager")


def test_known_arms_are_ranked_whatever_comes_of_them(crowded: Ranking) -> None:
    """With their savings against the control, which are none for itself."""
    by_name = {each.schedule: each for each in crowded.best}
    assert {"sequential", "parallel", "eager"} <= by_name.keys()
    assert by_name["sequential"].saving.point == pytest.approx(0.0)


@pytest.mark.filterwarnings("ignore")  # those of the cluster itself
def test_a_cluster_ranks_the_same(loaded_run: Run, crowded: Ranking) -> None:
    """To the last digit, however the orders are shared out."""
    distributed = pytest.importorskip("distributed", reason="needs the extra `dask`")
    options = {"n_workers": 3, "processes": False, "dashboard_address": None}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:
        found = optimise(loaded_run, rate_hz=15.55, pool_max=4, seconds=4.0, client=client)
    assert plain(found) == plain(crowded)


def test_orders_are_the_best_first_and_the_best_is_behind_nothing(crowded: Ranking) -> None:
    """Each with how far it is behind."""
    taken = [each.latency_s for each in crowded.best]
    assert taken == sorted(taken)
    assert crowded.best[0].behind.point == 0
    assert crowded.best[0].is_tied


def test_an_unknown_statistic_is_refused(shipped_run: Run) -> None:
    """With what there is."""
    with pytest.raises(ForecastError, match="did you mean p9"):
        optimise(shipped_run, statistic="p96")


def test_many_stages_are_ordered_wait_by_wait(log: QueryLog, tmp_path: Path) -> None:
    """Of six that take nothing of each other there are 130,023 orders; all at once is found."""
    names = "abcdef"

    async def call(_request: Request) -> Reply:
        spans = []
        for name in names:
            start = perf_counter_ns()
            await asyncio.sleep(0.001)
            spans.append(Span(name, start, perf_counter_ns()))
        return Reply(results=(("a", 1.0),), spans=tuple(spans))

    out = tmp_path / "run"
    compare_callables(call, call, log.head(20), out=out, warm_up=1)
    found = optimise(load_run(out), statistic="mean", inputs=dict.fromkeys(names, ()))
    assert not found.is_whole
    assert found.best[0].saving.point > 0.6
