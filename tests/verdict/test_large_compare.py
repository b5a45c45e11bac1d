"""Runs that are compared in parts have the numbers that they have in memory."""

import math
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hhperf.analysis.comparison import Comparison
from hhperf.analysis.decision import GateState
from hhperf.analysis.estimate import Estimate
from hhperf.errors import RunError, SampleError
from hhperf.runs import aligned_parts
from hhperf.runs.observation import Arm, CacheLayer, HealthSample, Observation, Outcome
from hhperf.runs.run import Run, load_run
from hhperf.runs.tables import RunWarning
from hhperf.runs.writer import RunWriter
from hhperf.verdict import large_compare, numbering
from hhperf.verdict.compare import compare
from tests.alike import plain
from tests.runs.conftest import METADATA, observe, observe_pair
from tests.verdict.test_gates import LOAD

PAIRS = 2_400
QUANTILES = (0.05, 0.5, 0.9, 0.95, 0.999)

Rng = np.random.Generator


def _observations(rng: Rng, pairs: int) -> Iterator[Observation]:
    """Pairs of all kinds: tied, failed, cancelled, answered differently, out of order."""
    text = rng.integers(0, 150, pairs)
    base = rng.lognormal(0.02 * (text % 20), 0.4, pairs)
    orders = [rng.permutation(3) for _ in range(pairs)]
    odd = rng.random(pairs)
    sent = []
    for pair in range(pairs):
        for place, number in enumerate(orders[pair]):
            arm = list(Arm)[number]
            factor = 0.77 if arm is Arm.TREATMENT else 1.0
            latency_s = round(float(base[pair] * factor * rng.lognormal(0, 0.1)), 2) + 0.01
            start_ns = (3 * pair + place) * 10_000_000_000
            changes: dict[str, object] = {
                "position": place,
                "text_key": int(text[pair]),
                "tenant": f"t{pair % 3}",
                "session": None if pair % 11 == 0 else f"s{pair // 4}",
                "intended_start_ns": start_ns,
                "start_ns": start_ns,
                "end_ns": start_ns + round(latency_s * 1e9),
                "cache_hits": {CacheLayer.RESULT: False},
                "cache_failures": int(pair == 7),
                "results_match": None if arm is Arm.CONTROL else bool(odd[pair] > 0.01),
            }
            if odd[pair] > 0.96 and number == pair % 3:
                changes["outcome"] = Outcome.CANCELLED if odd[pair] > 0.99 else Outcome.ERROR
            if pair // 4 == 10:  # a session of which no pair counts
                changes["outcome"] = Outcome.CANCELLED
            sent.append(observe(pair, arm, **changes))
    ahead = range(0, len(sent) - 9, 60)  # some pairs lie among those after them
    for at in ahead:
        sent[at], sent[at + 8] = sent[at + 8], sent[at]
    yield from sent


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A finished run in several row groups."""
    folder = tmp_path_factory.mktemp("large") / "run"
    with RunWriter(folder, METADATA, epoch_ns=0) as writer:
        for each in _observations(np.random.default_rng(5), PAIRS):
            writer.add(each)
    return load_run(folder)


@pytest.fixture
def in_parts(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Comparison]:
    """Compares in parts of some hundred observations, however small the run."""

    def compared(run: Run, **options: object) -> Comparison:
        with monkeypatch.context() as patched:
            patched.setattr(aligned_parts, "ROWS", 900)
            patched.setattr(large_compare, "SHARE_OF_MEMORY", 0.0)
            return compare(run, **options)  # type: ignore[arg-type]

    return compared


def _nearly(estimate: Estimate) -> object:
    numbers = estimate.point, estimate.lower, estimate.upper, estimate.p_value
    return pytest.approx(numbers, rel=1e-9, abs=1e-12, nan_ok=True)


def _numbers(estimate: Estimate) -> tuple[float, ...]:
    return estimate.point, estimate.lower, estimate.upper, estimate.p_value


@pytest.mark.parametrize("clusters", ["session", "auto", "pairs"])
def test_the_numbers_are_those_of_a_comparison_in_memory(
    mixed: Run, in_parts: Callable[..., Comparison], clusters: str
) -> None:
    """Quantiles to the bit; what is summed up, by rounding."""
    quantiles = QUANTILES[:-1] if clusters == "pairs" else QUANTILES
    options = {"clusters": clusters, "quantiles": quantiles, "seed": 3}
    whole, parts = compare(mixed, **options), in_parts(mixed, **options)  # type: ignore[arg-type]
    assert (parts.n_pairs, parts.n_clusters) == (whole.n_pairs, whole.n_clusters)
    assert parts.cluster_level == whole.cluster_level
    assert parts.failures == whole.failures
    for mine, theirs in zip(parts.results[1:], whole.results[1:], strict=True):
        assert plain(mine.estimate) == plain(theirs.estimate)
        scores = [
            math.nan if each.score_p_value is None else each.score_p_value
            for each in (mine, theirs)
        ]
        assert scores[0] == pytest.approx(scores[1], rel=1e-9, nan_ok=True)
        assert mine.verdict == theirs.verdict
    assert _numbers(parts["mean"].estimate) == _nearly(whole["mean"].estimate)
    assert parts.gates == whole.gates
    assert parts.period is not None
    assert whole.period is not None
    assert _numbers(parts.period.effect) == _nearly(whole.period.effect)
    firsts = [(each.control_first, each.treatment_first) for each in (parts.period, whole.period)]
    assert firsts[0] == pytest.approx(firsts[1], rel=1e-9)
    left = [each for each in whole.warnings if "left out" in each]
    assert left
    assert set(left) <= set(parts.warnings)


@pytest.mark.filterwarnings("ignore")  # those of the cluster itself
def test_a_cluster_finds_the_same_numbers(mixed: Run, in_parts: Callable[..., Comparison]) -> None:
    """A Dask cluster's workers read the run, and every number is the same to the bit."""
    distributed = pytest.importorskip("distributed", reason="needs the extra `dask`")
    options = {"clusters": "text", "quantiles": (0.5,)}
    alone = in_parts(mixed, **options)
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, dashboard_address=None, memory_limit=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        shared = in_parts(mixed, client=client, **options)
    assert shared.to_dict() == alone.to_dict()
    assert shared.warnings == alone.warnings


