"""Savings with their intervals: in words, and those of several kinds of pairs side by side."""

from hhperf.analysis.comparison import Comparison
from hhperf.analysis.estimate import Estimate
from hhperf.analysis.ranks import measurable, parse_statistic
from hhperf.analysis.strata import Stratum
from hhperf.show.card import Table
from hhperf.shown import counted, percent

BY_CACHE = ("mean", "p50", "p95")


def interval(estimate: Estimate) -> str:
    """An interval in percent."""
    return f"{percent(estimate.lower)} to {percent(estimate.upper)}"


def with_interval(estimate: Estimate) -> str:
    """A saving and its interval, or that there is none."""
    if not estimate.defined:
        return "undefined"
    return f"{percent(estimate.point)} ({interval(estimate)})"


def by_cache_tables(comparison: Comparison) -> tuple[Table, ...]:
    """The savings on answers from the result cache, on others, and over all; none if not told."""
    found = comparison.strata
    if found is None:
        return ()
    every = {each.statistic: each.estimate for each in comparison.results}
    kinds = (*found.strata, Stratum("natural mix", comparison.n_pairs, every))
    rows = tuple(
        (each.name, f"{each.n_pairs:,}", *(_saving(each, name) for name in BY_CACHE))
        for each in kinds
    )
    untold = f", {found.untold:,} untold" if found.untold else ""
    title = (
        "Saving by what the result cache did in both arms"
        f" ({counted(found.mixed, 'pair')} of mixed kind{untold})"
    )
    columns = ("answers", "pairs", *BY_CACHE)
    return (Table(title, columns, rows),)


def _saving(kind: Stratum, statistic: str) -> str:
    q = parse_statistic(statistic)
    if statistic not in kind.savings or (q is not None and not measurable(q, kind.n_pairs)):
        return "too few pairs"
    return with_interval(kind.savings[statistic])
