"""Pairs that no stall touched, standing for all."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from hhperf.analysis.clean_pairs import chance_of_clean, clean_pairs, joint_obstacle
from hhperf.analysis.mean import mean_saving
from hhperf.analysis.samples import Pairs, make_pairs
from hhperf.analysis.simulate_stalls import StalledPairs, stalled_triples


def _pairs(made: StalledPairs) -> Pairs:
    return make_pairs(made.seen.control, made.seen.treatment)


def test_the_chance_of_a_clean_window_is_the_share_of_starts() -> None:
    """Counted over all of them, whatever came of their requests."""
    clean = np.array([0.0, 1.0, 2.0, math.inf])
    lengths = np.array([0.5, 1.0, 1.5, 3.0])
    assert chance_of_clean(clean, lengths).tolist() == [0.75, 0.75, 0.5, 0.25]


def test_weights_bring_back_the_long_pairs(rng: np.random.Generator) -> None:
    """Clean pairs are short; weighted they have the mean of all, which unweighted they miss."""
    made = stalled_triples(rng, 20_000, share=0.06, burst_s=0.06)
    pairs = clean_pairs(_pairs(made), made.censoring)[0]
    assert pairs.weights is not None
    truth = made.free.control.mean()
    assert np.mean(pairs.control) < 0.99 * truth
    assert np.average(pairs.control, weights=pairs.weights) == pytest.approx(truth, rel=0.004)
    assert pairs.weights.mean() == pytest.approx(1)


def test_clusters_and_stretches_of_time_keep_their_members(rng: np.random.Generator) -> None:
    """Those of the pairs that are left."""
    made = stalled_triples(rng, 300, share=0.06, burst_s=0.4)
    labels = rng.integers(0, 40, 300)
    pairs = make_pairs(made.seen.control, made.seen.treatment, labels)
    clean = made.censoring.joint_clean >= made.censoring.joint_length
    by_cluster, by_block = clean_pairs(pairs, made.censoring)
    assert by_cluster.n_clusters == len(np.unique(labels[clean]))
    assert by_block.n_clusters == len(np.unique(made.censoring.blocks[clean]))
    assert by_cluster.n == by_block.n == int(clean.sum())


def test_a_weight_is_a_number_of_copies() -> None:
    """The mean saving of a pair that counts twice is that of the pair written twice."""
    x, y = np.array([1.0, 2.0, 4.0]), np.array([0.9, 1.0, 3.0])
    codes = np.array([0, 1, 2])
    weighted = Pairs(x, y, codes, 3, np.array([0.75, 1.5, 0.75]))
    copied = Pairs(x[[0, 1, 1, 2]], y[[0, 1, 1, 2]], codes[[0, 1, 1, 2]], 3)
    found, expected = mean_saving(weighted), mean_saving(copied)
    assert found.point == pytest.approx(expected.point)
    assert found.lower == pytest.approx(expected.lower)
    assert found.p_value == pytest.approx(expected.p_value)


def test_windows_that_are_hardly_ever_clean_say_nothing_of_pairs(
    rng: np.random.Generator,
) -> None:
    """A fifth of the time lost in pieces of 60 ms leaves one joint window in forty."""
    made = stalled_triples(rng, 500, share=0.2, burst_s=0.06)
    found = joint_obstacle(made.censoring)
    assert found is not None
    assert "of such windows are clean; fewer requests in flight, more pairs" in found
    share = re.search(r"not measurable: (\d+)% of pairs take so long", found)
    assert share is not None
    assert 0 < int(share[1]) < 100
    assert joint_obstacle(stalled_triples(rng, 500, share=0.06, burst_s=0.06).censoring) is None


def test_a_run_of_a_few_seconds_is_resampled_by_requests(rng: np.random.Generator) -> None:
    """As for quantiles."""
    made = stalled_triples(rng, 200, share=0.06, burst_s=0.4)
    one = replace(made.censoring, blocks=np.zeros(200, dtype=np.intp))
    by_clusters, again = clean_pairs(make_pairs(made.seen.control, made.seen.treatment), one)
    assert again is by_clusters
    assert joint_obstacle(one) is None


def test_no_clean_pair_stands_for_nothing(rng: np.random.Generator) -> None:
    """Asked for all the same, it is an error."""
    made = stalled_triples(rng, 50, share=0.06, burst_s=0.06)
    never = replace(made.censoring, joint_clean=np.zeros(50))
    with pytest.raises(ValueError, match="no pair is clean"):
        clean_pairs(_pairs(made), never)
