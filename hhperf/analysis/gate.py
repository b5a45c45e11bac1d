"""What a validity gate reports."""

from dataclasses import asdict, dataclass

from hhperf.analysis.tables import gate_card
from hhperf.display import Card, Displayed


@dataclass(frozen=True, slots=True)
class Gate(Displayed):
    """One condition without which a run has no verdict.

    Attributes:
        name: of the condition, short.
        passed: whether it holds.
        figure: what was measured, ready to print.
        limit: what it had to keep to, ready to print.
        detail: what the figure means, and what to do when the gate fails.
    """

    name: str
    passed: bool
    figure: str
    limit: str
    detail: str = ""

    def to_dict(self) -> dict[str, object]:
        """As plain data for JSON."""
        return asdict(self)

    def __repr__(self) -> str:
        return f"Gate({'pass' if self.passed else 'FAIL'}, {self.name}: {self.figure})"

    def _card(self) -> Card:
        return gate_card(self)

    def __str__(self) -> str:
        return f"{'pass' if self.passed else 'FAIL'}  {self.name}: {self.figure} ({self.limit})"
