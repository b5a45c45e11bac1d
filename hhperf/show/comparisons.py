"""Several comparisons side by side: one table, and whether any of them shows what is claimed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hhperf.analysis.comparison import Comparison, StatisticResult
from hhperf.analysis.decision import Verdict, holm
from hhperf.errors import SampleError
from hhperf.show.card import Card, Table
from hhperf.show.intervals import interval
from hhperf.shown import Displayed, percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure


LEVEL = 0.025
"""Of the claim about any: one tail of the 95% intervals."""


@dataclass(frozen=True, slots=True, repr=False)
class Comparisons(Displayed, Mapping[str, Comparison]):
    """Comparisons by name, all against one threshold.

    Attributes:
        by_name: in the order they are shown.
        at: the statistic they are put side by side at.

    Example:
        >>> runs = hhperf.data_dir() / "runs" / "claim"
        >>> arms = {"parallel": runs / "plan", "eager": runs / "plan-eager"}
        >>> found = hhperf.compare(arms)  # doctest: +SKIP
        >>> found.figure()  # doctest: +SKIP
    """

    by_name: Mapping[str, Comparison]
    at: str

    def __post_init__(self) -> None:
        if not self.by_name:
            raise SampleError("there is no run to compare: the mapping is empty")
        for each in self.by_name.values():
            each[self.at]

    def __repr__(self) -> str:
        said = ", ".join(f"{name} {each.verdict}" for name, each in self.results.items())
        return f"Comparisons(at {self.at}: {said})"

    def __getitem__(self, name: str) -> Comparison:
        return self.by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_name)

    def __len__(self) -> int:
        return len(self.by_name)

    @property
    def results(self) -> dict[str, StatisticResult]:
        """What each says at the common statistic."""
        return {name: each[self.at] for name, each in self.by_name.items()}

    @property
    def threshold(self) -> float:
        """The saving that is claimed."""
        return next(iter(self.by_name.values())).threshold

    def adjusted_p_values(self) -> dict[str, float]:
        """Holm's p-values, for the claim that at least one of them exceeds the threshold.

        Each is one-sided and comparable with 2.5%, as the 95% intervals are two-sided. That of a
        run whose intervals are wider, because it was looked at meanwhile, grows in proportion to
        what is left of its level; one without a verdict counts as 1. Runs may share a control.
        """
        return holm({name: _p_value(each) for name, each in self.results.items()})

    @property
    def shown_by(self) -> tuple[str, ...]:
        """Those that exceed the threshold after the adjustment."""
        adjusted, found = self.adjusted_p_values(), self.results
        exceeding = (name for name in found if found[name].verdict is Verdict.EXCEEDS)
        return tuple(name for name in exceeding if adjusted[name] <= LEVEL)

    @property
    def sentence(self) -> str:
        """What all of them together say of the claim that any of them saves so much."""
        claim = f"That any of these {len(self)} saves more than {percent(self.threshold)}"
        by = f"shown by {', '.join(self.shown_by)}" if self.shown_by else "not shown"
        return (
            f"{claim} at {self.at} is {by} (Holm's adjustment, one-sided p of at most {LEVEL:.1%})."
            " Each row's own interval and verdict answer for that row alone, without an adjustment."
        )

    @property
    def table(self) -> Table:
        """A row for each, with its interval, verdict and adjusted p-value."""
        adjusted = self.adjusted_p_values()
        rows = tuple(
            (
                name,
                f"{self[name].n_pairs:,}",
                percent(each.estimate.point),
                interval(each.estimate),
                str(each.verdict),
                f"{adjusted[name]:.4f}",
            )
            for name, each in self.results.items()
        )
        columns = ("", "pairs", "saving", "interval", "verdict", "p (Holm)")
        title = f"Saving at {self.at} against the {percent(self.threshold)} claimed"
        return Table(title, columns, rows, words=("verdict",))

    def figure(self) -> "Figure":
        """The savings one over the other, with their intervals."""
        from hhperf.show import plots  # noqa: PLC0415  (not needed by a table)

        return plots.closed_figure(plots.plot_forest(self))

    def _card(self) -> Card:
        notes = [f"{name}: {each}" for name in self for each in self[name].warnings]
        return Card(
            f"{len(self)} comparisons",
            sentences=(self.sentence,),
            tables=(self.table,),
            warnings=tuple(dict.fromkeys(notes)),
        )


def _p_value(result: StatisticResult) -> float:
    estimate = result.estimate
    left = 1 - estimate.confidence
    if result.verdict is Verdict.NOT_MEASURABLE or left <= 0:
        return 1.0
    return min(1.0, estimate.p_value * max(1.0, 2 * LEVEL / left))
