"""What a run is called by: labels that were given, and the commit that is checked out here."""

import shutil
import subprocess
from typing import Annotated

from typer import Option

from hhperf.errors import SettingsError

_COMMIT = "commit"  # as runs.metadata has it, which is heavy to load
_WITHIN_S = 10

Labels = Annotated[
    list[str] | None,
    Option(
        "--label",
        help="NAME=VALUE for the run's record, may be given several times. `commit` is the one that"
        " is checked out here, unless said otherwise: `hhperf history` tells runs by it.",
    ),
]


def labels_of(given: list[str] | None) -> dict[str, str]:
    """The labels by name, the commit among them where there is one.

    Raises:
        SettingsError: one has no name or no value.
    """
    found: dict[str, str] = {}
    for each in given or ():
        name, _, value = each.partition("=")
        if not (name.strip() and value.strip() and each.isprintable()):
            raise SettingsError(f"--label {each!r}: give NAME=VALUE, such as commit=4bb4011")
        found[name.strip()] = value.strip()
    if _COMMIT not in found and (commit := commit_here()):
        found[_COMMIT] = commit
    return found


def commit_here() -> str:
    """The commit checked out in this folder, with a + where files differ; empty for none."""
    git = shutil.which("git")
    if git is None:
        return ""
    commit = _said(git, "rev-parse", "--short=10", "HEAD")
    changed = commit and _said(git, "status", "--porcelain", "--untracked-files=no")
    return f"{commit}+" if changed else commit


def _said(git: str, *arguments: str) -> str:
    try:
        done = subprocess.run(
            [git, *arguments], capture_output=True, text=True, check=True, timeout=_WITHIN_S
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
