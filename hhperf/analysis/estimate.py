"""A number that never travels alone: point, interval, p-value, method and warnings."""

import math
from dataclasses import dataclass, replace

from hhperf.analysis.tables import estimate_card
from hhperf.display import Card, Displayed, counted


@dataclass(frozen=True, slots=True)
class Estimate(Displayed):
    """A saving, 1 - treatment/control, with what is known about its error.

    Attributes:
        point: the saving; 0.25 means that the treatment takes 25% less. NaN when undefined.
        lower: lower end of the two-sided interval; may be ``-inf``.
        upper: upper end of the two-sided interval, never above 1.
        confidence: of the interval, in 0..1.
        p_value: one-sided, of "the saving is at most the threshold"; NaN when undefined.
        method: how the interval was made, in the field's words.
        warnings: what a reader has to know before trusting the number.
    """

    point: float
    lower: float
    upper: float
    confidence: float = 0.95
    p_value: float = math.nan
    method: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def defined(self) -> bool:
        """Whether there is a number at all."""
        return not math.isnan(self.point)

    def contains(self, saving: float) -> bool:
        """Whether the interval holds ``saving``; an undefined estimate rules nothing out."""
        return not (self.lower > saving or self.upper < saving)

    def warn(self, *warnings: str) -> "Estimate":
        """The same estimate with further warnings."""
        return replace(self, warnings=self.warnings + warnings)

    def __repr__(self) -> str:
        warned = f"; {counted(len(self.warnings), 'warning')}" if self.warnings else ""
        return f"Estimate({self}{warned})"

    def _card(self) -> Card:
        return estimate_card(self)

    def __str__(self) -> str:
        if not self.defined:
            return "undefined"
        return f"{self.point:+.1%} [{self.lower:+.1%}, {self.upper:+.1%}] at {self.confidence:.0%}"


def undefined(reason: str, *, confidence: float, method: str) -> Estimate:
    """An estimate that says why there is no number."""
    nan = math.nan
    return Estimate(nan, nan, nan, confidence, nan, method, (reason,))
