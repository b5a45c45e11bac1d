"""Savings under a load, from traces alone; and when they are not predicted under one."""

from pathlib import Path

import numpy as np
import pytest

from hhperf.errors import TraceError
from hhperf.runs.run import load_run
from hhperf.show.card import card_of
from hhperf.traces.possible import predict_savings
from hhperf.traces.run_export import export_run
from hhperf.traces.trace_import import import_traces
from hhperf.traces.trace_set import TraceSet
from hhperf.traces.waiting import BY_SPANS
from hhperf.workload.shipped import data_dir
from tests.traces.made import call, imported, message

PLAN = ["embedding,specialty", "vector,text"]
STAGES = "specialty,vector,text,hydration"
STEPS = (("a", 0.0, 40.0), ("b", 40.0, 80.0))


@pytest.fixture(scope="module")
def sparse(tmp_path_factory: pytest.TempPathFactory) -> TraceSet:
    """500 calls of two steps of 40 ms on a connection, one a second or so."""
    gaps = np.random.default_rng(3).exponential(1_000.0, 500)
    spans = [
        each
        for number, at_ms in enumerate(np.cumsum(gaps), 1)
        for each in call(number, STEPS, 80.0, at_ms=float(at_ms))
    ]
    return imported(tmp_path_factory.mktemp("sparse"), message(spans))


@pytest.mark.parametrize("pool", ["pool-20", "pool-4"])
def test_savings_under_load_are_those_that_were_measured(pool: str, tmp_path: Path) -> None:
    """From the sequential requests' traces, at their rate, within 2.5 points of the parallel arm's.

    With 20 connections it saves more than a quarter at p95, with 4 a tenth.
    """
    run = load_run(data_dir() / "runs" / "sweep-plan" / pool / "000012.800")
    file, _ = export_run(run, "otlp", tmp_path / "run.otlp", arm="control")
    traces = import_traces([file], tmp_path / "traces")
    said = f"database={pool.removeprefix('pool-')}:{STAGES}"
    found = predict_savings(traces, independent=PLAN, pools=[said])
    frame = run.frame()
    arms = [
        frame.loc[frame["arm"].astype(str) == arm, "response_time_s"]
        for arm in ("control", "treatment")
    ]
    for statistic, q in (("p50", 0.5), ("p95", 0.95)):
        measured = 1 - arms[1].quantile(q) / arms[0].quantile(q)
        assert found[statistic].saving.point == pytest.approx(measured, abs=0.025)
    assert found.load is not None
    assert found.load.simulated_s == pytest.approx(found.load.median_s, rel=0.01)
    assert found.load.waits == BY_SPANS


def test_a_load_takes_what_a_pool_cannot_give(sparse: TraceSet) -> None:
    """Alone half is saved; with one connection, on which the steps follow each other, nothing."""
    alone = predict_savings(sparse, independent=["a,b"], rate=0)
    assert (alone.load, alone.alone) == (None, "a rate of 0 was asked for")
    assert alone["p50"].saving.point == pytest.approx(0.5)
    wide = predict_savings(sparse, independent=["a,b"], pools=["database=8:a,b"])
    assert wide["p50"].saving.point == pytest.approx(0.5)
    assert wide["p50"].saving.upper - wide["p50"].saving.lower > 2 * 1.96 * 0.014
    narrow = predict_savings(sparse, independent=["a,b"], pools=["database=1:a,b"])
    assert narrow["p50"].saving.point == pytest.approx(0.0)
    busy = predict_savings(sparse, pools=["database=1:a,b"], rate=12)
    assert busy.load is not None
    assert busy.load.in_use[0] == pytest.approx(0.96, abs=0.05)
    assert any("of pool database would be in use" in each for each in busy.warnings)


def test_steps_toml_names_pools_too(tmp_path: Path) -> None:
    """What is said besides replaces them."""
    spans = [s for n in range(1, 101) for s in call(n, STEPS, 80.0, at_ms=n * 200.0 + n % 7)]
    traces = imported(tmp_path, message(spans))
    file = traces.path / "steps.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(f"pools.db = {{size = 3, steps = ['a']}}\n{text}", encoding="utf-8")
    filed, said = (predict_savings(traces, pools=each).load for each in ([], ["db=2:a"]))
    assert filed is not None
    assert said is not None
    assert (filed.pools[0].size, said.pools[0].size) == (3, 2)


def test_why_calls_are_predicted_alone_is_said(sparse: TraceSet, tmp_path: Path) -> None:
    """No pool, or arrivals of which the traces say too little."""
    assert "no pool of connections is named" in predict_savings(sparse).alone
    few = imported(tmp_path, message([s for n in range(1, 9) for s in call(n, STEPS, 80.0)]))
    found = predict_savings(few, pools=["database=1:a,b"])
    assert found.load is None
    assert "Each call is predicted alone: 8 calls say too little" in str(card_of(found))


def test_a_rate_without_a_pool_is_an_error(sparse: TraceSet) -> None:
    """It would change nothing."""
    with pytest.raises(TraceError, match="a rate without a pool changes nothing"):
        predict_savings(sparse, rate="2x")


def test_the_card_says_the_load(sparse: TraceSet) -> None:
    """Rate, pools, how much of them is in use, and that the model was held against the record."""
    said = str(card_of(predict_savings(sparse, pools=["database=2:a,b"], rate="3x")))
    assert "calls a second with database (2 for a, b)" in said.replace("\n", " ")
    assert "resampled by window of" in said
