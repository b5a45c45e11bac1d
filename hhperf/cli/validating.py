"""`hhperf validate-model`: changed systems measured after they were predicted."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from hhperf.cli.contenders import make_stack, read_log
from hhperf.cli.options import Candidates, Rounds, Seconds, Seed
from hhperf.cli.runs_given import runs_given
from hhperf.cli.screen import errors, output
from hhperf.errors import RunError
from hhperf.stack.made_of import DEFAULT_CANDIDATES

if TYPE_CHECKING:
    from hhperf.forecast.validation import Validation

TABLE = "validation.md"


def validate_model(
    runs: Annotated[
        list[Path] | None,
        Argument(help="Recorded runs or folders of them to predict from; by default the shipped."),
    ] = None,
    out: Annotated[
        Path, Option(help="A folder for predictions and runs; one that is there is gone on with.")
    ] = Path("results/model"),
    systems: Annotated[
        int, Option(min=1, help="How many changed systems, drawn by --seed from all there are.")
    ] = 12,
    pairs: Annotated[
        int, Option(min=2, help="Of a system without load; half of it on few connections.")
    ] = 800,
    seconds: Seconds = 20.0,
    rounds: Rounds = 6,
    candidates: Candidates = DEFAULT_CANDIDATES,
    seed: Seed = 0,
) -> None:
    """Hold predictions against changed systems, measured after they were predicted."""
    from hhperf.cli.changed_systems import SYSTEMS, drawn  # noqa: PLC0415  (heavy, as are the next)
    from hhperf.cli.measured_systems import Effort, controls  # noqa: PLC0415
    from hhperf.cli.validated_model import Proof  # noqa: PLC0415
    from hhperf.forecast.validation import Validation  # noqa: PLC0415

    proof = Proof(
        tuple(SYSTEMS[place] for place in drawn(seed, systems)),
        controls(runs_given(runs)),
        Effort(pairs, seconds, rounds, seed + 1),
        out,
    )
    errors.print(f"Predicting {systems} of {len(SYSTEMS)} changed systems …", markup=False)
    told, log, found = proof.predictions(), read_log(None), Validation(())
    try:
        with make_stack(candidates) as stack:
            for more in proof.measured(told, log, stack):
                found = found.with_savings(more)
    finally:  # an interrupt keeps what is there, and an error no table that was there before
        if found.savings:
            output.print(found)
            _keep(found, out / TABLE)


def _keep(found: "Validation", path: Path) -> None:
    from hhperf.show.forecast_cards import (  # noqa: PLC0415  (heavy)
        validation_sentences,
        validation_table,
    )

    said = "\n\n".join((*validation_sentences(found), validation_table(found).to_markdown()))
    on = f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {platform.machine()}"
    try:
        path.write_text(
            f"# Predictions, and what was measured of them\n\n{on}.\n\n{said}\n", "utf-8"
        )
    except OSError as error:
        raise RunError(f"{path}: cannot be written: {error}") from error
    output.print(f"{path} has the table; {path.parent} the predictions and runs.", markup=False)
