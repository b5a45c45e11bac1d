"""The choice of clusters."""

import numpy as np
import pytest

from hhperf.analysis.clusters import choose_clusters, effective_clusters
from hhperf.errors import SampleError


def test_the_coarsest_level_with_enough_clusters_is_chosen() -> None:
    """Two tenants are passed over for sixty sessions, and that is said."""
    row = np.arange(600)
    chosen = choose_clusters({"query": row % 300, "tenant": row % 2, "session": row % 60})
    assert (chosen.name, chosen.count) == ("session", 60)
    assert chosen.warnings[0].startswith("too few clusters to resample by tenant (2)")


def test_single_pairs_are_the_last_resort() -> None:
    """Without a usable level each pair stands for itself."""
    chosen = choose_clusters({"tenant": ["a", "b"] * 50})
    assert (chosen.name, chosen.codes, chosen.count) == ("pair", None, 100)
    assert len(chosen.warnings) == 1


def test_one_giant_cluster_does_not_count_as_many() -> None:
    """A level whose clusters are many but one holds most requests is passed over."""
    labels = np.concatenate([np.zeros(900, dtype=int), np.arange(1, 101)])
    chosen = choose_clusters({"query": labels})
    assert chosen.name == "pair"
    assert "101, worth 1 equal ones" in chosen.warnings[0]


def test_equal_clusters_are_worth_their_number() -> None:
    """Only inequality costs."""
    assert effective_clusters([3, 3, 3, 3]) == 4
    assert effective_clusters([1, 3]) == pytest.approx(1.6)


def test_levels_need_one_length() -> None:
    """Labels belong to pairs."""
    with pytest.raises(SampleError, match="different lengths"):
        choose_clusters({"a": [1, 2], "b": [1]})
