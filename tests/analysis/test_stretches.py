"""Quantiles of replicates within long windows."""

import numpy as np
import pytest

from hhperf.analysis import stretches
from hhperf.analysis.bootstrap import bootstrap_quantiles
from hhperf.analysis.samples import make_pairs


@pytest.mark.parametrize("q", [0.05, 0.5, 0.95])
def test_blocks_change_no_replicate(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch, q: float
) -> None:
    """A window in blocks gives what one gone through from end to end gives, ties and failures too.

    The clusters differ, so that replicates fall into many blocks.
    """
    clusters = rng.integers(0, 30, 3_000)
    control = np.round(rng.lognormal(0.05 * clusters, 0.2), 2)
    control[rng.random(3_000) < 0.06] = np.inf
    pairs = make_pairs(control, rng.lognormal(0.03 * clusters, 0.3), clusters)
    (whole,) = bootstrap_quantiles(pairs, (q,), replicates=200)
    monkeypatch.setattr(stretches, "_BLOCK", 16)
    (in_blocks,) = bootstrap_quantiles(pairs, (q,), replicates=200)
    assert in_blocks.control.tolist() == whole.control.tolist()
    assert in_blocks.treatment.tolist() == whole.treatment.tolist()


def test_the_order_of_pairs_changes_nothing_where_values_are_tied(rng: np.random.Generator) -> None:
    """A window holds all of equal values or none: clusters that share a draw stay the same."""
    clusters = np.arange(24_000) // 2
    control, treatment = np.round(rng.lognormal(size=(2, 24_000)), 1) + 0.1
    order = rng.permutation(24_000)
    (there,) = bootstrap_quantiles(make_pairs(control, treatment, clusters), (0.5,), replicates=100)
    (back,) = bootstrap_quantiles(
        make_pairs(control[order], treatment[order], clusters[order]), (0.5,), replicates=100
    )
    assert there.control.tolist() == back.control.tolist()
