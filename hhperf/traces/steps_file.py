"""The file `steps.toml` beside imported traces: what a team says of its steps, for editing.

The import writes it with what the traces show of each pair; a person edits it, or ticks pairs in a
notebook, which writes its operation's part of it anew.
"""

import json
import re
import tomllib
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path
from typing import Any

from hhperf.errors import TraceError, TraceFileError
from hhperf.traces.calls import Operation
from hhperf.traces.declared import Declared, base_name
from hhperf.traces.pools import Pool
from hhperf.traces.structure import Structure

_HEAD = """\
# Which steps need not wait for each other? Traces cannot show it: steps that were never under way
# together may depend on each other, or may just be written one after the other.
# Move a pair to `independent` if neither needs what the other gives; to `dependent` if it does.
# `hhperf trace predict` reads this file. A pair in neither list is undeclared, and sets how far the
# bound lies; `rest = "dependent"` says that all those depend.
#
# Under load calls queue for connections, which traces do not name either. Say it, of one process,
# and what is predicted is predicted at the rate at which the traces' calls came (or `--rate`):
#
# [pools]
# database = {size = 20, steps = ["vector", "text"]}  # waits = ["acquire"], if spans wait for one
"""

_FIELDS = frozenset({"independent", "dependent", "rest"})
_KNOWN = ", ".join(sorted(_FIELDS))
_PART = re.compile(r"(?m)^(?=\[(?:operation|pools)\b)")
"""Where the part of an operation begins, or that of pools."""
_OF_POOL = frozenset({"size", "steps", "waits"})
_MOST = 60
"""Pairs that are written out, the closest to each other first."""

_UNSAID = Declared()


def read_declared(path: Path, operation: Operation) -> Declared:
    """What a file says of an operation; nothing where there is no file or it is not named there.

    Raises:
        TraceFileError: it is no such file, with the field.
    """
    return _declared(_document(_text(path), path), path, operation)


def read_pools(path: Path) -> tuple[Pool, ...]:
    """The pools that a file names; none where there is no file.

    Raises:
        TraceFileError: it is no such file, with the field.
    """
    found = _document(_text(path), path).get("pools", {})
    wrong = "must be a table of pools, such as database = {size = 4, steps = ['vector', 'text']}"
    if not isinstance(found, dict):
        raise TraceFileError(wrong, path=str(path), field="pools")
    return tuple(_pool(name, table, path) for name, table in found.items())


def write_declarable(path: Path, structures: Iterable[Structure]) -> None:
    """Write the file for editing, with what the traces show of each pair beside it."""
    parts = [_HEAD, *map(steps_toml, structures)]
    path.write_text("\n".join(parts), encoding="utf-8")


def save_declared(path: Path, structure: Structure, declared: Declared) -> None:
    """Write what is said of one operation; what the file says of others stays as it is.

    Raises:
        TraceFileError: the file cannot be used, or is written so that the part cannot be found.
        TraceError: the file cannot be written.
    """
    text = _text(path) or _HEAD
    before = _document(text, path)
    made = steps_toml(structure, declared)
    parts = _PART.split(text)
    name = made.partition("\n")[0]
    places = [place for place, part in enumerate(parts) if part.startswith(name)]
    if places:
        parts[places[0]] = made + "\n" if places[0] < len(parts) - 1 else made
    else:
        parts = [text.rstrip("\n") + "\n\n", made]
    written = "".join(parts)
    _check_kept(written, before, path, structure.operation, declared)
    try:
        path.write_text(written, encoding="utf-8")
    except OSError as error:
        raise TraceError(f"{path}: cannot be written ({error}); make the folder writable") from None


