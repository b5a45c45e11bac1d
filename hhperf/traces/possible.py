"""What an operation would save if steps did not wait for each other, as far as traces show."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from hhperf.analysis.estimate import Estimate, plain_interval
from hhperf.shown import Displayed, counted
from hhperf.traces.calls import Calls, Floats, Operation, calls_of, find_operation
from hhperf.traces.candidates import Candidate, rank_candidates
from hhperf.traces.declared import Declared, check_names, parse_independent
from hhperf.traces.max_plus import Change, changed_totals
from hhperf.traces.own_error import with_own_error
from hhperf.traces.sampled import refuse_tail
from hhperf.traces.steps_file import read_declared
from hhperf.traces.structure import Structure, structure_of
from hhperf.traces.trace_set import STEPS, TraceSet
from hhperf.traces.weighing import Weighing, weighing_of

MODEL = (
    "a prediction and no measurement: steps that run at once are taken to last as long as alone,"
    " which shared processors, pools and locks may not allow"
)


_CROWDED = 1.5
"""Calls under way at once, on the average, from which their meeting is spoken of."""


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


@dataclass(frozen=True, slots=True)
class PossibleSavings(Displayed):
    """What an operation's traces say of running its steps in parallel.

    Attributes:
        operation: which.
        threshold: the saving that is claimed.
        calls: how many were looked at.
        cluster_level: what was resampled as a whole.
        declared: the pairs that were said to be independent.
        results: the mean first, then the quantiles.
        candidates: single changes, the one that saves most first.
        structure: what the prediction rests on.
        warnings: what a reader has to know.
    """

    operation: Operation
    threshold: float
    calls: int
    cluster_level: str
    declared: tuple[tuple[str, ...], ...]
    results: tuple[Possible, ...]
    candidates: tuple[Candidate, ...]
    structure: Structure
    warnings: tuple[str, ...]

    def __getitem__(self, statistic: str) -> Possible:
        """The possible saving at `mean`, `p95` and so on.

        Raises:
            KeyError: there is no such statistic.
        """
        return {each.statistic: each for each in self.results}[statistic]

    def to_dict(self) -> dict[str, object]:
        """As plain data for JSON."""
        return {
            "operation": str(self.operation),
            "threshold": self.threshold,
            "calls": self.calls,
            "clusters": self.cluster_level,
            "independent": [list(pair) for pair in self.declared],
            "results": [each.to_dict() for each in self.results],
            "candidates": [each.to_dict() for each in self.candidates],
            "warnings": list(self.warnings),
        }

    def __repr__(self) -> str:
        calls = counted(self.calls, "call")
        return f"PossibleSavings({self.operation}, {calls}: {self['p95'].saving} at p95)"


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What predictions of an operation are made from.

    Attributes:
        calls: as they were recorded.
        structure: what they show.
        weighing: how they count, what is resampled, and the threshold.
    """

    calls: Calls
    structure: Structure
    weighing: Weighing

    @property
    def operation(self) -> Operation:
        """Whose calls they are."""
        return self.calls.operation


def predict_savings(
    traces: TraceSet,
    operation: str | None = None,
    *,
    independent: Sequence[str | Sequence[str]] = (),
    rest_depends: bool = False,
    clusters: Sequence[str] = (),
    threshold: float = 0.20,
    seed: int = 0,
) -> PossibleSavings:
    """Predict what an operation saves if steps that are declared independent run at once.

    Args:
        traces: imported.
        operation: its name, with the service before it or not; by default the one that takes
            longest in all.
        independent: pairs that need not wait for each other, such as `embedding,specialty` or a
            sequence of names, beside those that `steps.toml` in the traces' folder declares.
        rest_depends: whether all other pairs are said to depend, so that nothing more is possible.
        clusters: attributes that traces keep, of what is resampled as a whole, such as a session.
        threshold: the saving that is claimed.
        seed: of the bootstrap.

    Returns:
        The possible savings, each with interval, pessimistic reading and bound.

    Raises:
        TraceError: there is no such operation, step or attribute, or a tail policy chose traces.
        TraceFileError: the file of steps cannot be used.
    """
    evidence = evidence_of(traces, operation, clusters, threshold=threshold, seed=seed)
    said = parse_independent(independent, rest_depends=rest_depends)
    return predict_from(evidence, read_declared(traces.path / STEPS, evidence.operation) | said)


