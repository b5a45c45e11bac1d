"""What predicted orders are measured under, and on which requests."""

import pytest

from hhperf.errors import PlanError
from hhperf.experiment.fresh_orders import Conditions, record_loads, unknown_to
from hhperf.runs.run import load_run
from hhperf.stack.stack import Stack
from hhperf.workload.query_log import QueryLog
from hhperf.workload.shipped import data_dir


def test_conditions_are_those_of_the_recorded_run() -> None:
    """But for what is said."""
    how = Conditions.of(load_run(data_dir() / "runs/claim/plan"), pool_max=4)
    assert (how.control, how.profile.name, how.rerank) == ("sequential", "plan", False)
    assert (how.cache_state, how.pool_max, how.in_flight) == ("cold", 4, 12)


def test_what_was_recorded_elsewhere_cannot_be_reordered_here() -> None:
    """A live service runs its stages as it does."""
    with pytest.raises(PlanError, match="live deployments and callables"):
        Conditions.of(load_run(data_dir() / "runs/two-deployments"))


def test_fresh_requests_are_those_that_the_run_did_not_send(log: QueryLog) -> None:
    """None that the prediction was made from."""
    run = load_run(data_dir() / "runs/claim/plan")
    sent = set(run.table(["request_id"])["request_id"].to_pylist())
    fresh = unknown_to(run, log)
    assert len(fresh) == len(log) - len(sent)
    assert not sent & {each.request_id for each in fresh}


def test_a_written_order_is_measured_under_a_load(
    stack: Stack, log: QueryLog, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Its run has the order's name, and a folder without what no name should have."""
    order = "vector < specialty; text < specialty"
    how = Conditions.of(load_run(data_dir() / "runs/claim/local"), pool_max=2)
    out = tmp_path_factory.mktemp("loads") / "run"
    runs = record_loads(log, stack, out, [order], how, rate_hz=10.0, seconds=0.5, rounds=1)
    assert runs[order].metadata.design.arms["treatment"] == order  # type: ignore[index]
    assert runs[order].path.name == "run-vector-specialty-text-specialty"