def test_clusters_beyond_the_most_are_resampled_in_groups(
    mixed: Run, in_parts: Callable[..., Comparison], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole clusters share a number; points stay, and the result says so."""
    whole = compare(mixed, clusters="session")
    monkeypatch.setattr(numbering, "MOST", 200)
    parts = in_parts(mixed, clusters="session")
    assert parts.n_clusters == 200
    assert [each.estimate.point for each in parts.results[1:]] == [
        each.estimate.point for each in whole.results[1:]
    ]
    assert any("more than 200 clusters by session" in each for each in parts.warnings)


def test_damage_is_met_before_anything_is_read(
    mixed: Run, in_parts: Callable[..., Comparison], tmp_path: Path
) -> None:
    """A flipped bit is an error that names its place; without it the rest is compared."""
    folder = shutil.copytree(mixed.path, tmp_path / "run")
    path = folder / "observations.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(RunError, match=r"damaged in row group \d+"):
        in_parts(load_run(folder))
    with pytest.warns(RunWarning, match="left out"):
        found = in_parts(load_run(folder, undamaged_only=True))
    assert 0 < found.n_pairs < compare(mixed).n_pairs
    assert any("damaged row group" in each for each in found.warnings)


def test_stalls_that_are_not_taken_out_leave_tails_open(
    in_parts: Callable[..., Comparison], tmp_path: Path
) -> None:
    """A twentieth of the requests met one: too many for p95, few enough for the median."""
    with RunWriter(tmp_path / "run", METADATA, epoch_ns=0) as writer:
        for pair in range(1_000):
            for each in observe_pair(pair):
                writer.add(each)
        writer.add_health(HealthSample("watched", 0, 0, core=0))
        for pair in range(0, 1_000, 40):
            writer.add_health(HealthSample("stall", pair * 10**9 + 10**8, 10**8, core=0))
    found = in_parts(load_run(tmp_path / "run"), clusters="pairs")
    (gate,) = (each for each in found.gates if each.name == "stalls taken out")
    assert gate.state is GateState.TOO_FEW
    assert "p95" in gate.voids
    assert "p50" not in gate.voids


def test_a_run_under_load_does_not_go_in_parts(mixed: Run) -> None:
    """Its arms take turns, so that its pairs lie far apart."""
    run = Run(mixed.path, replace(mixed.metadata, design=LOAD))
    with pytest.raises(SampleError, match="only paired runs"):
        compare(run, client=object())  # type: ignore[arg-type]


def test_looks_and_what_was_varied_are_told_as_in_memory(
    mixed: Run, in_parts: Callable[..., Comparison]
) -> None:
    """Pairs whose answers differ, and those that are not whole, were looked at as well."""
    metadata = mixed.metadata
    looked_at = replace(
        metadata,
        design=replace(metadata.design, looks=(500, 1_000), pairs=5_000),  # type: ignore[arg-type]
        conditions=replace(metadata.conditions, vary="limit"),
    )
    run = Run(mixed.path, looked_at)
    whole, parts = compare(run), in_parts(run)
    assert parts.gates == whole.gates
    said = [[each for each in found.warnings if "looked at" in each] for found in (parts, whole)]
    assert said[0] == said[1] != []
