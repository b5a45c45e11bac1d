"""Drawing clusters."""

import numpy as np
import pytest

from hhperf.analysis import draws
from hhperf.analysis.bootstrap import bootstrap_quantiles
from hhperf.analysis.draws import make_cells
from hhperf.analysis.multinomial import multinomial_quantiles
from hhperf.analysis.samples import make_pairs
from hhperf.analysis.simulate import lognormal


@pytest.fixture
def cells(monkeypatch: pytest.MonkeyPatch) -> draws.Cells:
    """Ten clusters drawn one by one and ninety in two groups."""
    monkeypatch.setattr(draws, "_WORTH_GROUPING", 0)
    index = np.arange(100)
    return make_cells(index < 10, [(index < 40).astype(np.intp), np.ones(100, dtype=np.intp)])


def test_clusters_that_look_alike_share_a_cell(cells: draws.Cells) -> None:
    """Thirty clusters have the one trait, sixty the other."""
    assert cells.singles == 10
    assert sorted(cells.group_sizes) == [30, 60]


def test_a_grouped_cluster_has_no_cell_of_its_own(cells: draws.Cells) -> None:
    """The first ten have theirs, in order."""
    assert cells.cell_of.tolist() == [*range(10), *[-1] * 90]


def test_every_replicate_draws_as_many_clusters_as_there_are(cells: draws.Cells) -> None:
    """Whatever falls into the groups does not fall on single clusters."""
    counts = np.concatenate(list(cells.draw(500, 1, seed=0)))
    assert set(counts.sum(axis=1)) == {100.0}


def test_cells_are_drawn_in_proportion_to_their_size(cells: draws.Cells) -> None:
    """Means and variances are those of the multinomial distribution."""
    counts = np.concatenate(list(cells.draw(20_000, 1, seed=0)))
    share = np.concatenate([np.full(10, 0.01), cells.group_sizes / 100])
    assert counts.mean(axis=0) == pytest.approx(100 * share, rel=0.05)
    assert counts.var(axis=0) == pytest.approx(100 * share * (1 - share), rel=0.05)


def test_few_clusters_are_not_grouped() -> None:
    """Grouping has to pay."""
    cells = make_cells(np.zeros(50, dtype=bool), [np.ones(50, dtype=np.intp)])
    assert (cells.singles, len(cells.group_sizes)) == (50, 0)


def test_grouping_keeps_the_spread_of_the_bootstrap(rng: np.random.Generator) -> None:
    """With 30,000 pairs nearly all are grouped; the spread is that of the shortcut."""
    sample = lognormal(rng, 30_000)
    pairs = make_pairs(sample.control, sample.treatment)
    (grouped,) = bootstrap_quantiles(pairs, (0.95,), replicates=2_000)
    short = multinomial_quantiles(pairs, 0.95, replicates=2_000)
    spreads = [np.log(found.ratios(np.nan)).std() for found in (grouped, short)]
    assert spreads[0] == pytest.approx(spreads[1], rel=0.12)