def steps_toml(structure: Structure, declared: Declared = _UNSAID) -> str:
    """An operation's part of the file, each pair with what the traces show of it.

    Args:
        structure: of the operation.
        declared: what is said; a pair in it is written, the others stand as comments.
    """
    undecided = sorted(structure.undecided, key=lambda pair: pair.median_gap_s)
    shown = {frozenset((pair.first, pair.second)): pair for pair in undecided}
    said = declared.independent | declared.dependent
    lines = [f"    {_list(pair)}," for pair in _sorted(declared.independent - shown.keys())]
    lines += [
        f"    {_list((pair.first, pair.second))},  # {pair.told}"
        for names, pair in shown.items()
        if names in declared.independent
    ]
    others = [
        f"#   {_list((pair.first, pair.second))},  # {pair.told}"
        for names, pair in [*shown.items()][:_MOST]
        if names not in said and base_name(pair.first) != base_name(pair.second)
    ]
    dependent = [f"    {_list(pair)}," for pair in _sorted(declared.dependent)]
    return "\n".join(
        [
            f"[operation.{_quoted(str(structure.operation))}]",
            *(['rest = "dependent"'] if declared.rest_depends else []),
            *("independent = [", *lines, *others, "]"),
            *(["dependent = [", *dependent, "]"] if dependent else ["dependent = []"]),
            "",
        ]
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise TraceFileError(f"cannot be read: {error}", path=str(path)) from error


def _document(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TraceFileError(f"is no TOML of steps: {error}", path=str(path)) from error


def _declared(document: dict[str, Any], path: Path, operation: Operation) -> Declared:
    parts = document.get("operation", {})
    table = parts.get(str(operation), {}) if isinstance(parts, dict) else parts
    if not isinstance(table, dict):
        raise TraceFileError("is no table of steps", path=str(path), field="operation")
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


def _pool(name: str, table: object, path: Path) -> Pool:
    field = f"pools.{name}"
    if not isinstance(table, dict) or table.keys() - _OF_POOL or not {"size", "steps"} <= {*table}:
        wrong = "must have size and steps, may have waits, and nothing else"
        raise TraceFileError(wrong, path=str(path), field=field)
    if type(table["size"]) is not int:
        raise TraceFileError("must be a whole number", path=str(path), field=f"{field}.size")
    for of in ("steps", "waits"):
        given = table.get(of, [])
        if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
            raise TraceFileError("must be a list of names", path=str(path), field=f"{field}.{of}")
    try:
        return Pool(name, table["size"], tuple(table["steps"]), tuple(table.get("waits", ())))
    except TraceError as error:
        raise TraceFileError(str(error), path=str(path), field=field) from None


def _pairs(given: object, path: Path, field: str) -> frozenset[frozenset[str]]:
    wrong = "must be a list of pairs, such as [['embedding', 'specialty']]"
    if not isinstance(given, list):
        raise TraceFileError(wrong, path=str(path), field=field)
    for pair in given:
        if not (isinstance(pair, list) and len(pair) > 1 and all(isinstance(n, str) for n in pair)):
            raise TraceFileError(wrong, path=str(path), field=field)
    return frozenset(frozenset(two) for pair in given for two in combinations(pair, 2))


def _check_kept(
    written: str, before: dict[str, Any], path: Path, operation: Operation, declared: Declared
) -> None:
    """Make sure, before it is written, that the text says so, and all else as before."""
    name = str(operation)
    try:
        after = _document(written, path)
        kept = _without(after, name) == _without(before, name)
        kept &= _declared(after, path, operation) == declared
    except TraceFileError:
        kept = False
    if not kept:
        raise TraceFileError(
            f"is written so that the part of {name} cannot be put in its place; write it by hand",
            path=str(path),
        )


def _without(document: dict[str, Any], name: str) -> dict[str, Any]:
    parts = {**document.get("operation", {})}
    parts.pop(name, None)
    return {**document, "operation": parts}


def _sorted(pairs: Iterable[frozenset[str]]) -> list[list[str]]:
    return sorted(sorted(pair) for pair in pairs)


def _list(names: Iterable[str]) -> str:
    return f"[{', '.join(map(_quoted, names))}]"


def _quoted(text: str) -> str:
    """A string of TOML: as JSON writes it, whose pairs of surrogates TOML has not."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
