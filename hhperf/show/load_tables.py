"""Tables of runs under load and of sweeps over loads."""

import math

import numpy as np

from hhperf.analysis.knees import LoadLevel
from hhperf.harness.sweep import answered_share
from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.run import Run
from hhperf.show.card import Table
from hhperf.show.runs_cards import ARM_WORDS
from hhperf.shown import milliseconds, percent
from hhperf.verdict.sweeps import ArmAtLoad, Sweep, rate

QUANTILES = (0.5, 0.9, 0.95, 0.99)
NEVER = "not reached"


def response_table(run: Run) -> Table:
    """Each arm's response time under its load, from when a request was due."""
    pairs, counts, names = run.pairs("response_time"), run.counts(), run.metadata.design.arms
    rows = []
    for arm in Arm:
        response = getattr(pairs, arm.value)
        ranks = np.quantile(response, QUANTILES, method="inverted_cdf")
        unanswered = sum(counts[arm][each] for each in (Outcome.ERROR, Outcome.TIMEOUT))
        rows.append(
            (
                f"{ARM_WORDS[arm]} ({names[arm]})",
                *map(milliseconds, (*ranks, response.max())),
                percent(answered_share(run, arm)),
                f"{unanswered:,}",
                *(f"{counts[arm][each]:,}" for each in (Outcome.DROPPED, Outcome.LOST)),
            )
        )
    ranked = (f"p{q * 100:g}" for q in QUANTILES)
    columns = ("arm", *ranked, "max", "in time", "failed", "dropped", "lost")
    return Table(f"Response time in ms, {len(pairs):,} requests an arm", columns, tuple(rows))


def response_by_load_table(sweep: Sweep, arm: Arm, name: str) -> Table:
    """An arm's response times, answers and failures at each offered load."""
    seen = [(point.offered_hz, point.arms[arm]) for point in sweep.points]
    waits = any(math.isfinite(each.pool_wait_p95_s) for _, each in seen)
    wait = ("pool wait p95",) if waits else ()
    columns = ("offered/s", "p50", "p95", "answered/s", "failed", *wait)
    rows = tuple(_at_load(hz, each, with_wait=waits) for hz, each in seen)
    return Table(f"{ARM_WORDS[arm]} ({name}): response time in ms", columns, rows)


def capacity_table(sweep: Sweep, names: dict[Arm, str]) -> Table:
    """Each arm's knee and saturation."""
    rows = tuple(
        (names[arm], *level(sweep.knees[arm]), *level(sweep.saturations[arm]))
        for arm in (Arm.CONTROL, Arm.TREATMENT)
    )
    columns = ("arm", "knee at", "between", "saturated from", "between")
    return Table("Capacity in requests a second", columns, rows)


def level(found: LoadLevel | None) -> tuple[str, str]:
    """A load and the measured loads around it."""
    if found is None:
        return NEVER, "–"
    upper = "more" if math.isinf(found.upper) else rate(found.upper)
    return rate(found.point), f"{rate(found.lower)} and {upper}"


def _at_load(offered_hz: float, seen: ArmAtLoad, *, with_wait: bool) -> tuple[str, ...]:
    times = (milliseconds(seen.p50_s), milliseconds(seen.p95_s))
    wait = (milliseconds(seen.pool_wait_p95_s),) if with_wait else ()
    return (rate(offered_hz), *times, rate(seen.answered_hz), f"{seen.failed:,}", *wait)
