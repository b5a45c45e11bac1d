"""What would save: the controls of a prediction, and what it says where they stand."""

from typing import Any

from hhperf.analysis.estimate import REPLICATES
from hhperf.errors import HhperfError
from hhperf.forecast.basis import ENDLESS, Basis
from hhperf.forecast.changes import CACHED, LOOKUPS, Changes, StageChange
from hhperf.forecast.what_if import Forecast, forecast
from hhperf.search.arms import ARMS
from hhperf.show.look.judged import interval
from hhperf.show.look.wish import What
from hhperf.shown import counted

SIMULATED = 20
"""Runs under a load; the fewest that have an interval."""

RESAMPLES, MANY = 500, 1_200
"""Resamples where there are so many requests: 2,000 would not move with a slider."""

SECONDS, ROUNDS = 10.0, 1
"""Of a load that the run was not recorded under: short enough to move with a slider."""


def levers(basis: Basis | str) -> dict[str, Any]:
    """What can be changed of a run's control; `note` in words where nothing can.

    Returns:
        `schedules`, `stages` with the median time of each in ms, `lookups` that a cache could
        answer, `pool` as recorded (0 where that is not known), `rate_hz` of its load.
    """
    if isinstance(basis, str):
        return {"note": basis, "stages": []}
    requests, load = basis.requests, basis.load
    own = requests.schedule.inputs
    fits = [name for name, order in ARMS.items() if order.inputs == own]
    return {
        "note": "",
        "control": requests.schedule.name,
        "schedules": fits,
        "stages": list(requests.parts),
        "lookups": [name for name in LOOKUPS if name in requests.parts],
        "pool": 0 if basis.pool in (None, ENDLESS) else basis.pool,
        "rate_hz": 0 if load is None else load.rate_hz,
        "requests": counted(len(requests), "request"),
    }


def predicted(basis: Basis | str, what: What) -> dict[str, Any]:
    """The savings that the changes would bring, in percent; `note` in words where none can be told.

    Args:
        basis: of a run.
        what: the changes.
    """
    if isinstance(basis, str):
        return {"note": basis, "intervals": [], "warnings": []}
    if what.rate_hz is not None:
        basis = basis.under(what.rate_hz, SECONDS, ROUNDS)
    pool = what.pool_max or None
    try:
        changes = Changes(schedule=what.schedule or None, stages=_stages(what), pool_max=pool)
        found = forecast(
            basis,
            changes,
            Changes(pool_max=pool),
            replicates=SIMULATED,
            resamples=REPLICATES if len(basis.requests) <= MANY else RESAMPLES,
        )
    except HhperfError as error:
        return {"note": str(error), "intervals": [], "warnings": []}
    return _shown(found)


def _stages(what: What) -> dict[str, StageChange]:
    changes: dict[str, StageChange] = {k: v for k, v in what.factors.items() if v != 1}
    return changes | dict.fromkeys(what.cached, CACHED)


def _shown(found: Forecast) -> dict[str, Any]:
    return {
        "note": "",
        "control": found.control,
        "treatment": found.treatment,
        "load": "" if found.load is None else str(found.load),
        "intervals": [
            {"statistic": name, **interval(each)} for name, each in found.savings.items()
        ],
        "warnings": list(found.warnings),
    }
