"""What is ticked, as it is said elsewhere: a command, Python, the file of steps."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hhperf.show.look.ticks import Ticks
from hhperf.traces.declared import Declared
from hhperf.traces.steps_file import steps_toml
from hhperf.traces.structure import Structure


def said_as(
    path: Path, ticks: Ticks, structure: Structure, clusters: Sequence[str], filed: Declared
) -> dict[str, Any]:
    """What is ticked, in every form.

    Args:
        path: the folder of the traces.
        ticks: where the controls stand.
        structure: of their operation.
        clusters: what is resampled as a whole.
        filed: what the file of steps says.

    Returns:
        `command`, `python`, `toml`; `is_filed`: whether the file says the same; `note`: what to
        know of the command, empty where there is nothing.
    """
    return {
        "command": command_of(path, ticks, clusters),
        "python": python_of(path, ticks, clusters),
        "toml": steps_toml(structure, ticks.declared),
        "is_filed": filed == ticks.declared,
        "note": _note(ticks, filed),
    }


def command_of(path: Path, ticks: Ticks, clusters: Sequence[str]) -> str:
    """A command line that predicts the same; pairs whose names have commas cannot be in it."""
    sayable = [pair for pair in ticks.independent if not _has_comma(pair)]
    words = ["hhperf", "trace", "predict", str(path), "--operation", ticks.operation]
    words += [word for pair in sayable for word in ("--independent", ",".join(pair))]
    words += ["--rest-depends"] if ticks.rest_depends else []
    words += [word for name in clusters for word in ("--cluster", name)]
    return shlex.join([*words, "--threshold", f"{ticks.threshold:g}"])


def python_of(path: Path, ticks: Ticks, clusters: Sequence[str]) -> str:
    """A call that predicts the same."""
    options = [
        f"hhperf.load_traces({str(path)!r})",
        repr(ticks.operation),
        f"independent={[*map(tuple, ticks.independent)]!r}",
        *(["rest_depends=True"] if ticks.rest_depends else []),
        *([f"clusters={[*clusters]!r}"] if clusters else []),
        f"threshold={ticks.threshold:g}",
    ]
    return f"hhperf.predict_savings({', '.join(options)})"


def _note(ticks: Ticks, filed: Declared) -> str:
    said = ticks.declared
    notes = []
    if any(map(_has_comma, ticks.independent)):
        notes.append("names with a comma can only be said in the file or in Python")
    more = filed.independent - said.independent or filed.dependent - said.dependent
    if more or (filed.rest_depends and not said.rest_depends):
        notes.append("the file says more than is ticked, and command and call go by both")
    elif said.dependent - filed.dependent:
        notes.append("what depends is said in the file alone")
    return "; ".join(notes)


def _has_comma(pair: tuple[str, str]) -> bool:
    return any("," in name for name in pair)
