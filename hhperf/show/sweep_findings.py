"""All that is said of a sweep over offered loads."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from hhperf.analysis.comparison import UNTOLD, VOIDED
from hhperf.analysis.decision import Verdict
from hhperf.analysis.knees import LoadLevel
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run
from hhperf.show.analysis_tables import gates_table
from hhperf.show.card import Card, Table
from hhperf.show.pictures import sweep_response_pictures, sweep_savings_pictures
from hhperf.show.sentences import conditions_sentence, floor_sentence
from hhperf.show.subject import Judged, Subject
from hhperf.show.verdict_cards import (
    arm_by_load_table,
    capacity_table,
    level,
    savings_by_load_table,
    sweep_card,
)
from hhperf.shown import percent
from hhperf.verdict.sweeps import COMPARED, LoadPoint, Sweep, examine_sweep, rate

LEAST_LOADS = 3
NOWHERE_SURE = "no load measured surely saves"
TOLD_BY_GATES = (VOIDED, UNTOLD)
"""How warnings begin that say again what the gates do."""


@dataclass(frozen=True, slots=True)
class SweepFindings(Subject):
    """All that is said of one sweep.

    Attributes:
        title: which sweep it is.
        loaded: the runs, by ascending load.
        sweep: savings, knees, saturations and crossovers.
        statistic: the one that verdicts stand on.
        seed: of the bootstrap.
    """

    title: str
    loaded: tuple[Run, ...]
    sweep: Sweep
    statistic: str
    seed: int = 0

    @classmethod
    def of(
        cls,
        runs: Sequence[Run],
        *,
        title: str = "",
        threshold: float = 0.20,
        statistic: str | None = None,
        seed: int = 0,
    ) -> "SweepFindings":
        """Examine three or more runs under load of one sweep.

        Args:
            runs: each under its own load.
            title: by default what they compare.
            threshold: the saving that is claimed.
            statistic: which saving the verdicts stand on; p95 when None.
            seed: of the bootstrap.

        Raises:
            RunError: a run has no pair to compare.
            SampleError: fewer than three loads, two the same, or no such statistic.
        """
        sweep = examine_sweep(runs, threshold=threshold, seed=seed)
        first = sweep.points[0].comparison
        return cls(
            title=title or _title(runs[0], sweep),
            loaded=tuple(runs),
            sweep=sweep,
            statistic=first[statistic or first.primary].statistic,
            seed=seed,
        )

    def _card(self) -> Card:
        return sweep_card(self.sweep)

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs, by ascending load."""
        return self.loaded

    @property
    def primary(self) -> str:
        """The statistic that verdicts stand on."""
        return self.statistic

    @property
    def run(self) -> Run:
        """The run under the least load, for what all the runs have in common."""
        return self.loaded[0]

    @property
    def names(self) -> dict[Arm, str]:
        """What served each arm."""
        return dict(self.run.metadata.design.arms)

    @property
    def judged(self) -> tuple[Judged, ...]:
        """The comparison at each load, ascending."""
        return tuple(
            Judged(f"{self.title}, at {rate(point.offered_hz)}/s", point.comparison, run)
            for point, run in zip(self.sweep.points, self.runs, strict=True)
        )

    @property
    def verdicts(self) -> tuple[tuple[LoadPoint, Verdict], ...]:
        """Each load with its verdict, ascending."""
        return tuple((each, each.comparison[self.primary].verdict) for each in self.sweep.points)

    @property
    def verdict(self) -> str:
        """The verdicts in one sentence."""
        control, treatment = self.names[Arm.CONTROL], self.names[Arm.TREATMENT]
        exceeding = sum(verdict is Verdict.EXCEEDS for _, verdict in self.verdicts)
        return (
            f"At {self.primary}, {treatment} saves more than the {percent(self.threshold)} claimed"
            f" of the response time of {control} at {_of(exceeding, len(self.verdicts))} offered"
            f" loads: {self._groups()}."
        )

    @property
    def word(self) -> Verdict | None:
        """The verdict in one word; None where loads differ in theirs."""
        found = {verdict for _, verdict in self.verdicts}
        return found.pop() if len(found) == 1 else None

    @property
    def short(self) -> str:
        """The verdict in a few words."""
        return "depends on the load" if self.word is None else f"{self.word} at every load"

    @property
    def savings(self) -> tuple[Table, ...]:
        """The savings by load, the primary statistic first."""
        names = [each.statistic for each in self.sweep.points[0].comparison.results]
        ordered = dict.fromkeys([self.primary, *names])
        return tuple(savings_by_load_table(self.sweep, name) for name in ordered)

    @property
    def capacity(self) -> Table:
        """Each arm's knee and saturation."""
        return capacity_table(self.sweep, self.names)

    @property
    def explanation(self) -> tuple[str, ...]:
        """Where savings end and where the arms do."""
        said = [crossing_sentence(name, found) for name, found in self.sweep.crossovers.items()]
        for arm in COMPARED:
            at, lies = level(self.sweep.saturations[arm])
            said.append(
                f"{self.names[arm]} answers all it is offered, up to the highest load."
                if self.sweep.saturations[arm] is None
                else f"{self.names[arm]} falls behind from {at}/s ({lies}/s)."
            )
        return tuple(said)

    @property
    def decisive(self) -> Table:
        """The savings at the primary statistic."""
        return self.savings[0]

    @property
    def tables(self) -> tuple[Table, ...]:
        """Savings, capacity and response times."""
        savings, responses, *_ = self.parts()
        return (*savings.tables, *responses.tables)

    @property
    def conditions(self) -> str:
        """Under which conditions, at the least load."""
        said = conditions_sentence(self.run, None)
        return f"{said} The schedule named is that of the least load."

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader has to know before trusting the numbers, with the load it is about."""
        return tuple(
            f"Note, at {rate(point.offered_hz)}/s: {warning}."
            for point in self.sweep.points
            for warning in dict.fromkeys(_warnings(point))
        )

    def parts(self) -> Iterator[Card]:
        """Savings, response times and gates, a card each."""
        floor, sweep, names = self.run.metadata.floor, self.sweep, self.names
        yield Card(
            "Savings by load",
            sentences=self.explanation,
            tables=self.savings,
            pictures=sweep_savings_pictures(sweep, self.verdict),
        )
        yield Card(
            "Response times and capacity",
            sentences=(floor_sentence(floor),) if floor else (),
            tables=(
                self.capacity,
                *(arm_by_load_table(sweep, arm, names[arm]) for arm in COMPARED),
            ),
            pictures=sweep_response_pictures(sweep, names),
        )
        missed = self.missed_gates
        total = sum(len(point.comparison.gates) for point in sweep.points)
        yield Card(
            "Validity gates",
            sentences=(
                f"{total - len(missed)} of {total} gates were passed, over all loads.",
                *(gate.text for gate in missed),
            ),
            tables=(gates_table(missed),) if missed else (),
        )

    def _groups(self) -> str:
        """Neighbouring loads with the same verdict, in words."""
        return ", ".join(
            f"{verdict} at {_span([point for point, _ in group])}"
            for verdict, group in groupby(self.verdicts, key=lambda each: each[1])
        )


def _title(run: Run, sweep: Sweep) -> str:
    names, profile = run.metadata.design.arms, run.metadata.conditions.profile
    loads = [point.offered_hz for point in sweep.points]
    return ", ".join(
        [
            f"{names[Arm.TREATMENT]} against {names[Arm.CONTROL]} under load",
            *([f"profile {profile.name}"] if profile else []),
            *_labels(sweep.labels),
            f"{rate(loads[0])} to {rate(loads[-1])} requests a second",
        ]
    )


def _labels(labels: Mapping[str, str]) -> list[str]:
    return [f"{name} {value}" for name, value in labels.items()]


def _warnings(point: LoadPoint) -> list[str]:
    """Without the load, which is the comparison's first, and without what the gates tell."""
    said = [w for each in point.comparison.results for w in each.estimate.warnings]
    return [*point.comparison.warnings[1:], *(w for w in said if not w.startswith(TOLD_BY_GATES))]


def crossing_sentence(statistic: str, found: LoadLevel | None) -> str:
    """Where the saving at a statistic ends, and how surely that is known."""
    if found is None:
        return f"At {statistic} the saving does not end within the loads measured."
    saves = f"up to {rate(found.lower)}/s it surely saves" if found.lower else NOWHERE_SURE
    loses = (
        "no load measured surely loses"
        if math.isinf(found.upper)
        else f"from {rate(found.upper)}/s it surely loses"
    )
    return f"At {statistic} nothing is saved beyond about {rate(found.point)}/s ({saves}, {loses})."


def _of(count: int, total: int) -> str:
    if count == total:
        return f"all {total}"
    return f"none of {total}" if not count else f"{count} of {total}"


def _span(points: Sequence[LoadPoint]) -> str:
    first, last = rate(points[0].offered_hz), rate(points[-1].offered_hz)
    return f"{first}/s" if first == last else f"{first} to {last}/s"
