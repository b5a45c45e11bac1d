"""What a terminal, a page, a comment and test cases ask of a run or a sweep that is told."""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace

from hhperf.analysis.comparison import Comparison
from hhperf.analysis.decision import Gate, Verdict
from hhperf.runs.metadata import RunMetadata
from hhperf.runs.run import Run
from hhperf.show.card import Card, Table
from hhperf.shown import Displayed


@dataclass(frozen=True, slots=True)
class Judged:
    """A comparison with its name and its run: a run's own, or a sweep's at one load."""

    title: str
    comparison: Comparison
    run: Run


class Subject(Displayed):
    """All that is said of a run or of a sweep.

    Attributes:
        title: what it is about.
        seed: of the bootstrap.
    """

    __slots__ = ()
    title: str
    seed: int

    @property
    @abstractmethod
    def runs(self) -> tuple[Run, ...]:
        """The run, or those of a sweep by ascending load."""

    @property
    @abstractmethod
    def primary(self) -> str:
        """The statistic that verdicts stand on."""

    @property
    @abstractmethod
    def judged(self) -> tuple[Judged, ...]:
        """Each comparison of which something is said."""

    @property
    @abstractmethod
    def verdict(self) -> str:
        """The verdict in one sentence."""

    @property
    @abstractmethod
    def word(self) -> Verdict | None:
        """The verdict in one word; None for a sweep whose loads differ in theirs."""

    @property
    @abstractmethod
    def short(self) -> str:
        """The verdict in a few words."""

    @property
    @abstractmethod
    def decisive(self) -> Table:
        """The table that the verdict is read from."""

    @property
    @abstractmethod
    def conditions(self) -> str:
        """Under which conditions, and which parts are modelled."""

    @property
    @abstractmethod
    def notes(self) -> tuple[str, ...]:
        """What a reader has to know before trusting the numbers, in sentences."""

    @property
    @abstractmethod
    def tables(self) -> tuple[Table, ...]:
        """The tables, as a terminal has them."""

    @abstractmethod
    def parts(self) -> Iterator[Card]:
        """What is said, a card a part, without the conditions."""

    @property
    def headline(self) -> Card:
        """The verdict alone, as a card: what it is of, the word and the sentence."""
        return Card(self.title, badge=str(self.word or ""), sentences=(self.verdict,))

    @property
    def records(self) -> list[RunMetadata]:
        """The metadata of every run; the first stands for what all have in common."""
        return [run.metadata for run in self.runs]

    @property
    def threshold(self) -> float:
        """The saving that is claimed."""
        return self.judged[0].comparison.threshold

    @property
    def cards(self) -> tuple[Card, ...]:
        """Everything, in reading order."""
        return (*self.parts(), Card("Conditions", sentences=(self.conditions, *self.notes)))

    @property
    def sentences(self) -> tuple[str, ...]:
        """Conditions, what is said of each part but the gates, and notes."""
        *parts, _gates = self.parts()
        told = (sentence for part in parts for sentence in part.sentences)
        return (self.conditions, *told, *self.notes)

    @property
    def missed_gates(self) -> tuple[Gate, ...]:
        """The gates that were not passed; of a sweep with the load that each is about."""
        return tuple(
            replace(gate, name=f"{gate.name}{each.title.removeprefix(self.title)}")
            for each in self.judged
            for gate in each.comparison.gates
            if not gate.passed
        )
