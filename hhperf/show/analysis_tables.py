"""What the analysis finds, as tables."""

from collections.abc import Iterable, Mapping

from hhperf.analysis.comparison import Comparison, StatisticResult
from hhperf.analysis.decision import Gate
from hhperf.analysis.estimate import Estimate
from hhperf.analysis.per_request import PerRequest
from hhperf.analysis.period import PeriodEffect
from hhperf.analysis.power import Plan
from hhperf.analysis.sequential import SequentialPath
from hhperf.analysis.shift import ShiftFunction
from hhperf.show.card import Table
from hhperf.show.intervals import interval
from hhperf.shown import percent

MOST_LOOKS = 12


def savings_table(comparison: Comparison, opinions: Mapping[str, Estimate] | None = None) -> Table:
    """The saving at each statistic, with its interval and verdict, and a second opinion if any."""
    columns = ("statistic", "saving", f"{comparison.confidence:.0%} interval", "verdict")
    rows = tuple(_result_row(each) for each in comparison.results)
    title = f"Saving against the {comparison.threshold:.0%} claimed"
    if not opinions:
        return Table(title, columns, rows)
    second = [interval(opinions[row[0]]) if row[0] in opinions else "–" for row in rows]
    return Table(
        title,
        (*columns, "score test"),
        tuple((*row, opinion) for row, opinion in zip(rows, second, strict=True)),
    )


def per_request_table(found: PerRequest) -> Table:
    """What single requests gain, beside what the distributions do."""
    share, median = found.share, found.median
    rows = (
        (
            f"requests that save {found.threshold:.0%} or more",
            percent(share.point),
            f"{percent(share.lower)} to {percent(share.upper)}",
        ),
        ("saving of the median request", percent(median.point), interval(median)),
    )
    return Table("Request by request", ("", "figure", f"{share.confidence:.0%} interval"), rows)


def gates_table(gates: Iterable[Gate]) -> Table:
    """Each validity gate with its state, figure and limit, and the statistics it voids."""
    rows = tuple(
        (gate.name, str(gate.state), gate.figure, gate.limit, ", ".join(gate.voids) or "nothing")
        for gate in gates
    )
    columns = ("gate", "state", "figure", "limit", "voids")
    return Table("Validity gates", columns, rows, numeric=False)


def period_table(period: PeriodEffect) -> Table:
    """What going first costs, beside the gates."""
    effect = period.effect
    rows = (
        ("saving where the control went first", percent(period.control_first), "–"),
        ("saving where the treatment went first", percent(period.treatment_first), "–"),
        ("what going second saves either arm", percent(effect.point), interval(effect)),
    )
    columns = ("", "geometric mean", f"{effect.confidence:.0%} interval")
    return Table("Period effect, which biases nothing", columns, rows)


def gate_tables(comparison: Comparison) -> tuple[Table, ...]:
    """The gates, and what is told beside them; nothing where there are none."""
    period = () if comparison.period is None else (period_table(comparison.period),)
    return (gates_table(comparison.gates), *period) if comparison.gates else ()


def plan_table(plans: Iterable[Plan], pairs_per_s: float) -> Table:
    """What a verdict on each statistic takes."""
    rows = tuple(
        (
            each.statistic,
            "no number" if each.pairs is None else f"{each.pairs:,}",
            "–" if (minutes := each.minutes(pairs_per_s)) is None else f"{minutes:,.1f}",
            each.source,
        )
        for each in plans
    )
    columns = ("statistic", "pairs", f"minutes at {pairs_per_s:g}/s", "from")
    return Table("What a verdict takes", columns, rows)


def shift_table(shift: ShiftFunction) -> Table:
    """The saving at every quantile with its band."""
    figures = zip(shift.quantiles, shift.savings, shift.lower, shift.upper, strict=True)
    rows = tuple(
        (f"p{100 * q:g}", percent(saving), f"{percent(low)} to {percent(high)}")
        for q, saving, low, high in figures
    )
    columns = ("quantile", "saving", f"{shift.confidence:.0%} band of the whole curve")
    return Table("Saving at every quantile", columns, rows)


def path_table(path: SequentialPath) -> Table:
    """A dozen of the looks, with that which settled it and the last."""
    count = len(path.looks)
    every = max(-(-count // MOST_LOOKS), 1)
    shown = {*range(0, count, every), *([count - 1] if count else [])}
    if path.stopped_at is not None:
        shown.add(path.looks.index(path.stopped_at))
    rows = tuple(
        (
            f"{path.looks[look]:,}",
            percent(path.savings[look]),
            f"{percent(path.lower[look])} to {percent(path.upper[look])}",
        )
        for look in sorted(shown)
    )
    title = f"Looks at {path.statistic}, against the {path.threshold:.0%} claimed"
    columns = ("pairs", "saving", "bounds that hold at every look")
    return Table(title, columns, rows, more=count - len(rows))


def _result_row(result: StatisticResult) -> tuple[str, ...]:
    estimate = result.estimate
    return result.statistic, percent(estimate.point), interval(estimate), str(result.verdict)
