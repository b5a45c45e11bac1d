"""Savings of pairs of one kind, beside those of all pairs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hhperf.analysis.estimate import Estimate, plain_interval


@dataclass(frozen=True, slots=True)
class Stratum:
    """Pairs whose two arms did the same.

    Attributes:
        name: what both did, such as ``"from the cache"``.
        n_pairs: how many they are.
        savings: by statistic (``"mean"``, ``"p95"``); none for too few pairs.
    """

    name: str
    n_pairs: int
    savings: Mapping[str, Estimate]

    def to_dict(self) -> dict[str, Any]:
        """As plain data for JSON."""
        savings = {name: plain_interval(each) for name, each in self.savings.items()}
        return {"name": self.name, "n_pairs": self.n_pairs, "savings": savings}


@dataclass(frozen=True, slots=True)
class Strata:
    """The pairs of a run by what its result cache did.

    Attributes:
        strata: those that there are pairs of.
        mixed: pairs of which one arm's answer came from the cache and the other's did not: they
            count in no stratum.
        untold: pairs of which it is not known.
    """

    strata: tuple[Stratum, ...]
    mixed: int
    untold: int

    def to_dict(self) -> dict[str, Any]:
        """As plain data for JSON."""
        strata = [each.to_dict() for each in self.strata]
        return {"strata": strata, "mixed": self.mixed, "untold": self.untold}
