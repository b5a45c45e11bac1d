"""`hhperf redact`."""

from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

import hhperf
from hhperf.cli.options import UndamagedOnly
from hhperf.cli.screen import output
from hhperf.errors import RunError


def redact(
    source: Annotated[Path, Argument(help="A run's folder, or a folder with runs in it.")],
    out: Annotated[Path, Argument(help="Where it goes, new or empty.")],
    keep: Annotated[
        list[str] | None,
        Option(
            help="What stays: tenant, session, request_id, text_key, result_digest, error or"
            " source; repeatable."
        ),
    ] = None,
    undamaged_only: UndamagedOnly = False,
) -> None:
    """Write runs once more, with pseudonyms for who asked and what was asked; results stay.

    Arms, settings and labels stay too. The key of the pseudonyms is drawn and not stored.
    """
    from hhperf.pseudonyms import Pseudonyms  # noqa: PLC0415  (heavy, as are the next)
    from hhperf.runs.run import is_run  # noqa: PLC0415
    from hhperf.runs.run_redaction import redact_run  # noqa: PLC0415

    below = sorted(path.parent for path in source.rglob("run.json"))
    places = [source] if is_run(source) else below
    if not places:
        raise RunError(f"{source}: holds no run; name a folder that hhperf has recorded")
    pseudonyms = Pseudonyms()  # one key for all, so that they stay comparable
    for place in places:
        run = hhperf.load_run(place, undamaged_only=undamaged_only)
        made = redact_run(run, out / place.relative_to(source), pseudonyms, frozenset(keep or ()))
        output.print(f"{made.path}: {len(made):,} observations, redacted", markup=False)
    typer.echo(f"`hhperf compare {out}` says what it said of {source}.")
