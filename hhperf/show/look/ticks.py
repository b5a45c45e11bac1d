"""What somebody has ticked: which pairs of steps need not wait for each other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hhperf.errors import FigureError
from hhperf.show.look.wish import known_fields, number
from hhperf.traces.declared import Declared

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    """Where the controls stand.

    Attributes:
        operation: whose steps.
        independent: the pairs that are ticked.
        dependent: pairs that the file of steps says to depend.
        rest_depends: whether all other pairs are said to depend.
        threshold: the saving that is claimed.
    """

    operation: str
    independent: Pairs = ()
    dependent: Pairs = ()
    rest_depends: bool = False
    threshold: float = 0.20

    @classmethod
    def of(cls, operation: str, declared: Declared, threshold: float) -> "Ticks":
        """As they stand where that much is declared."""
        return cls(
            operation=operation,
            independent=_pairs(declared.independent),
            dependent=_pairs(declared.dependent),
            rest_depends=declared.rest_depends,
            threshold=threshold,
        )

    @property
    def declared(self) -> Declared:
        """What is said; a pair that is ticked does not depend."""
        independent = frozenset(map(frozenset, self.independent))
        dependent = frozenset(map(frozenset, self.dependent)) - independent
        return Declared(independent, dependent, rest_depends=self.rest_depends)

    def plain(self) -> dict[str, Any]:
        """As `read` takes it."""
        return {
            "operation": self.operation,
            "independent": [list(pair) for pair in self.independent],
            "dependent": [list(pair) for pair in self.dependent],
            "rest_depends": self.rest_depends,
            "threshold": self.threshold,
        }

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> "Ticks":
        """As they come from a page: plain data of JSON.

        Raises:
            FigureError: a field is none, or of another kind.
        """
        known = known_fields("ticks", said, cls)
        return cls(
            operation=str(known.get("operation", "")),
            independent=_read("independent", known.get("independent", ())),
            dependent=_read("dependent", known.get("dependent", ())),
            rest_depends=bool(known.get("rest_depends", False)),
            threshold=number("threshold", known.get("threshold", 0.20)),
        )


def _pairs(pairs: Iterable[frozenset[str]]) -> Pairs:
    return tuple(sorted((min(pair), max(pair)) for pair in pairs))


def _read(field: str, said: object) -> Pairs:
    if not isinstance(said, list | tuple):
        raise FigureError(f"{field}: {said!r} is no list of pairs")
    for pair in said:
        if not (isinstance(pair, list | tuple) and len(pair) == 2):
            raise FigureError(f"{field}: {pair!r} is no pair of steps")
    return tuple((str(one), str(other)) for one, other in said)
