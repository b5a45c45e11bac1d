"""What a run means, whatever kind it is."""

import pytest

from hhperf.errors import SampleError
from hhperf.harness import plan_pairs
from hhperf.judging import compare
from hhperf.replaying import replay_sync
from hhperf.runs import Run
from tests.harness.conftest import arms, make_log
from tests.harness.test_shared_load import make_targets, planned


@pytest.fixture(scope="module")
def paired(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Twenty pairs."""
    plan = plan_pairs(make_log(20), cache_state="natural", seed=0, warm_up=0)
    return replay_sync(plan, arms(), tmp_path_factory.mktemp("runs") / "paired", progress=False)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Sixty requests an arm."""
    folder = tmp_path_factory.mktemp("runs") / "loaded"
    return replay_sync(planned(), make_targets, folder, progress=False)


def test_pairs_have_an_order_and_a_mean(paired: Run) -> None:
    """Service times, with the gates of pairs."""
    comparison = compare(paired, clusters="pairs")
    assert comparison.results[0].statistic == "mean"
    assert "order effect" in [gate.name for gate in comparison.gates]


def test_a_load_has_lags(loaded: Run) -> None:
    """Response times, with the gates of an open loop."""
    comparison = compare(loaded)
    assert comparison.n_pairs == 60
    assert "dispatch lag, ms" in [gate.name for gate in comparison.gates]


def test_a_load_has_no_clusters(loaded: Run) -> None:
    """What follows in one queue belongs together."""
    with pytest.raises(SampleError, match="paired runs"):
        compare(loaded, clusters="text")
