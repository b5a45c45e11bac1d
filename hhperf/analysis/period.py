"""What going first costs: told beside the savings, and no reason to doubt them."""

import math
from dataclasses import dataclass
from typing import Any

from hhperf.analysis.estimate import Estimate
from hhperf.shown import Displayed


@dataclass(frozen=True, slots=True)
class PeriodEffect(Displayed):
    """The saving by which arm went first; all in geometric mean.

    Whoever goes first pays for cold pages and the like. In balanced order that hits every arm
    equally often and biases no comparison, so it is told and voids nothing.

    Attributes:
        control_first: the treatment's saving in pairs that ran the control before it; NaN when
            undefined.
        treatment_first: the same where the treatment ran before the control.
        effect: what going second saves of the latency, whichever arm it is: half of how the two
            differ on the log scale.
    """

    control_first: float
    treatment_first: float
    effect: Estimate

    def to_dict(self) -> dict[str, Any]:
        """As plain data for JSON; numbers that are undefined become None."""
        numbers = {
            "control_first": self.control_first,
            "treatment_first": self.treatment_first,
            "effect": self.effect.point,
            "lower": self.effect.lower,
            "upper": self.effect.upper,
        }
        return {name: each if math.isfinite(each) else None for name, each in numbers.items()}

    def __repr__(self) -> str:
        return f"PeriodEffect(going second saves {self.effect})"

    def __str__(self) -> str:
        return (
            f"period   going second saves {self.effect} (control first: saving"
            f" {self.control_first:.1%}, treatment first: {self.treatment_first:.1%})"
        )
