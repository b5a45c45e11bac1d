"""What stalls did to the requests of a comparison."""

import numpy as np

from hhperf.analysis.simulate_stalls import stalled_triples


def test_a_cut_is_of_some_pairs_and_helps_as_the_whole_does(rng: np.random.Generator) -> None:
    """Each array is cut alike, whichever way pairs are chosen; the relief is of all of them."""
    whole = stalled_triples(rng, 50, share=0.06, burst_s=0.06).censoring
    few = np.array([3, 1, 40])
    for chosen in (slice(3), few):
        cut = whole.cut(chosen)
        assert len(cut.arrays()) == 9
        for name, values in cut.arrays().items():
            assert np.array_equal(values, getattr(whole, name)[chosen])
    assert whole.cut(few).relief is whole.relief
