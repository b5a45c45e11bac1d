"""All that is said of one run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hhperf.analysis.comparison import Comparison
from hhperf.analysis.decision import Verdict
from hhperf.analysis.estimate import Estimate
from hhperf.analysis.per_request import PerRequest
from hhperf.analysis.sequential import SequentialPath
from hhperf.analysis.shift import ShiftFunction
from hhperf.errors import RunError
from hhperf.runs.metadata import SwitchbackDesign
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run
from hhperf.runs.run_sample import RunSample
from hhperf.show import plots
from hhperf.show.analysis_tables import gate_tables, per_request_table, savings_table
from hhperf.show.bargain import bargain_cards
from hhperf.show.card import Card, Table
from hhperf.show.intervals import by_cache_tables
from hhperf.show.machine import machine_sentence
from hhperf.show.of_pairs import of_pairs
from hhperf.show.pictures import latency_pictures, savings_pictures, stage_pictures
from hhperf.show.runs_cards import latency_table, response_table
from hhperf.show.sentences import (
    conditions_sentence,
    explanation,
    floor_sentence,
    gates_sentences,
    path_sentence,
    regime_of,
    sample_sentence,
    title_of,
    verdict_sentence,
)
from hhperf.show.subject import Judged, Subject
from hhperf.show.why_cards import breakdown_tables
from hhperf.shown import percent
from hhperf.verdict.compare import compare
from hhperf.verdict.large_compare import is_large
from hhperf.verdict.price import Price, price_of
from hhperf.why.arm_time import Breakdown
from hhperf.why.breakdown import break_down
from hhperf.why.told import tells_of_stages

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PICTURE = "distributions.png"


@dataclass(frozen=True, slots=True, repr=False)
class Findings(Subject):
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
        machine: what the machine lost meanwhile, in a sentence.
        price: what each arm costs a request; None where the arms do not tell.
        seed: of the bootstrap.
        sample: of a run larger than memory, the pairs that all is of but savings and gates.
    """

    title: str
    run: Run
    comparison: Comparison
    breakdown: Breakdown | None
    per_request: PerRequest | None
    opinions: Mapping[str, Estimate]
    shift: ShiftFunction | None
    path: SequentialPath | None
    machine: str
    price: Price | None = None
    seed: int = 0
    sample: RunSample | None = None

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
        is_too_large = is_large(run)
        comparison = compare(run, threshold=threshold, seed=seed)
        sample = RunSample(run) if is_too_large else None
        seen = sample or run
        if statistic is not None:
            comparison = replace(comparison, primary=comparison[statistic].statistic)
        found = cls(
            title=title or title_of(run),
            run=run,
            comparison=comparison,
            breakdown=_breakdown(seen),
            per_request=None,
            opinions={},
            shift=None,
            path=None,
            machine=machine_sentence(seen),
            price=price_of(seen),
            seed=seed,
            sample=sample,
        )
        if found.under_load:
            return found
        told = of_pairs(seen, threshold, seed)
        return replace(
            found,
            per_request=told.per_request,
            opinions={} if sample else told.opinions,  # beside savings of all pairs
            shift=told.shift,
            path=told.path,
        )

    def __repr__(self) -> str:
        """One line."""
        return f"Findings({self.title}: {self.comparison.verdict})"

    def _card(self) -> Card:
        shown = (self.latencies, self.savings)
        return Card(
            self.title,
            badge=str(self.comparison.verdict),
            sentences=(self.verdict,),
            facts=(("conditions", self.conditions),),
            tables=shown,
            details=tuple(table for table in self.tables if table not in shown),
            warnings=self.warnings,
        )

    @property
    def under_load(self) -> bool:
        """Whether the savings are in response time under an offered load."""
        return isinstance(self.run.metadata.design, SwitchbackDesign)

    @property
    def seen(self) -> Run:
        """What all is of but savings and gates: the run, or a sample of one larger than memory."""
        return self.sample or self.run

    @property
    def runs(self) -> tuple[Run, ...]:
        """The run, alone."""
        return (self.run,)

    @property
    def primary(self) -> str:
        """The statistic that the verdict stands on."""
        return self.comparison.primary

    @property
    def judged(self) -> tuple[Judged, ...]:
        """The one comparison."""
        return (Judged(self.title, self.comparison, self.run),)

    @property
    def regime(self) -> str:
        """The run's conditions in a few words."""
        return regime_of(self.run)

    @property
    def latencies(self) -> Table:
        """Each arm's latency: service time, under load response time."""
        return response_table(self.run) if self.under_load else latency_table(self.seen)

    @property
    def savings(self) -> Table:
        """The savings with their intervals and verdicts."""
        return savings_table(self.comparison, self.opinions)

    @property
    def decisive(self) -> Table:
        """The table that the verdict is read from."""
        return self.savings

    @property
    def verdict(self) -> str:
        """The verdict in one sentence."""
        return verdict_sentence(self.seen, self.comparison)

    @property
    def word(self) -> Verdict:
        """The verdict in one word."""
        return self.comparison.verdict

    @property
    def short(self) -> str:
        """The verdict in a few words, with its number."""
        result = self.comparison[self.primary]
        return f"{result.verdict}, {percent(result.estimate.point)} at {result.statistic}"

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
        if self.sample is not None:
            warned.append(sample_sentence(self.sample))
        return tuple(dict.fromkeys(warned))

    @property
    def notes(self) -> tuple[str, ...]:
        """The warnings, each as a sentence."""
        return tuple(f"Note: {warning}." for warning in self.warnings)

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables, as a terminal has them: what was measured before what it means."""
        first = (self.latencies, self.savings)
        return (*first, *(each for card in self.cards for each in card.tables if each not in first))

    def parts(self) -> Iterator[Card]:
        """Savings, latencies, stages and gates, a card each."""
        path, found, floor = self.path, self.per_request, self.run.metadata.floor
        yield Card(
            "Savings",
            sentences=(path_sentence(path),) if path else (),
            tables=(
                self.savings,
                *by_cache_tables(self.comparison),
                *((per_request_table(found),) if found else ()),
            ),
            pictures=savings_pictures(self.comparison, self.shift, path),
        )
        yield from bargain_cards(self.run, self.comparison, self.price)
        yield Card(
            "Latencies",
            sentences=(*((floor_sentence(floor),) if floor else ()), self.machine),
            tables=(self.latencies,),
            pictures=latency_pictures(self.seen, self.latencies, self.machine),
        )
        if self.breakdown is not None:
            yield Card(
                "Where the time goes",
                sentences=tuple(explanation(self.breakdown)),
                tables=breakdown_tables(self.breakdown),
                pictures=stage_pictures(self.seen, self.breakdown),
            )
        yield Card(
            "Validity gates",
            sentences=gates_sentences(self.comparison.gates),
            tables=gate_tables(self.comparison),
        )

    def figure(self) -> "Figure":
        """The latency distributions and the savings."""
        caption = self.conditions + (f" Latencies: {self.seen.sampled}." if self.sample else "")
        return plots.verdict_figure(
            self.seen, self.comparison, caption, shift=self.shift, path=self.path
        )

    def save_picture(self, folder: Path) -> Path:
        """Write the figure as PNG."""
        return plots.save_figure(self.figure(), folder / PICTURE)


def _breakdown(run: Run) -> Breakdown | None:
    """Where the time goes, if the arms told their stages."""
    return break_down(run) if tells_of_stages(run) else None
