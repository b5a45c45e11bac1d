"""What to be careful about."""

import numpy as np
import pytest

from hhperf.analysis.obstacles import COARSE, cautions
from hhperf.analysis.samples import make_pairs
from hhperf.analysis.score import sort_pairs


@pytest.mark.parametrize("count", [1, COARSE - 1])
def test_an_arm_of_few_distinct_latencies_is_told_with_how_many(count: int) -> None:
    """Of 200 pairs, whichever arm it is; with one more there are enough."""
    fine, coarse, enough = (np.resize(np.arange(1.0, n + 1), 200) for n in (200, count, COARSE))
    for arms in ((fine, coarse), (coarse, fine)):
        (said,) = cautions(sort_pairs(make_pairs(*arms)))
        assert said.startswith(f"an arm has only {count} distinct latencies")
    assert cautions(sort_pairs(make_pairs(fine, enough))) == ()
