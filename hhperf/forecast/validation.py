"""Predicted savings held against measured ones: how far a prediction was off, and if it knew."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from hhperf.analysis.estimate import Estimate
from hhperf.shown import Displayed

AT: Mapping[str, float] = {"p50": 0.5, "p95": 0.95}
NEAR = 0.03
"""How far a predicted saving may be from the measured one, as a share."""


@dataclass(frozen=True, slots=True)
class Predicted:
    """What was predicted of a system at one statistic, before it was measured.

    Attributes:
        saving: of its schedule, with the interval.
        control_s: the control's latency at that statistic.
    """

    saving: Estimate
    control_s: float


@dataclass(frozen=True, slots=True)
class ValidatedSaving:
    """One statistic of one changed system: its saving as predicted and as measured.

    Attributes:
        system: its name.
        at: the statistic.
        kind: what a prediction errs by most there, as `model_error` names it.
        predicted: the saving, with the interval.
        measured: the saving, with the interval; undefined where too little was measured.
        control_s: the control's latency at that statistic, predicted and measured.
    """

    system: str
    at: str
    kind: str
    predicted: Estimate
    measured: Estimate
    control_s: tuple[float, float]

    @property
    def apart(self) -> float:
        """Measured less predicted."""
        return self.measured.point - self.predicted.point

    @property
    def holds(self) -> bool:
        """Whether the predicted interval contains what was measured; that one excuses nothing."""
        return self.predicted.contains(self.measured.point)

    @property
    def half_width(self) -> float:
        """Of the predicted interval."""
        return (self.predicted.upper - self.predicted.lower) / 2


@dataclass(frozen=True, slots=True)
class Validation(Displayed):
    """Changed systems, each as predicted and as measured afterwards.

    Attributes:
        savings: those that could be measured, and those that could not.
    """

    savings: tuple[ValidatedSaving, ...]

    def with_savings(self, more: Iterable[ValidatedSaving]) -> "Validation":
        """These and some more."""
        return Validation((*self.savings, *more))

    @property
    def known(self) -> tuple[ValidatedSaving, ...]:
        """The savings of which something was measured."""
        return tuple(each for each in self.savings if each.measured.defined)

    @property
    def systems(self) -> tuple[str, ...]:
        """Those of which something was measured."""
        return tuple(dict.fromkeys(each.system for each in self.known))

    @property
    def near(self) -> tuple[str, ...]:
        """The systems that were within 3 points of the prediction at every statistic."""
        far = {each.system for each in self.known if abs(each.apart) > NEAR}
        return tuple(each for each in self.systems if each not in far)

    @property
    def half_width(self) -> float:
        """The median of the predicted intervals' half widths; NaN of none."""
        widths = [each.half_width for each in self.known]
        return float(np.median(widths)) if widths else float("nan")

    def errors(self) -> dict[str, tuple[float, int]]:
        """By kind the root mean square of what predictions were off, and over how many savings."""
        found = {}
        for kind in sorted({each.kind for each in self.known}):
            apart = [each.apart for each in self.known if each.kind == kind]
            found[kind] = float(np.sqrt(np.mean(np.square(apart)))), len(apart)
        return found
