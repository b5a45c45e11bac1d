"""What a run under load and a sweep of them say, as tables and sentences."""

import numpy as np

from hhperf.analysis.load import LoadLevel
from hhperf.runs import Arm, Floor, Outcome, Run
from hhperf.sweeping import COMPARED, LoadPoint, Sweep
from hhperf.tables import ARM_WORDS, Table, interval, milliseconds, percent

QUANTILES = (0.5, 0.95, 0.99)
NOT_ANSWERED = (Outcome.ERROR, Outcome.TIMEOUT, Outcome.DROPPED, Outcome.LOST)


def load_table(run: Run) -> Table:
    """Each arm's response and service time under one load, and what was not answered."""
    response, service = run.pairs("response_time"), run.pairs("service_time")
    counts, names = run.counts(), run.metadata.design.arms
    columns = (
        "arm",
        *(f"p{100 * q:g}" for q in QUANTILES),
        *(f"service p{100 * q:g}" for q in QUANTILES[:2]),
        *(outcome.value for outcome in NOT_ANSWERED),
    )
    rows = tuple(
        (
            f"{ARM_WORDS[arm]} ({names[arm]})",
            *_quantiles(getattr(response, arm.value), QUANTILES),
            *_quantiles(getattr(service, arm.value), QUANTILES[:2]),
            *(f"{counts[arm][outcome]:,}" for outcome in NOT_ANSWERED),
        )
        for arm in names
    )
    return Table(f"Response time in ms, {len(response):,} requests an arm", columns, rows)


def sweep_table(sweep: Sweep) -> Table:
    """The saving at each statistic against the offered load."""
    names = [result.statistic for result in sweep.points[0].comparison.results]
    columns = ("requests/s", *(f"{name}, 95% interval" for name in names), "verdict at p95")
    rows = tuple(
        (
            f"{point.offered_hz:.4g}",
            *(_saving(point, name) for name in names),
            str(point.comparison[point.comparison.primary].verdict),
        )
        for point in sweep.points
    )
    return Table("Saving in response time against offered load", columns, rows)


def capacity_table(sweep: Sweep) -> Table:
    """What each arm answers at each load, how fast, and what it waits for connections."""
    columns = ("requests/s", "arm", "answered/s", "p50", "p95", "pool wait p95", "not answered")
    rows = tuple(
        (f"{point.offered_hz:.4g}", ARM_WORDS[arm], *_cells(point, arm))
        for point in sweep.points
        for arm in COMPARED
    )
    return Table("Arms against offered load, response times in ms", columns, rows)


def sweep_sentences(sweep: Sweep) -> tuple[str, ...]:
    """Knees, saturation and crossover in words."""
    said = []
    for arm in COMPARED:
        full = sweep.saturations[arm]
        ends = f"falls behind from {_words(full)}" if full else "keeps up with every load"
        said.append(f"The {ARM_WORDS[arm]}'s knee is at {_words(sweep.knees[arm])}; it {ends}.")
    for name, level in sweep.crossovers.items():
        where = f"ends at {_words(level)}" if level else "does not end within these loads"
        said.append(f"The saving at {name} {where}.")
    factors = ", ".join(f"{name} {value}" for name, value in sweep.labels.items())
    return (*([f"Under {factors}."] if factors else []), *said)


def floor_sentence(floor: Floor) -> str:
    """What the generator itself takes."""
    return (
        f"The generator's own floor, against a target that does nothing: service time"
        f" {milliseconds(floor.service_p50_s)} ms at p50 and {milliseconds(floor.service_p99_s)} ms"
        f" at p99, sent {milliseconds(floor.lag_p99_s)} ms late at p99"
        f" ({floor.requests:,} requests)."
    )


def _quantiles(times_s: np.ndarray, quantiles: tuple[float, ...]) -> list[str]:
    return [milliseconds(each) for each in np.quantile(times_s, quantiles, method="inverted_cdf")]


def _saving(point: LoadPoint, name: str) -> str:
    estimate = point.comparison[name].estimate
    return f"{percent(estimate.point)}, {interval(estimate)}" if estimate.defined else "undefined"


def _cells(point: LoadPoint, arm: Arm) -> tuple[str, ...]:
    seen = point.arms[arm]
    wait = "–" if np.isnan(seen.pool_wait_p95_s) else milliseconds(seen.pool_wait_p95_s)
    times = map(milliseconds, (seen.p50_s, seen.p95_s))
    return (f"{seen.answered_hz:.4g}", *times, wait, f"{seen.failed:,}")


def _words(level: LoadLevel) -> str:
    if np.isinf(level.upper):
        return f"{level.point:.3g}/s or beyond"
    return f"{level.point:.3g}/s (between {level.lower:.3g} and {level.upper:.3g})"
