"""The cluster bootstrap."""

import math

import numpy as np
import pytest

from hhperf.analysis import bootstrap, draws
from hhperf.analysis.bootstrap import bootstrap_quantiles
from hhperf.analysis.ranks import rank_of
from hhperf.analysis.samples import FloatArray, IntArray, make_pairs
from hhperf.analysis.simulate import clustered

QUANTILES = (0.5, 0.95)


def _plain(
    values: FloatArray, codes: IntArray, n_clusters: int, q: float, seed: int
) -> list[float]:
    """The same draws, but each resample written out pair by pair."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(50):
        drawn = rng.integers(0, n_clusters, n_clusters)
        resample = np.sort(np.concatenate([values[codes == cluster] for cluster in drawn]))
        found.append(float(resample[rank_of(q, len(resample)) - 1]))
    return found


@pytest.mark.parametrize("window_sd", [0.1, 5.0])
def test_replicates_are_those_of_resampling_pair_by_pair(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch, window_sd: float
) -> None:
    """Weights and windows give what writing out each resample gives, window hit or missed."""
    monkeypatch.setattr(bootstrap, "_WINDOW_SD", window_sd)
    sample = clustered(rng, 120)
    pairs = make_pairs(sample.control, sample.treatment, sample.clusters)
    found = bootstrap_quantiles(pairs, QUANTILES, replicates=50, seed=3)
    assert pairs.clusters is not None
    for q, replicates in zip(QUANTILES, found, strict=True):
        expected = _plain(pairs.treatment, pairs.clusters, pairs.n_clusters, q, 3)
        assert replicates.treatment.tolist() == expected


def test_memory_bound_changes_no_result(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Drawing one replicate at a time or all at once is the same."""
    sample = clustered(rng, 200)
    pairs = make_pairs(sample.control, sample.treatment, sample.clusters)
    at_once = bootstrap_quantiles(pairs, QUANTILES, replicates=40, seed=1)
    monkeypatch.setattr(draws, "_ELEMENTS", 1)
    one_by_one = bootstrap_quantiles(pairs, QUANTILES, replicates=40, seed=1)
    assert [r.control.tolist() for r in at_once] == [r.control.tolist() for r in one_by_one]


def test_failed_requests_are_resampled_too() -> None:
    """A quantile near the failure rate is infinite in some resamples and finite in others."""
    control = np.array([1.0] * 92 + [math.inf] * 8)
    pairs = make_pairs(control, np.ones(100))
    (found,) = bootstrap_quantiles(pairs, (0.92,), replicates=200)
    assert 0 < np.isinf(found.control).mean() < 1
