"""`--resume`: a command goes on with what it has recorded, by the options that it had then."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer import Option

from hhperf.errors import RunError, SettingsError

DEFAULT_PATIENCE_S = 60.0
COMMAND = "command"
NOT_KEPT = frozenset({"out", "resume", "context", "before_each", "dry_run", "restart"})
"""Options that are another time's, or may hold a secret."""


def _take_recorded(context: typer.Context, folder: Path | None) -> Path | None:
    """Let the options that the run was recorded by stand for those that are not given."""
    if folder is not None:
        recorded = _recorded_options(folder, str(context.info_name))
        context.default_map = {**recorded, "out": str(folder)}
    return folder


Resume = Annotated[
    Path | None,
    Option(
        "--resume",
        is_eager=True,
        callback=_take_recorded,
        help="Go on with what this command recorded there, by the options that it had then; give"
        " again those that may hold a secret (--before-each, a password in --target).",
    ),
]
Patience = Annotated[
    float,
    Option(
        "--patience",
        min=0,
        help="Seconds to wait for a part that has gone (PostgreSQL, the cache, a provider, a"
        " deployment) before the run ends; 0 to end at once.",
    ),
]


def options_of(context: typer.Context) -> dict[str, Any]:
    """The options of the command under way, for the record: as JSON has them, without secrets."""
    from hhperf.masking import without_credentials  # noqa: PLC0415  (heavy)

    kept: dict[str, Any] = {COMMAND: str(context.info_name)}
    for name, value in context.params.items():
        given = [*value] if isinstance(value, list | tuple) else value
        plain = str(given) if isinstance(given, Path) else given
        is_discreet = all(without_credentials(each) == each for each in _texts(plain))
        if name not in NOT_KEPT and plain is not None and is_discreet:
            kept[name] = plain
    return kept


def folder_of(out: Path | None, resume: Path | None) -> Path:
    """Where a run goes.

    Raises:
        SettingsError: nowhere, or in two places.
    """
    if out is None:
        raise SettingsError("OUT: name the run's folder, or --resume one that broke off")
    if resume is not None and out != resume:
        raise SettingsError(f"{out}: --resume {resume} names the folder already")
    return out


def are_finished(folders: Sequence[Path]) -> bool:
    """Whether nothing is missing of runs that were measured in the same pairs.

    They are closed one by one: what killed them may have left the first finished alone.

    Raises:
        RunError: one is no run, or not readable.
    """
    from hhperf.runs.run import load_run  # noqa: PLC0415  (heavy)

    return all(load_run(folder).status == "finished" for folder in folders)


def _texts(value: object) -> list[str]:
    return [
        each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)
    ]


def _recorded_options(folder: Path, command: str) -> Mapping[str, Any]:
    from hhperf.runs.metadata_file import FILE_NAME, read_metadata  # noqa: PLC0415  (heavy)

    places = (
        path for depth in ("", "*/", "*/*/") for path in sorted(folder.glob(depth + FILE_NAME))
    )
    found = next(places, None)
    if found is None:
        raise RunError(f"{folder}: has no run in it; name the folder that `hhperf {command}` wrote")
    options = dict(read_metadata(found.parent).conditions.options)
    by = options.pop(COMMAND, None)
    if by != command:
        how = f"`hhperf {by} --resume {folder}`" if by else "`hhperf.replay(…, resume=True)`"
        raise SettingsError(f"{folder}: `hhperf {command}` did not record it; take {how}")
    return options
