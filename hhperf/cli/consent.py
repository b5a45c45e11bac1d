"""What a command may do to somebody's live system, and who says so before anything is sent."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from hhperf.cli.options import Live
from hhperf.errors import PlanError

if TYPE_CHECKING:
    from hhperf.experiment.prepared import Prepared
    from hhperf.harness.load_plan import LoadPlan
    from hhperf.harness.paired_plan import PairedPlan
    from hhperf.harness.safety import Safety

LOAD_IN_FLIGHT = 1_000
"""Of a load to this machine, where nothing else was said."""


def safety_of(live: Live) -> "Safety":
    """Ceilings and bounds as the options say.

    Raises:
        PlanError: one cannot be used.
    """
    from hhperf.harness.safety import (  # noqa: PLC0415  (heavy)
        MOST_IN_FLIGHT,
        Safety,
        read_latency,
        read_share,
    )

    factor, latency_s = read_latency("--abort-latency", live.abort_latency)
    return Safety(
        max_rate_hz=live.max_rate,
        max_in_flight=live.max_in_flight or MOST_IN_FLIGHT,
        abort_errors=read_share("--abort-errors", live.abort_errors),
        abort_factor=factor,
        abort_latency_s=latency_s,
    )


def ask(prepared: "Prepared", plans: "Sequence[PairedPlan | LoadPlan]", live: Live) -> None:
    """Have it confirmed what goes to machines that are not this one; once for all plans.

    Raises:
        PlanError: it was not, nobody is there to be asked, or a ceiling forbids it.
    """
    from hhperf.harness.guard import guard_of  # noqa: PLC0415  (heavy)

    guard = guard_of(prepared.make_targets())
    if guard is None:
        return
    said = guard.sentence(plans)
    if live.yes:
        return
    if not sys.stdin.isatty():
        raise PlanError(f"{said}: nobody is there to confirm it; --yes does, and nothing was sent")
    if not typer.confirm(f"{said}. Go on?", err=True):
        raise PlanError(f"not confirmed, and nothing was sent: {said}")
