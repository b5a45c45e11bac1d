"""What is predicted, and that measured arms bear it out."""

from pathlib import Path

import numpy as np
import pytest

from hhperf.errors import TraceError
from hhperf.runs.run import load_run
from hhperf.traces.own_error import SCHEDULE_SD, UNTRIED_SD
from hhperf.traces.possible import predict_savings
from hhperf.traces.readings import Prediction
from hhperf.traces.run_export import export_run
from hhperf.traces.trace_import import import_traces
from hhperf.traces.trace_set import TraceSet
from hhperf.workload.shipped import data_dir
from tests.traces.made import call, imported, message

PLAN = ["embedding,specialty", "vector,text"]


@pytest.mark.parametrize("name", ["claim/plan", "claim/plan-rerank"])
def test_predicted_savings_are_those_that_were_measured(name: str, tmp_path: Path) -> None:
    """From sequential requests alone, within two points of what the parallel arm then saved."""
    run = load_run(data_dir() / "runs" / name)
    file, _ = export_run(run, "otlp", tmp_path / "run.otlp", arm="control")
    found = predict_savings(import_traces([file], tmp_path / "traces"), independent=PLAN)
    pairs = run.pairs()
    for statistic, q in (("p50", 0.5), ("p95", 0.95)):
        measured = 1 - np.quantile(pairs.treatment, q) / np.quantile(pairs.control, q)
        assert found[statistic].saving.point == pytest.approx(measured, abs=0.02)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> TraceSet:
    """600 calls: 40 ms, then 40 ms, then 20 ms, and 4 ms of the call's own around them."""
    rng = np.random.default_rng(7)
    spans = []
    for trace in range(1, 601):
        first, second, third = rng.lognormal(np.log([40, 40, 20]), 0.1)
        steps = (
            ("embed", 1, 1 + first),
            ("text", 2 + first, 2 + first + second),
            ("rank", 3 + first + second, 3 + first + second + third),
        )
        total = 4 + first + second + third
        spans += call(trace, steps, total, at_ms=trace * 1_000.0)
    return imported(tmp_path_factory.mktemp("shop"), message(spans))


def test_a_declared_independence_is_predicted_to_exceed(shop: TraceSet) -> None:
    """Text beside embedding saves its whole 40 of 104 ms, less what the longer one takes."""
    found = predict_savings(shop, independent=["embed,text"])
    assert found["p50"].prediction is Prediction.EXCEEDS
    assert found["p50"].saving.point == pytest.approx(0.36, abs=0.02)
    assert found["p50"].pessimistic.point <= found["p50"].saving.point
    assert found["p50"].everything.point > found["p50"].saving.point
    assert found["p99"].prediction is Prediction.UNKNOWN


def test_the_models_own_error_is_in_every_interval(shop: TraceSet) -> None:
    """All save alike to a tenth of a point; what no run was held against is known less well."""
    found = predict_savings(shop, independent=["embed,text"])
    for reading in (found["mean"].saving, found["mean"].pessimistic, found["mean"].everything):
        assert reading.upper - reading.lower > 2 * 1.96 * SCHEDULE_SD
    cached = {each.what: each.savings["mean"] for each in found.candidates}["caching embed"]
    assert cached.upper - cached.lower > 2 * 1.96 * UNTRIED_SD
    assert predict_savings(shop)["mean"].saving.upper == 0


def test_calls_that_met_are_told(shop: TraceSet, tmp_path: Path) -> None:
    """What they would queue for is not predicted; a call a second of a tenth of one meets none."""
    steps = (("a", 0.0, 40.0), ("b", 40.0, 90.0))
    spans = [each for trace in range(1, 61) for each in call(trace, steps, 100.0, at_ms=trace * 25)]
    said = " ".join(predict_savings(imported(tmp_path, message(spans))).warnings)
    # 60 calls of 100 ms, begun over 1,475 ms and ended 100 ms later.
    assert "3.8 calls were under way at once on the average" in said
    assert "under way at once" not in " ".join(predict_savings(shop).warnings)


def test_nothing_declared_is_not_settled(shop: TraceSet) -> None:
    """It saves nothing for sure, and much if everything were independent."""
    found = predict_savings(shop)
    assert found["p95"].saving.point == pytest.approx(0.0, abs=1e-9)
    assert found["p95"].prediction is Prediction.OPEN


def test_what_the_rest_cannot_reach_is_predicted_to_stay_below(shop: TraceSet) -> None:
    """Once it is said that all other pairs depend."""
    found = predict_savings(shop, independent=["text,rank"], rest_depends=True, threshold=0.25)
    assert found["p95"].everything.point == pytest.approx(found["p95"].saving.point)
    assert found["p95"].prediction is Prediction.BELOW


def test_changes_are_ranked_with_what_they_take(shop: TraceSet) -> None:
    """An earlier start needs an independence unless it is declared; a cache needs none."""
    found = predict_savings(shop, independent=["text,rank"])
    told = {each.what: each.condition for each in found.candidates}
    assert told["starting text together with embed"] == "text must not need embed"
    assert told["caching embed"] == ""
    assert told["starting rank together with text"] == ""
    savings = [each.savings["p95"].point for each in found.candidates]
    assert savings[0] > savings[-1]


def test_traces_that_stand_for_many_are_weighted(tmp_path: Path) -> None:
    """A quarter were kept at 100%, three quarters at one in eight: the mean is the traffic's."""
    spans = []
    for trace in range(1, 401):
        rare = trace % 4 == 0
        length = 90.0 if rare else 10.0
        steps = (("a", 0.0, length), ("b", length, length + 10.0))
        state = "ot=th:0" if rare else "ot=th:e"
        spans += call(trace, steps, length + 10.0, at_ms=trace * 1_000.0, state=state)
    found = predict_savings(imported(tmp_path, message(spans)), independent=["a,b"])
    # 100 calls of 100 ms and 300 that stand for 8 of 20 ms each; all save 10 ms.
    assert found["mean"].saving.point == pytest.approx(2_500 * 10 / (100 * 100 + 2_400 * 20))
    assert "traces stand for 1 to 8" in " ".join(found.warnings)


def test_traces_kept_by_a_tail_policy_are_refused(tmp_path: Path) -> None:
    """Nothing is made of slow requests alone."""
    spans = call(1, (("a", 0, 5), ("b", 5, 9)), 10.0, {"tailsampling.policy": "slow"})
    with pytest.raises(TraceError, match="tail policy"):
        predict_savings(imported(tmp_path, message(spans)))
