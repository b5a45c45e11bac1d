"""Two releases by their traces: the mix weighted out, and never more said than was seen."""

from pathlib import Path

import numpy as np
import pytest

from hhperf.analysis.decision import Verdict
from hhperf.errors import TraceError
from hhperf.traces.before_after import compare_traces
from hhperf.traces.trace_set import TraceSet
from tests.traces.made import call, imported, message

SMALL_MS, LARGE_MS = 20.0, 200.0


def release(
    folder: Path, factor: float, large: float, *, seed: int, kinds: tuple[str, str] = ("s", "l")
) -> TraceSet:
    """800 calls, of which so large a share are large ones; all of them so much faster or slower."""
    rng = np.random.default_rng(seed)
    spans = []
    for trace in range(1, 801):
        is_large = rng.random() < large
        took = factor * (LARGE_MS if is_large else SMALL_MS) * rng.lognormal(sigma=0.1)
        size = kinds[is_large]
        spans += call(trace, (("work", 0, took),), took, {"size": size}, at_ms=trace * 1_000.0)
    folder.mkdir()
    return imported(folder, message(spans), keep=["size"])


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> TraceSet:
    """A third of the calls are large."""
    return release(tmp_path_factory.mktemp("old") / "traces", 1.0, 0.33, seed=1)


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> TraceSet:
    """30% faster in every kind of call, and far more of them are large."""
    return release(tmp_path_factory.mktemp("new") / "traces", 0.7, 0.6, seed=2)


def test_a_changed_mix_is_weighted_out(before: TraceSet, after: TraceSet) -> None:
    """The calls are 30% faster, although their mean rose."""
    plain = compare_traces(before, after)
    assert plain["mean"].estimate.point < 0
    found = compare_traces(before, after, by=["size"])
    assert found["mean"].estimate.point == pytest.approx(0.3, abs=0.03)
    assert found["p95"].estimate.point == pytest.approx(0.3, abs=0.03)
    assert found["p95"].verdict is Verdict.EXCEEDS
    assert found.weighed_by == ("operation", "size")


def test_it_says_that_nobody_drew_the_requests(before: TraceSet, after: TraceSet) -> None:
    """Whatever the verdict."""
    assert compare_traces(before, after).warnings[0].startswith("observational")


def test_a_release_against_itself_saves_nothing(before: TraceSet) -> None:
    """At no statistic."""
    found = compare_traces(before, before, by=["size"])
    assert [each.estimate.point for each in found.results if each.estimate.defined] == [0.0] * 4
    assert found["p95"].verdict is Verdict.BELOW


def test_what_has_no_counterpart_is_left_out_and_told(before: TraceSet, tmp_path: Path) -> None:
    """Another kind of call in a third of the new release's traffic."""
    other = release(tmp_path / "x", 1.0, 0.33, seed=3, kinds=("s", "huge"))
    found = compare_traces(before, other, by=["size"])
    told = " ".join(found.warnings)
    assert "of the old release's traffic has no counterpart (shop GET /search l)" in told
    assert "of the new release's traffic has no counterpart (shop GET /search huge)" in told
    assert found.after < 800


def test_traffic_with_little_in_common_is_not_compared(before: TraceSet, tmp_path: Path) -> None:
    """It is said what has no counterpart."""
    other = release(tmp_path / "x", 1.0, 0.33, seed=3, kinds=("a", "b"))
    with pytest.raises(TraceError, match=r"100\.0% of the old release's traffic"):
        compare_traces(before, other, by=["size"])


def test_an_operation_that_one_release_lacks_is_named(before: TraceSet, after: TraceSet) -> None:
    """With those there are."""
    with pytest.raises(TraceError, match="no operation 'POST /search'"):
        compare_traces(before, after, "POST /search")
    assert compare_traces(before, after, "GET /search", by=["size"]).operation == "GET /search"


def test_few_clusters_give_no_verdict(tmp_path: Path) -> None:
    """Five calls say nothing of others."""
    spans = [each for trace in range(1, 6) for each in call(trace, (("a", 0, 5),), 10.0 + trace)]
    few = imported(tmp_path, message(spans))
    found = compare_traces(few, few)
    assert {each.verdict for each in found.results} == {Verdict.NOT_MEASURABLE}
