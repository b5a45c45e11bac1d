"""Savings of several kinds of pairs, side by side."""

from dataclasses import replace

import numpy as np

from hhperf.analysis.comparison import Comparison
from hhperf.analysis.savings import compare_samples
from hhperf.analysis.strata import Strata, Stratum
from hhperf.show.intervals import by_cache_tables


def compared(rng: np.random.Generator) -> Comparison:
    """A comparison of 500 pairs whose treatment saves 30%."""
    control = rng.lognormal(0, 0.3, 500)
    return compare_samples(control, 0.7 * control * rng.lognormal(0, 0.01, 500))


def test_hits_misses_and_the_mix_stand_side_by_side(rng: np.random.Generator) -> None:
    """Each with its interval, and a quantile that so few pairs cannot have is left open."""
    found = compared(rng)
    savings = {each.statistic: each.estimate for each in found.results}
    strata = (Stratum("from the cache", 60, savings), Stratum("searched for", 8, {}))
    [table] = by_cache_tables(replace(found, strata=Strata(strata, mixed=4, untold=0)))
    assert "(4 pairs of mixed kind)" in table.title
    hits, misses, mix = table.rows
    assert (hits[0], misses[0], mix[0]) == ("from the cache", "searched for", "natural mix")
    assert hits[3].startswith("30.")
    assert " to " in hits[3]
    assert hits[4] == "too few pairs"
    assert misses[1:] == ("8", *["too few pairs"] * 3)
    assert mix[4].startswith(("29.", "30."))


def test_there_is_no_table_where_nothing_is_told(rng: np.random.Generator) -> None:
    """A run of other caches, or of none."""
    assert by_cache_tables(compared(rng)) == ()
