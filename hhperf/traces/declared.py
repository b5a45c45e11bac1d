"""What a team says of its steps: which need not wait for each other, and which have to.

Traces cannot show it. It is said on the command line, or in the file `steps.toml` beside the
imported traces, which the import writes with what they do show, for editing.
"""

import json
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from hhperf.errors import TraceError, TraceFileError, unknown
from hhperf.traces.calls import Bools, Operation
from hhperf.traces.structure import Structure

_HEAD = """\
# Which steps need not wait for each other? Traces cannot show it: steps that were never under way
# together may depend on each other, or may just be written one after the other.
# Move a pair to `independent` if neither needs what the other gives; to `dependent` if it does.
# `hhperf trace predict` reads this file. A pair in neither list is undeclared, and sets how far the
# bound lies; `rest = "dependent"` says that all those depend.
"""

_FIELDS = frozenset({"independent", "dependent", "rest"})
_KNOWN = ", ".join(sorted(_FIELDS))
_MOST = 60
"""Pairs that are written out, the closest to each other first."""


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
            if _base(one) == _base(other) and frozenset((one, other)) not in self.independent:
                found[a, b] = found[b, a] = True
        return found


def parse_independent(given: Iterable[str], *, rest_depends: bool = False) -> Declared:
    """What the command line says: `embedding,specialty`, or more than two of which any pair is.

    Args:
        given: steps, separated by commas.
        rest_depends: whether all other pairs are said to depend.

    Raises:
        TraceError: fewer than two steps are named.
    """
    pairs: set[frozenset[str]] = set()
    for each in given:
        names = [name.strip() for name in each.split(",") if name.strip()]
        if len(names) < 2:
            raise TraceError(f"--independent {each}: name two steps or more, such as a,b")
        pairs |= set(map(frozenset, combinations(names, 2)))
    return Declared(frozenset(pairs), rest_depends=rest_depends)


def read_declared(path: Path, operation: Operation) -> Declared:
    """What a file says of an operation; nothing where there is no file or it is not named there.

    Raises:
        TraceFileError: it is no such file, with the field.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Declared()
    except (OSError, UnicodeDecodeError) as error:
        raise TraceFileError(f"cannot be read: {error}", path=str(path)) from error
    try:
        table = tomllib.loads(text).get("operation", {}).get(str(operation), {})
    except (tomllib.TOMLDecodeError, AttributeError) as error:
        raise TraceFileError(f"is no TOML of steps: {error}", path=str(path)) from error
    for field in sorted(table.keys() - _FIELDS):
        raise TraceFileError(f"is not known; there are {_KNOWN}", path=str(path), field=field)
    rest = table.get("rest", "undeclared")
    if rest not in ("undeclared", "dependent"):
        raise TraceFileError('must be "undeclared" or "dependent"', path=str(path), field="rest")
    return Declared(
        _pairs(table.get("independent", []), path, "independent"),
        _pairs(table.get("dependent", []), path, "dependent"),
        rest_depends=rest == "dependent",
    )


def write_declarable(path: Path, structures: Iterable[Structure]) -> None:
    """Write the file for editing, with what the traces show of each pair beside it."""
    parts = [_HEAD, *map(_section, structures)]
    path.write_text("\n".join(parts), encoding="utf-8")


def check_names(declared: Declared, structure: Structure) -> None:
    """Make sure that what is said is of steps that there are.

    Raises:
        TraceError: naming one that there is not, and those there are.
    """
    names = [step.name for step in structure.steps]
    for pair in declared.independent | declared.dependent:
        for name in sorted(pair):
            if not any(name in (each, _base(each)) for each in names):
                raise TraceError(
                    f"{structure.operation} has no step {name!r}; {unknown(name, names)}"
                )


def _section(structure: Structure) -> str:
    undecided = sorted(structure.undecided, key=lambda pair: pair.median_gap_s)
    lines = [
        f"#   [{json.dumps(pair.first)}, {json.dumps(pair.second)}],  # {pair.told}"
        for pair in undecided[:_MOST]
        if _base(pair.first) != _base(pair.second)
    ]
    name = json.dumps(str(structure.operation), ensure_ascii=False)
    return "\n".join([f"[operation.{name}]", "independent = [", *lines, "]", "dependent = []", ""])


def _pairs(given: object, path: Path, field: str) -> frozenset[frozenset[str]]:
    wrong = "must be a list of pairs, such as [['embedding', 'specialty']]"
    if not isinstance(given, list):
        raise TraceFileError(wrong, path=str(path), field=field)
    for pair in given:
        if not (isinstance(pair, list) and len(pair) > 1 and all(isinstance(n, str) for n in pair)):
            raise TraceFileError(wrong, path=str(path), field=field)
    return frozenset(frozenset(two) for pair in given for two in combinations(pair, 2))


def _matrix(pairs: Iterable[frozenset[str]], names: Sequence[str]) -> Bools:
    found = np.zeros((len(names), len(names)), dtype=np.bool_)
    for pair in pairs:
        one, other = sorted(pair) if len(pair) > 1 else (*pair, *pair)
        for a in _places(one, names):
            for b in _places(other, names):
                if a != b:
                    found[a, b] = found[b, a] = True
    return found


def _places(name: str, names: Sequence[str]) -> list[int]:
    """Where a step is: under its own name, and all its repeats where no repeat is named."""
    return [place for place, each in enumerate(names) if name in (each, _base(each))]


def _base(name: str) -> str:
    return name.partition(" #")[0]
