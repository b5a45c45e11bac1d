"""Tables as plain data, shown alike in a terminal, in a notebook and in Markdown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from rich.table import Table as RichTable

from hhperf.analysis import Comparison, Estimate, Gate, PerRequest, Plan
from hhperf.breakdown import ArmTime, Breakdown
from hhperf.runs import Arm, Outcome, Run
from hhperf.stack import Part

LATENCY_QUANTILES = (0.5, 0.9, 0.95, 0.99)
ARM_WORDS = {
    Arm.CONTROL: "control",
    Arm.TREATMENT: "treatment",
    Arm.CONTROL_AGAIN: "control again",
}


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of words under headings; the first column is text, the others are figures.

    Attributes:
        title: what it shows.
        columns: the headings, units included.
        rows: the cells, ready to print.
        numeric: whether the columns after the first are aligned right.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: bool = True

    def __rich__(self) -> RichTable:
        """For a terminal."""
        table = RichTable(title=self.title, title_justify="left", title_style="bold")
        for place, column in enumerate(self.columns):
            right = self.numeric and place > 0
            table.add_column(column, justify="right" if right else "left", overflow="fold")
        for row in self.rows:
            table.add_row(*row)
        return table

    def to_markdown(self) -> str:
        """A Markdown table; a cell's pipes and line ends are escaped."""
        rule = "---:" if self.numeric else "---"
        rules = ["---", *[rule] * (len(self.columns) - 1)]
        lines = [self.columns, rules, *self.rows]
        return "\n".join("| " + " | ".join(map(_escaped, line)) + " |" for line in lines)

    def _repr_html_(self) -> str:
        """For a notebook."""
        head = "".join(f"<th>{escape(column)}</th>" for column in self.columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self.rows
        )
        caption = f"<caption>{escape(self.title)}</caption>"
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def __str__(self) -> str:
        """Aligned text, the same on every terminal."""
        lines = [self.columns, *self.rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join([self.title, *(self._aligned(line, widths) for line in lines)])

    def _aligned(self, line: Sequence[str], widths: Sequence[int]) -> str:
        cells = [
            cell.rjust(width) if self.numeric and place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        return "  ".join(cells).rstrip()


def latency_table(run: Run) -> Table:
    """Each arm's service time; a failed request counts as endless."""
    pairs, counts, names = run.pairs(), run.counts(), run.metadata.design.arms
    columns = ("arm", "mean", *(f"p{q * 100:g}" for q in LATENCY_QUANTILES), "max", "failed")
    rows = []
    for arm in Arm:
        latency = getattr(pairs, arm.value)
        failed = sum(
            counts[arm][each] for each in (Outcome.ERROR, Outcome.TIMEOUT, Outcome.DROPPED)
        )
        ranks = np.quantile(latency, LATENCY_QUANTILES, method="inverted_cdf")
        figures = [latency.mean(), *ranks, latency.max()]
        rows.append(
            (f"{ARM_WORDS[arm]} ({names[arm]})", *map(milliseconds, figures), f"{failed:,}")
        )
    return Table(f"Service time in ms, {len(pairs):,} pairs", columns, tuple(rows))


def savings_table(comparison: Comparison, opinions: Mapping[str, Estimate] | None = None) -> Table:
    """The saving at each statistic, with its interval and verdict, and a second opinion if any."""
    columns = ("statistic", "saving", f"{comparison.confidence:.0%} interval", "verdict")
    rows = [
        (
            each.statistic,
            percent(each.estimate.point),
            interval(each.estimate),
            str(each.verdict),
        )
        for each in comparison.results
    ]
    title = f"Saving against the {comparison.threshold:.0%} claimed"
    if not opinions:
        return Table(title, columns, tuple(rows))
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
    """Each validity gate with its figure and limit."""
    rows = tuple(
        ("pass" if gate.passed else "FAIL", gate.name, gate.figure, gate.limit) for gate in gates
    )
    return Table("Validity gates", ("", "gate", "figure", "limit"), rows, numeric=False)


def stages_table(breakdown: Breakdown) -> Table:
    """Each stage's own time under both arms, and what kind of time it is."""
    control, treatment = breakdown.control, breakdown.treatment
    columns = ("stage", control.schedule, treatment.schedule, "p95", "time", "can overlap")
    rows = tuple(
        (
            stage,
            _median(control, stage),
            _median(treatment, stage),
            _p95(treatment, stage),
            "modelled" if _either(breakdown, stage).is_modelled else "measured",
            "no" if _either(breakdown, stage).is_alone else "yes",
        )
        for stage in dict.fromkeys([*control.stages, *treatment.stages])
    )
    return Table("Stages: own time in ms, median", columns, rows)


def schedule_table(breakdown: Breakdown) -> Table:
    """Each arm's total against the critical path of its stages and the least possible."""
    columns = ("arm", "total", "critical path", "ratio", "least possible", "ratio")
    rows = tuple(
        (
            arm.schedule,
            milliseconds(arm.total_s),
            milliseconds(arm.path_s),
            f"{arm.total_s / arm.path_s:.3f}",
            milliseconds(arm.bound_s),
            f"{arm.total_s / arm.bound_s:.3f}",
        )
        for arm in (breakdown.control, breakdown.treatment)
    )
    return Table("Schedules: median time in ms", columns, rows)


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


def parts_table(parts: Iterable[Part]) -> Table:
    """What each part of the stack is."""
    rows = tuple((part.name, part.kind, part.where, part.version or part.problem) for part in parts)
    return Table("Stack", ("part", "kind", "where", "version"), rows, numeric=False)


def milliseconds(seconds: float) -> str:
    """Three significant digits and more, never a false precision."""
    if not np.isfinite(seconds):
        return "endless" if seconds > 0 else "undefined"
    ms = seconds * 1e3
    return f"{ms:,.0f}" if ms >= 100 else f"{ms:.1f}" if ms >= 10 else f"{ms:.2f}"


def percent(share: float) -> str:
    """One decimal; an unbounded or undefined share in words."""
    if np.isnan(share):
        return "undefined"
    return f"{share:.1%}" if np.isfinite(share) else "unbounded"


def interval(estimate: Estimate) -> str:
    """An interval in percent."""
    return f"{percent(estimate.lower)} to {percent(estimate.upper)}"


def _median(arm: ArmTime, stage: str) -> str:
    return milliseconds(arm.stages[stage].median_s) if stage in arm.stages else "–"


def _p95(arm: ArmTime, stage: str) -> str:
    return milliseconds(arm.stages[stage].p95_s) if stage in arm.stages else "–"


def _either(breakdown: Breakdown, stage: str) -> Any:
    return breakdown.treatment.stages.get(stage) or breakdown.control.stages[stage]


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|").replace("\n", " ")
