"""All that is said of a sweep over offered loads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from hhperf.analysis.decision import Gate, Verdict
from hhperf.analysis.knees import LoadLevel
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run
from hhperf.show.card import Table
from hhperf.show.load_tables import capacity_table, level, response_by_load_table
from hhperf.show.sentences import conditions_sentence, floor_sentence
from hhperf.show.verdict_cards import savings_by_load_table
from hhperf.shown import percent
from hhperf.verdict.sweeps import LoadPoint, Sweep, examine_sweep, rate

LEAST_LOADS = 3
NO_VERDICT = "no verdict: the run failed its validity gates"


@dataclass(frozen=True)
class SweepFindings:
    """All that is said of one sweep.

    Attributes:
        title: which sweep it is.
        runs: by ascending load.
        sweep: savings, knees, saturations and crossovers.
        primary: the statistic that verdicts stand on.
        seed: of the bootstrap.
    """

    title: str
    runs: tuple[Run, ...]
    sweep: Sweep
    primary: str
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
            runs=tuple(runs),
            sweep=sweep,
            primary=first[statistic or first.primary].statistic,
            seed=seed,
        )

    @property
    def run(self) -> Run:
        """The run under the least load, for what all the runs have in common."""
        return self.runs[0]

    @property
    def names(self) -> dict[Arm, str]:
        """What served each arm."""
        return dict(self.run.metadata.design.arms)

    @property
    def threshold(self) -> float:
        """The saving that is claimed."""
        return self.sweep.points[0].comparison.threshold

    @cached_property
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
    def tables(self) -> tuple[Table, ...]:
        """The tables, in reading order."""
        return (*self.savings, self.capacity, *self.responses)

    @property
    def savings(self) -> tuple[Table, ...]:
        """The savings by load, the primary statistic first."""
        return tuple(savings_by_load_table(self.sweep, name) for name in self._statistics())

    @property
    def capacity(self) -> Table:
        """Each arm's knee and saturation."""
        return capacity_table(self.sweep, self.names)

    @property
    def responses(self) -> tuple[Table, ...]:
        """Each compared arm's response times by load."""
        return tuple(
            response_by_load_table(self.sweep, arm, self.names[arm])
            for arm in (Arm.CONTROL, Arm.TREATMENT)
        )

    @property
    def gates(self) -> tuple[tuple[LoadPoint, Gate], ...]:
        """Every validity gate with the load that it is about."""
        return tuple(
            (point, gate) for point in self.sweep.points for gate in point.comparison.gates
        )

    @property
    def explanation(self) -> tuple[str, ...]:
        """Where savings end and where the arms do."""
        said = [_crossing(name, found) for name, found in self.sweep.crossovers.items()]
        for arm in (Arm.CONTROL, Arm.TREATMENT):
            at, between = level(self.sweep.saturations[arm])
            said.append(
                f"{self.names[arm]} answers all it is offered, up to the highest load."
                if self.sweep.saturations[arm] is None
                else f"{self.names[arm]} falls behind from {at}/s (between {between}/s)."
            )
        return tuple(said)

    @property
    def conditions(self) -> str:
        """Under which conditions, at the least load."""
        said = conditions_sentence(self.run, None)
        return f"{said} The schedule named is that of the least load."

    @property
    def sentences(self) -> tuple[str, ...]:
        """Conditions, explanation and warnings."""
        floor = self.run.metadata.floor
        return (
            self.conditions,
            *self.explanation,
            *([] if floor is None else [floor_sentence(floor)]),
            *self.notes,
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader has to know before trusting the numbers, with the load it is about."""
        return tuple(
            f"Note, at {rate(point.offered_hz)}/s: {warning}."
            for point in self.sweep.points
            for warning in dict.fromkeys(_warnings(point))
        )

    def _statistics(self) -> list[str]:
        others = [each.statistic for each in self.sweep.points[0].comparison.results]
        return [self.primary, *(name for name in others if name != self.primary)]

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
    return [*point.comparison.warnings[1:], *(w for w in said if not w.startswith(NO_VERDICT))]


def _crossing(statistic: str, found: LoadLevel | None) -> str:
    if found is None:
        return f"At {statistic} the saving does not end within the loads measured."
    at, between = level(found)
    return f"At {statistic} nothing is saved beyond {at}/s (between {between}/s)."


def _of(count: int, total: int) -> str:
    if count == total:
        return f"all {total}"
    return f"none of {total}" if not count else f"{count} of {total}"


def _span(points: Sequence[LoadPoint]) -> str:
    first, last = rate(points[0].offered_hz), rate(points[-1].offered_hz)
    return f"{first}/s" if first == last else f"{first} to {last}/s"