def evidence_of(
    traces: TraceSet,
    operation: str | None = None,
    clusters: Sequence[str] = (),
    *,
    threshold: float = 0.20,
    seed: int = 0,
) -> Evidence:
    """Take an operation's calls apart, learn and weigh them, as `predict_savings` has it.

    Raises:
        TraceError: there is no such operation or attribute, or a tail policy chose traces.
    """
    calls = calls_of(traces, find_operation(traces, operation))
    _refuse_tail(traces, calls)
    return Evidence(
        calls=calls,
        structure=structure_of(calls, traces.warnings),
        weighing=weighing_of(traces, calls, clusters, threshold=threshold, seed=seed),
    )


def predict_from(evidence: Evidence, declared: Declared, *, ranked: bool = True) -> PossibleSavings:
    """Predict what is saved with what is declared, and nothing else.

    Args:
        evidence: of the operation.
        declared: what is said of its steps.
        ranked: whether single changes are ranked too, which takes as long again.

    Raises:
        TraceError: a step is declared that there is not.
    """
    calls, structure, weighing = evidence.calls, evidence.structure, evidence.weighing
    check_names(declared, structure)
    return PossibleSavings(
        operation=evidence.operation,
        threshold=weighing.threshold,
        calls=len(calls),
        cluster_level=weighing.level,
        declared=tuple(sorted(tuple(sorted(pair)) for pair in declared.independent)),
        results=_results(calls, declared, weighing),
        candidates=rank_candidates(calls, declared, weighing) if ranked else (),
        structure=structure,
        warnings=(
            MODEL,
            *_crowded(calls, weighing),
            *weighing.warnings,
            *structure.left_out,
            *structure.warnings,
        ),
    )


def _crowded(calls: Calls, weighing: Weighing) -> tuple[str, ...]:
    """What is not predicted where calls meet: traces do not tell what queues behind what.

    Source: Little's law, of the calls that the traces stand for.
    """
    answered = np.isfinite(calls.total)
    took = np.where(answered, calls.total, 0.0)
    weights = np.ones(len(calls)) if weighing.weights is None else weighing.weights
    span_s = (calls.begun_ns + 1e9 * took).max() / 1e9 - calls.begun_ns.min() / 1e9
    under_way = float((took * weights).sum()) / span_s if span_s > 0 else 0.0
    if under_way < _CROWDED:
        return ()
    return (
        f"{under_way:,.1f} calls were under way at once on the average: that each queues for"
        " processors, pools and locks as it did is taken for granted",
    )


def _refuse_tail(traces: TraceSet, calls: Calls) -> None:
    table = traces.traces
    tail = table["tail"][calls.trace]
    unweighted = tail & (table["weight"][calls.trace] <= 0)
    refuse_tail(int(tail.sum()), int(unweighted.sum()), len(calls))


def _results(calls: Calls, declared: Declared, weighing: Weighing) -> tuple[Possible, ...]:
    independent, forbidden = (each(calls.names) for each in (declared.matrix, declared.forbidden))
    unchanged = np.ones(len(calls.names))
    as_said = Change(independent, unchanged)
    readings: list[Floats] = [
        changed_totals(calls, as_said),
        changed_totals(calls, as_said, in_line=True),
        changed_totals(calls, Change(independent | ~forbidden, unchanged)),
    ]
    said, pessimistic, everything = (
        {name: with_own_error(each) for name, each in weighing.savings(calls.total, then).items()}
        for then in (np.minimum(reading, calls.total) for reading in readings)
    )
    return tuple(
        Possible(
            statistic=name,
            saving=said[name],
            pessimistic=pessimistic[name],
            everything=everything[name],
            prediction=_predict(pessimistic[name], everything[name], weighing.threshold),
        )
        for name in said
    )


def _predict(pessimistic: Estimate, everything: Estimate, threshold: float) -> Prediction:
    if not (pessimistic.defined and everything.defined):
        return Prediction.UNKNOWN
    if pessimistic.lower > threshold:
        return Prediction.EXCEEDS
    return Prediction.BELOW if everything.upper < threshold else Prediction.OPEN
