"""What an operation would save if steps did not wait for each other, as far as traces show."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hhperf.errors import TraceError
from hhperf.shown import Displayed, counted
from hhperf.traces.arrivals import NotLoadedError, crowded
from hhperf.traces.calls import Calls, Operation, calls_of, find_operation
from hhperf.traces.candidates import Candidate, rank_candidates
from hhperf.traces.declared import Declared, check_names, parse_independent
from hhperf.traces.max_plus import changed_totals
from hhperf.traces.offered_calls import OfferedCalls
from hhperf.traces.own_error import with_own_error
from hhperf.traces.pools import Pool, joined, of_operation, parse_pools
from hhperf.traces.readings import Possible, changes_of, possible_of
from hhperf.traces.sampled import refuse_tail
from hhperf.traces.steps_file import read_declared, read_pools
from hhperf.traces.structure import Structure, structure_of
from hhperf.traces.trace_set import STEPS, TraceSet
from hhperf.traces.weighing import Weighing, weighing_of

MODEL = (
    "a prediction and no measurement: steps that run at once are taken to last as long as alone,"
    " which shared processors, pools and locks may not allow"
)


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
        load: what calls meet each other under; None where each is predicted alone.
        alone: why that is; empty under a load.

    Example:
        >>> found = hhperf.predict_savings(traces, "shop GET /search")  # doctest: +SKIP
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
    load: OfferedCalls | None = None
    alone: str = ""

    def __getitem__(self, statistic: str) -> Possible:
        """The possible saving at `mean`, `p95` and so on; a KeyError where there is none."""
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
            "load": None if self.load is None else self.load.to_dict(),
            "alone": self.alone,
            "warnings": list(self.warnings),
        }

    def __repr__(self) -> str:
        calls = counted(self.calls, "call")
        return f"PossibleSavings({self.operation}, {calls}: {self['p95'].saving} at p95)"


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What predictions of an operation are made from.

    Attributes:
        traces: that the calls are of.
        calls: as they were recorded.
        structure: what they show.
        weighing: how they count, what is resampled, and the threshold.
    """

    traces: TraceSet
    calls: Calls
    structure: Structure
    weighing: Weighing

    @property
    def operation(self) -> Operation:
        """Whose calls they are."""
        return self.calls.operation


def predict_savings(  # noqa: PLR0913  each has a name at the call
    traces: TraceSet,
    operation: str | None = None,
    *,
    independent: Sequence[str | Sequence[str]] = (),
    rest_depends: bool = False,
    clusters: Sequence[str] = (),
    pools: Sequence[str | Pool] = (),
    rate: float | str | None = None,
    threshold: float = 0.20,
    seed: int = 0,
) -> PossibleSavings:
    """Predict what an operation saves if steps that are declared independent run at once.

    Args:
        traces: imported.
        operation: its name, with its service or not; by default the one that takes longest in all.
        independent: pairs that need not wait for each other, such as `embedding,specialty` or a
            sequence of names, beside those that `steps.toml` in the traces' folder declares.
        rest_depends: whether all other pairs are said to depend, so that nothing more is possible.
        clusters: attributes that traces keep, of what is resampled as a whole, such as a session.
        pools: connections that steps wait for under load, such as `database=4:vector,text`, beside
            those that `steps.toml` names. With any, calls come as the traces say and queue for
            them, first come first served, and windows of time are resampled; each call is
            predicted alone where none is named or the traces say too little of arrivals.
        rate: calls a second in all processes, or how many times the recorded rate (`2x`); None for
            that rate, 0 for calls that meet no other.
        threshold: the saving that is claimed.
        seed: of the bootstrap.

    Returns:
        The possible savings, each with interval, pessimistic reading and bound.

    Raises:
        TraceError: there is no such operation, step or attribute, a tail policy chose traces, or a
            rate is said and no pool.
        TraceFileError: the file of steps cannot be used.

    Example:
        >>> traces = hhperf.load_traces("traces")
        >>> found = hhperf.predict_savings(traces, independent=["vector,text"])
    """
    evidence = evidence_of(traces, operation, clusters, threshold=threshold, seed=seed)
    said = parse_independent(independent, rest_depends=rest_depends)
    file = traces.path / STEPS
    filed = of_operation(read_pools(file), evidence.calls.names)
    return predict_from(
        evidence,
        read_declared(file, evidence.operation) | said,
        pools=joined(filed, parse_pools(pools)),
        rate=rate,
    )


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
        traces=traces,
        calls=calls,
        structure=structure_of(calls, traces.warnings),
        weighing=weighing_of(traces, calls, clusters, threshold=threshold, seed=seed),
    )


