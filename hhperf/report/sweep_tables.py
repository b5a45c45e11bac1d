"""Tables of savings against offered load."""

from hhperf.sweeping import Sweep
from hhperf.tables import Table, interval, percent


def savings_by_load_table(sweep: Sweep, statistic: str) -> Table:
    """The saving at each offered load, with its interval and verdict."""
    first = sweep.points[0].comparison
    confidence = first[statistic].estimate.confidence
    columns = ("requests/s", "saving", f"{confidence:.0%} interval", "verdict")
    rows = tuple(
        (
            rate(point.offered_hz),
            percent(found.estimate.point),
            interval(found.estimate),
            str(found.verdict),
        )
        for point in sweep.points
        for found in [point.comparison[statistic]]
    )
    title = f"Saving in response time at {statistic} against the {first.threshold:.0%} claimed"
    return Table(title, columns, rows)


def rate(hz: float) -> str:
    """Requests a second, to four digits."""
    return f"{hz:.4g}"
