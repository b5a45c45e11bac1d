"""What a team says of its steps: which need not wait for each other, and which have to.

Traces cannot show it. It is said on the command line, by ticking pairs in a notebook, or in the
file `steps.toml` beside the imported traces (`steps_file.py`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from hhperf.errors import TraceError, unknown
from hhperf.traces.calls import Bools
from hhperf.traces.structure import Structure


@dataclass(frozen=True, slots=True)
class Declared:
    """What is said of an operation's steps.

    Attributes:
        independent: pairs that need not wait for each other.
        dependent: pairs of which the later one needs the earlier.
        rest_depends: whether every other pair is one of those too, as far as it never overlapped.
    """

    independent: frozenset[frozenset[str]] = frozenset()
    dependent: frozenset[frozenset[str]] = frozenset()
    rest_depends: bool = False

    def __or__(self, other: "Declared") -> "Declared":
        return Declared(
            self.independent | other.independent,
            self.dependent | other.dependent,
            self.rest_depends or other.rest_depends,
        )

    def matrix(self, names: Sequence[str]) -> Bools:
        """Which steps are independent of which, shape (s, s)."""
        return _matrix(self.independent, names)

    def forbidden(self, names: Sequence[str]) -> Bools:
        """Which steps are said to depend, shape (s, s); a repeated step on its own earlier ones."""
        if self.rest_depends:
            return ~self.matrix(names)
        found = _matrix(self.dependent, names)
        for (a, one), (b, other) in combinations(enumerate(names), 2):
            if (
                base_name(one) == base_name(other)
                and frozenset((one, other)) not in self.independent
            ):
                found[a, b] = found[b, a] = True
        return found


def parse_independent(
    given: Iterable[str | Sequence[str]], *, rest_depends: bool = False
) -> Declared:
    """What the command line says: `embedding,specialty`, or more than two of which any pair is.

    Args:
        given: steps, separated by commas; or a sequence of names, which may have commas in them.
        rest_depends: whether all other pairs are said to depend.

    Raises:
        TraceError: fewer than two steps are named.
    """
    pairs: set[frozenset[str]] = set()
    for each in given:
        said = map(str.strip, each.split(",")) if isinstance(each, str) else each
        names = [name for name in said if name]
        if len(names) < 2:
            raise TraceError(f"--independent {each}: name two steps or more, such as a,b")
        pairs |= set(map(frozenset, combinations(names, 2)))
    return Declared(frozenset(pairs), rest_depends=rest_depends)


def check_names(declared: Declared, structure: Structure) -> None:
    """Make sure that what is said is of steps that there are.

    Raises:
        TraceError: naming one that there is not, and those there are.
    """
    names = [step.name for step in structure.steps]
    for pair in declared.independent | declared.dependent:
        for name in sorted(pair):
            if not any(name in (each, base_name(each)) for each in names):
                raise TraceError(
                    f"{structure.operation} has no step {name!r}; {unknown(name, names)}"
                )


def _matrix(pairs: Iterable[frozenset[str]], names: Sequence[str]) -> Bools:
    found = np.zeros((len(names), len(names)), dtype=np.bool_)
    for pair in pairs:
        one, other = sorted(pair) if len(pair) > 1 else (*pair, *pair)
        for a in places(one, names):
            for b in places(other, names):
                if a != b:
                    found[a, b] = found[b, a] = True
    return found


def places(name: str, names: Sequence[str]) -> list[int]:
    """Where a step is: under its own name, and all its repeats where no repeat is named."""
    return [place for place, each in enumerate(names) if name in (each, base_name(each))]


def base_name(name: str) -> str:
    """A step without its number: that of `cache #2` is `cache`."""
    return name.partition(" #")[0]