def predict_from(
    evidence: Evidence,
    declared: Declared,
    *,
    ranked: bool = True,
    pools: Sequence[Pool] = (),
    rate: float | str | None = None,
) -> PossibleSavings:
    """Predict what is saved with what is declared, and nothing else.

    Args:
        evidence: of the operation.
        declared: what is said of its steps.
        ranked: whether single changes are ranked too, which takes as long again.
        pools: as `predict_savings` has them.
        rate: likewise.

    Raises:
        TraceError: a step is declared that there is not, or a rate is said and no pool.
    """
    calls, structure, weighing = evidence.calls, evidence.structure, evidence.weighing
    check_names(declared, structure)
    load, results, alone = _under_load(evidence, declared, pools, rate)
    return PossibleSavings(
        operation=evidence.operation,
        threshold=weighing.threshold,
        calls=len(calls),
        cluster_level=load.window if load else weighing.level,
        declared=tuple(sorted(tuple(sorted(pair)) for pair in declared.independent)),
        results=results or _alone(evidence, declared),
        candidates=rank_candidates(calls, declared, weighing) if ranked else (),
        structure=structure,
        warnings=(
            MODEL,
            *(load.warnings if load else crowded(calls, weighing.weights)),
            *weighing.warnings,
            *structure.left_out,
            *structure.warnings,
        ),
        load=load,
        alone=alone,
    )


def _under_load(
    evidence: Evidence, declared: Declared, pools: Sequence[Pool], rate: float | str | None
) -> tuple[OfferedCalls | None, tuple[Possible, ...], str]:
    """The load and the readings under it; nothing, and why, where calls are predicted alone."""
    if rate in (0, "0"):
        return None, (), "a rate of 0 was asked for"
    if not pools:
        if rate is not None:
            raise TraceError(
                "a rate without a pool changes nothing: name what calls queue for (pools=, --pool,"
                f" [pools] in {evidence.traces.path / STEPS})"
            )
        return None, (), "no pool of connections is named (--pool, or [pools] in the file of steps)"
    from hhperf.traces.under_load import offered_savings  # noqa: PLC0415  (heavy)

    calls, weighing = evidence.calls, evidence.weighing
    try:
        load, readings = offered_savings(
            evidence.traces, calls, changes_of(calls, declared), pools, weighing, rate
        )
    except NotLoadedError as error:
        return None, (), str(error)
    return load, possible_of(readings, weighing.threshold), ""


def _refuse_tail(traces: TraceSet, calls: Calls) -> None:
    table = traces.traces
    tail = table["tail"][calls.trace]
    unweighted = tail & (table["weight"][calls.trace] <= 0)
    refuse_tail(int(tail.sum()), int(unweighted.sum()), len(calls))


def _alone(evidence: Evidence, declared: Declared) -> tuple[Possible, ...]:
    """Each call by itself."""
    calls, weighing = evidence.calls, evidence.weighing
    readings = [
        {name: with_own_error(each) for name, each in weighing.savings(calls.total, then).items()}
        for change, in_line in changes_of(calls, declared)
        for then in [np.minimum(changed_totals(calls, change, in_line=in_line), calls.total)]
    ]
    return possible_of(readings, weighing.threshold)
