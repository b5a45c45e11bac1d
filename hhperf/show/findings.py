"""All that is said of one run."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from matplotlib.figure import Figure

from hhperf.analysis.comparison import Comparison
from hhperf.analysis.estimate import Estimate
from hhperf.analysis.per_request import PerRequest, per_request
from hhperf.analysis.ranks import measurable
from hhperf.analysis.samples import make_pairs
from hhperf.analysis.score import score_saving
from hhperf.analysis.sequential import SequentialPath
from hhperf.analysis.shift import ShiftFunction, shift_function
from hhperf.errors import RunError
from hhperf.runs.metadata import SwitchbackDesign
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run
from hhperf.search.arms import ARMS
from hhperf.show.analysis_cards import gates_table, per_request_table, savings_table
from hhperf.show.card import Card, Table
from hhperf.show.load_tables import response_table
from hhperf.show.plots.figures import verdict_figure
from hhperf.show.runs_cards import latency_table
from hhperf.show.sentences import (
    conditions_sentence,
    explanation,
    floor_sentence,
    path_sentence,
    title_of,
    verdict_sentence,
)
from hhperf.show.why_cards import schedule_table, stages_table
from hhperf.shown import Displayed
from hhperf.verdict.compare import QUANTILES, cluster_codes, compare, sequence_of
from hhperf.why.breakdown import Breakdown, break_down

PICTURE = "distributions.png"


@dataclass(frozen=True, slots=True, repr=False)
class Findings(Displayed):
    """All that is said of one run.

    Attributes:
        title: which run it is.
        run: the run.
        comparison: savings, verdicts and gates.
        breakdown: where the time goes; None for a run that does not tell its stages, such as one
            of somebody's own callables.
        per_request: what single requests gain; None under load, where requests are no pairs.
        opinions: the score test's interval at each measurable quantile, a second opinion; empty
            under load.
        shift: the saving at every quantile, with a simultaneous band; None for a run too short, or
            under load.
        path: the confidence sequence of a run that stopped on its verdict, else None.
        seed: of the bootstrap.
    """

    title: str
    run: Run
    comparison: Comparison
    breakdown: Breakdown | None
    per_request: PerRequest | None
    opinions: Mapping[str, Estimate]
    shift: ShiftFunction | None
    path: SequentialPath | None
    seed: int = 0

    @classmethod
    def of(
        cls,
        run: Run,
        *,
        title: str = "",
        threshold: float = 0.20,
        statistic: str | None = None,
        seed: int = 0,
    ) -> "Findings":
        """Analyse a run, paired or under load.

        Args:
            run: of any arms.
            title: by default what it compares.
            threshold: the saving that is claimed.
            statistic: which saving the verdict stands on, such as `p95`; None for p95, or the one
                that a run has stopped on.
            seed: of the bootstrap.

        Raises:
            RunError: the run has one arm alone, or no pair to compare.
            SampleError: there is no such statistic.
        """
        if not {Arm.CONTROL, Arm.TREATMENT} <= run.metadata.design.arms.keys():
            raise RunError(f"{run.path}: one arm alone was measured; there is nothing to compare")
        make = _of_load if isinstance(run.metadata.design, SwitchbackDesign) else _of_pairs
        found = make(run, title or title_of(run), threshold, seed)
        if statistic is None:
            return found
        primary = found.comparison[statistic].statistic
        return replace(found, comparison=replace(found.comparison, primary=primary))

    def __repr__(self) -> str:
        """One line."""
        return f"Findings({self.title}: {self.comparison.verdict})"

    def _card(self) -> Card:
        return Card(
            self.title,
            badge=str(self.comparison.verdict),
            lead=self.verdict,
            facts=(("conditions", self.conditions),),
            tables=(self.latencies, self.savings),
            details=tuple(
                table for table in self.tables if table not in (self.latencies, self.savings)
            ),
            warnings=self.warnings,
        )

    @property
    def under_load(self) -> bool:
        """Whether the savings are in response time under an offered load."""
        return isinstance(self.run.metadata.design, SwitchbackDesign)

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables, in reading order."""
        comparison, breakdown = self.comparison, self.breakdown
        return (
            self.latencies,
            self.savings,
            *([per_request_table(self.per_request)] if self.per_request else []),
            gates_table(comparison.gates),
            *([stages_table(breakdown), schedule_table(breakdown)] if breakdown else []),
        )

    @property
    def latencies(self) -> Table:
        """Each arm's latency: service time, under load response time."""
        return response_table(self.run) if self.under_load else latency_table(self.run)

    @property
    def savings(self) -> Table:
        """The savings with their intervals and verdicts."""
        return savings_table(self.comparison, self.opinions)

    @property
    def verdict(self) -> str:
        """The verdict in one sentence."""
        return verdict_sentence(self.run, self.comparison)

    @property
    def conditions(self) -> str:
        """Under which conditions, and which parts are modelled."""
        return conditions_sentence(self.run, self.breakdown)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader has to know before trusting the numbers; each once."""
        design = self.run.metadata.design
        load = f"at {design.load}" if isinstance(design, SwitchbackDesign) else ""
        warned = [each for each in self.comparison.warnings if each != load]  # a condition, above
        warned += [w for each in self.comparison.results for w in each.estimate.warnings]
        return tuple(dict.fromkeys(warned))

    @property
    def notes(self) -> tuple[str, ...]:
        """The warnings, each as a sentence."""
        return tuple(f"Note: {warning}." for warning in self.warnings)

    @property
    def sentences(self) -> tuple[str, ...]:
        """Conditions, explanation and warnings."""
        floor = self.run.metadata.floor
        return (
            self.conditions,
            *([] if self.path is None else [path_sentence(self.path)]),
            *([] if self.breakdown is None else explanation(self.breakdown)),
            *([] if floor is None else [floor_sentence(floor)]),
            *self.notes,
        )

    def figure(self) -> Figure:
        """The latency distributions and the savings."""
        return verdict_figure(
            self.run, self.comparison, self.conditions, shift=self.shift, path=self.path
        )

    def save_picture(self, folder: Path) -> Path:
        """Write the figure as PNG."""
        path = folder / PICTURE
        self.figure().savefig(path)
        return path


def _of_pairs(run: Run, title: str, threshold: float, seed: int) -> Findings:
    pairs = run.pairs()
    _, codes, _ = cluster_codes(pairs)
    arms = (pairs.control, pairs.treatment, codes)
    return Findings(
        title=title,
        run=run,
        comparison=compare(run, threshold=threshold, seed=seed),
        breakdown=_breakdown(run),
        per_request=per_request(*arms, threshold=threshold),
        opinions={
            f"p{100 * q:g}": score_saving(make_pairs(*arms), q, threshold=threshold)
            for q in QUANTILES
            if measurable(q, len(pairs))
        },
        shift=shift_function(*arms, seed=seed) if measurable(0.5, len(pairs)) else None,
        path=sequence_of(run, pairs),
        seed=seed,
    )


def _of_load(run: Run, title: str, threshold: float, seed: int) -> Findings:
    return Findings(
        title=title,
        run=run,
        comparison=compare(run, threshold=threshold, seed=seed),
        breakdown=_breakdown(run),
        per_request=None,
        opinions={},
        shift=None,
        path=None,
        seed=seed,
    )


def _breakdown(run: Run) -> Breakdown | None:
    """Where the time goes, if the arms are this kit's own and told their stages."""
    served = (run.metadata.design.arms[arm] for arm in (Arm.CONTROL, Arm.TREATMENT))
    is_told = all(name in ARMS for name in served) and not run.spans().empty
    return break_down(run) if is_told else None
