"""The runs of a sweep as one thing that shows itself."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, overload

from hhperf.harness import sweep as sweeping
from hhperf.harness.sweep import offered_hz_of
from hhperf.runs.run import Run
from hhperf.show.card import Card, Table
from hhperf.show.sentences import title_of
from hhperf.show.sweep_findings import LEAST_LOADS, SweepFindings
from hhperf.shown import Displayed, counted
from hhperf.verdict.sweeps import rate

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class RecordedSweep(Displayed, Sequence[Run]):
    """Runs under load, by ascending load; a sequence of them.

    Args:
        runs: of one sweep.
        folder: that they lie in.

    Example:
        >>> sweep = hhperf.load_sweep(hhperf.data_dir() / "runs" / "sweep-plan" / "pool-4")
        >>> len(sweep)
        5
    """

    def __init__(self, runs: Sequence[Run], folder: Path) -> None:
        self._runs = tuple(runs)
        self.folder = folder

    def __repr__(self) -> str:
        loads = ", ".join(f"{rate(offered_hz_of(run))}/s" for run in self)
        return f"RecordedSweep({str(self.folder)!r}: {loads})"

    @overload
    def __getitem__(self, place: int) -> Run: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Run, ...]: ...
    def __getitem__(self, place: int | slice) -> Run | tuple[Run, ...]:
        """A run by its place, or some of them."""
        return self._runs[place]

    def __len__(self) -> int:
        return len(self._runs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._runs == tuple(other)

    def __hash__(self) -> int:
        return hash(self._runs)

    @cached_property
    def findings(self) -> SweepFindings:
        """All that is said of it, worked out when it is first asked for.

        Raises:
            SampleError: there are fewer than three loads.
        """
        return SweepFindings.of(self._runs)

    def figure(self) -> "Figure":
        """The savings against the offered load.

        Raises:
            SampleError: there are fewer than three loads.
        """
        from hhperf.show import plots  # noqa: PLC0415  (not needed by a card)

        return plots.closed_figure(plots.plot_savings_by_load(self.findings.sweep))

    def _card(self) -> Card:
        if len(self) >= LEAST_LOADS:
            found = self.findings
            return Card(found.title, sentences=(found.verdict,), tables=found.tables)
        rows = tuple((rate(offered_hz_of(run)), run.status, title_of(run)) for run in self)
        said = (
            f"An answer over loads takes {LEAST_LOADS} or more; compare each with hhperf.compare."
        )
        table = Table("Runs", ("offered/s", "state", "compares"), rows, numeric=False)
        return Card(f"Sweep over {counted(len(self), 'load')}", sentences=(said,), tables=(table,))


def load_sweep(folder: Path | str, *, undamaged_only: bool = False) -> RecordedSweep:
    """Open the runs of a sweep, by ascending load.

    Args:
        folder: the one that the sweep wrote, with a run in each of its own.
        undamaged_only: whether to go on without what is damaged, as in `load_run`.

    Raises:
        RunError: the folder holds no run under load.

    Example:
        >>> sweep = hhperf.load_sweep(hhperf.data_dir() / "runs" / "sweep-plan" / "pool-4")
        >>> sweep[0].status
        'finished'
    """
    runs = sweeping.load_sweep(folder, undamaged_only=undamaged_only)
    return RecordedSweep(runs, Path(folder))
