"""A saving that traces let expect, in three readings: as declared, pessimistic, and the bound."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from hhperf.analysis.estimate import Estimate, plain_interval
from hhperf.shown import Displayed
from hhperf.traces.calls import Calls
from hhperf.traces.declared import Declared
from hhperf.traces.max_plus import Change

Savings = Mapping[str, Estimate]
"""By statistic."""


class Prediction(StrEnum):
    """What traces say of "the saving is more than the threshold"; never a measured verdict."""

    EXCEEDS = "PREDICTED TO EXCEED"
    """The pessimistic reading's whole interval lies above the threshold."""
    BELOW = "PREDICTED TO STAY BELOW"
    """Even with every undeclared pair independent, the whole interval lies below it."""
    OPEN = "NOT SETTLED BY TRACES"
    UNKNOWN = "NOT MEASURABLE"


@dataclass(frozen=True, slots=True)
class Possible(Displayed):
    """The possible saving at one statistic; intervals hold the model's own error as well.

    Attributes:
        statistic: `mean`, `p95` and so on.
        saving: with what is declared, everything undeclared waiting as it did.
        pessimistic: the same, with the call's own work between steps kept in line, and steps for
            which nobody else worked.
        everything: the bound: if everything undeclared were independent too.
        prediction: read off the intervals.
    """

    statistic: str
    saving: Estimate
    pessimistic: Estimate
    everything: Estimate
    prediction: Prediction

    def to_dict(self) -> dict[str, object]:
        """As plain data for JSON."""
        readings = {
            "saving": self.saving,
            "pessimistic": self.pessimistic,
            "everything": self.everything,
        }
        return {
            "statistic": self.statistic,
            **{name: plain_interval(each) for name, each in readings.items()},
            "prediction": str(self.prediction),
        }

    def __repr__(self) -> str:
        return f"Possible({self.prediction} at {self.statistic}: {self.saving})"


def changes_of(calls: Calls, declared: Declared) -> tuple[tuple[Change, bool], ...]:
    """What differs in each reading, and whether it keeps what nobody else worked for in line."""
    independent, forbidden = (each(calls.names) for each in (declared.matrix, declared.forbidden))
    unchanged = np.ones(len(calls.names))
    as_said = Change(independent, unchanged)
    return (as_said, False), (as_said, True), (Change(independent | ~forbidden, unchanged), False)


def possible_of(readings: Sequence[Savings], threshold: float) -> tuple[Possible, ...]:
    """The three readings, in the order of `changes_of`, at each statistic."""
    said, pessimistic, everything = readings
    return tuple(
        Possible(
            statistic=name,
            saving=said[name],
            pessimistic=pessimistic[name],
            everything=everything[name],
            prediction=_predict(pessimistic[name], everything[name], threshold),
        )
        for name in said
    )


def _predict(pessimistic: Estimate, everything: Estimate, threshold: float) -> Prediction:
    if not (pessimistic.defined and everything.defined):
        return Prediction.UNKNOWN
    if pessimistic.lower > threshold:
        return Prediction.EXCEEDS
    return Prediction.BELOW if everything.upper < threshold else Prediction.OPEN
