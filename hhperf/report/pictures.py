"""The figures of a report, one below the other, each with words for those who cannot see it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hhperf.analysis import Comparison, ShiftFunction
from hhperf.plots import plot_distributions, plot_path, plot_savings, plot_shift
from hhperf.report.findings import Findings
from hhperf.tables import interval, percent

Draw = Callable[[], Axes]


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure that is drawn when it is asked for.

    Attributes:
        name: short, unique among the figures of a run.
        label: what it shows, in a sentence with its main figures.
        draw: draws it on a figure of its own.
    """

    name: str
    label: str
    draw: Draw

    def figure(self) -> Figure:
        """The figure, no longer held by pyplot."""
        figure = self.draw().get_figure(root=True)
        assert isinstance(figure, Figure)
        plt.close(figure)
        return figure


def savings_pictures(findings: Findings) -> Iterator[Picture]:
    """What is saved, by statistic and by quantile or look by look."""
    comparison, shift, path = findings.comparison, findings.shift, findings.path
    yield Picture("savings", _savings(comparison), lambda: plot_savings(comparison))
    if path is not None and path.looks:
        yield Picture(
            "path",
            f"The confidence sequence of the saving at {path.statistic} narrows with the pairs.",
            lambda: plot_path(path),
        )
    elif shift is not None:
        yield Picture(
            "shift",
            _shift(shift),
            lambda: plot_shift(shift, threshold=comparison.threshold),
        )


def latency_pictures(findings: Findings) -> Iterator[Picture]:
    """How long requests took under each arm."""
    table = findings.latencies
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    said = "; ".join(f"{row['arm']}: p50 {row['p50']} ms, p95 {row['p95']} ms" for row in rows)
    yield Picture(
        "distributions",
        f"Share of requests answered within a time. {said}.",
        lambda: plot_distributions(findings.run),
    )


def _savings(comparison: Comparison) -> str:
    parts = [
        f"{each.statistic} {percent(each.estimate.point)} ({interval(each.estimate)})"
        for each in comparison.results
    ]
    return f"Saving by statistic against {percent(comparison.threshold)} claimed: {', '.join(parts)}."


def _shift(shift: ShiftFunction) -> str:
    least, most = float(shift.savings.min()), float(shift.savings.max())
    return f"Saving at every quantile: from {percent(least)} to {percent(most)}, with its band."
