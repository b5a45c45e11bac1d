"""From ticked pairs of steps to what is shown: no browser, no kernel, plain data."""

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from hhperf.runs.observation import Arm
from hhperf.show.look.as_said import said_as
from hhperf.show.look.judged import interval
from hhperf.show.look.ticks import Ticks
from hhperf.show.plots.language import COLOURS
from hhperf.shown import counted, milliseconds, percent
from hhperf.traces.calls import operations
from hhperf.traces.candidates import RANKED_BY, rank_candidates
from hhperf.traces.declared import base_name
from hhperf.traces.possible import Evidence, PossibleSavings, evidence_of, predict_from
from hhperf.traces.steps_file import read_declared
from hhperf.traces.structure import StepPair
from hhperf.traces.trace_set import STEPS, TraceSet

Shown = dict[str, Any]
MOST_OPERATIONS = 100
_KEPT = 32
"""Predictions: a tick that is taken back is not worked out again."""


@dataclass(eq=False)
class TraceAnswers:
    """What is shown of traces, panel by panel.

    Attributes:
        traces: imported.
        clusters: attributes that they keep, of what is resampled as a whole.
        seed: of the bootstrap.
    """

    traces: TraceSet
    clusters: tuple[str, ...] = ()
    seed: int = 0
    _evidence: dict[str, Evidence] = field(default_factory=dict)
    _possible: OrderedDict[Ticks, PossibleSavings] = field(default_factory=OrderedDict)

    def filed(self, operation: str, threshold: float) -> Ticks:
        """As the file of steps says it.

        Raises:
            TraceFileError: the file cannot be used.
            TraceError: there is no such operation, or its traces cannot be used.
        """
        found = self.evidence(operation).operation
        declared = read_declared(self.traces.path / STEPS, found)
        return Ticks.of(str(found), declared, threshold)

    def evidence(self, operation: str) -> Evidence:
        """Of an operation.

        Raises:
            TraceError: there is no such operation, or its traces cannot be used.
        """
        if operation not in self._evidence:
            self._evidence[operation] = evidence_of(
                self.traces, operation, self.clusters, seed=self.seed
            )
        return self._evidence[operation]

    def controls(self) -> Shown:
        """The operations with steps, the longest first."""
        found = operations(self.traces)[:MOST_OPERATIONS]
        return {
            "operations": [[str(each), f"{each}, {counted(each.calls, 'call')}"] for each in found],
            "traces": counted(len(self.traces), "trace"),
            "colour": COLOURS[Arm.TREATMENT],
            "path": str(self.traces.path / STEPS),
        }

    def pairs(self, ticks: Ticks) -> Shown:
        """The pairs that never overlapped, the closest first, and which of them are ticked."""
        evidence = self.evidence(ticks.operation)
        names = [step.name for step in evidence.structure.steps]
        free = ticks.declared.matrix(names)
        ticked = {frozenset(pair) for pair in ticks.independent}
        depends = ticks.declared.dependent
        listed = sorted(evidence.structure.undecided, key=lambda pair: pair.median_gap_s)
        rows = []
        for pair in listed:
            both = frozenset((pair.first, pair.second))
            if base_name(pair.first) == base_name(pair.second) and both not in ticked:
                continue  # a repeat waits for what it repeats
            is_free = bool(free[names.index(pair.first), names.index(pair.second)])
            by_other = is_free and both not in ticked
            rows.append(_row(pair) | {"ticked": is_free, "by_other": by_other})
            rows[-1]["depends"] = both in depends
        shown = {frozenset((row["first"], row["second"])) for row in rows}
        besides = sorted(" and ".join(sorted(pair)) for pair in ticked - shown)
        overlapped = sum(bool(pair.overlapped) for pair in evidence.structure.pairs)
        traces = len(np.unique(evidence.calls.trace))
        return {
            "ticks": ticks.plain(),
            "rows": rows,
            "steps": names,
            "sentence": f"{counted(len(rows), 'pair')} of steps never overlapped in"
            f" {counted(len(evidence.calls), 'call')} of {counted(traces, 'trace')}: they may"
            " depend on each other or may just be written one after the other. Traces cannot tell;"
            " say which.",
            "notes": [
                *(
                    [f"{counted(overlapped, 'pair')} overlapped, and so need not wait."]
                    if overlapped
                    else []
                ),
                *([f"Said to be independent besides: {', '.join(besides)}."] if besides else []),
            ],
        }

    def said(self, ticks: Ticks) -> Shown:
        """What is ticked, as it is said elsewhere."""
        evidence = self.evidence(ticks.operation)
        filed = read_declared(self.traces.path / STEPS, evidence.operation)
        return said_as(self.traces.path, ticks, evidence.structure, self.clusters, filed)

    def possible(self, ticks: Ticks, *, ranked: bool = True) -> PossibleSavings:
        """The prediction.

        Args:
            ticks: where the controls stand.
            ranked: whether single changes are wanted too; they may be there all the same.

        Raises:
            TraceError: a step is named that there is not.
        """
        evidence = self.evidence(ticks.operation)
        weighing = replace(evidence.weighing, threshold=ticks.threshold)
        found = self._possible.pop(ticks, None)
        if found is None:
            found = predict_from(replace(evidence, weighing=weighing), ticks.declared, ranked=False)
        if ranked and not found.candidates:
            changes = rank_candidates(evidence.calls, ticks.declared, weighing)
            found = replace(found, candidates=changes)
        self._possible[ticks] = found
        while len(self._possible) > _KEPT:
            self._possible.popitem(last=False)
        return found


def predicted_panel(found: PossibleSavings) -> Shown:
    """The savings in percent, and a word on each."""
    told = found["p95"] if found["p95"].saving.defined else found["mean"]
    saved = f"{told.prediction}: "
    if told.saving.defined:
        saved += (
            f"{percent(told.saving.point)} saved at {told.statistic}"
            f" ({percent(told.saving.lower)} to {percent(told.saving.upper)}) against"
            f" {percent(found.threshold)} claimed, from {counted(found.calls, 'call')} resampled by"
            f" {found.cluster_level}."
        )
    return {
        "sentence": saved,
        "told": told.statistic,
        "threshold": round(100 * found.threshold, 2),
        "rows": [
            {
                "statistic": each.statistic,
                "saving": interval(each.saving),
                "pessimistic": interval(each.pessimistic),
                "everything": interval(each.everything),
                "prediction": str(each.prediction),
            }
            for each in found.results
        ],
        "warnings": list(found.warnings),
    }


def ranked_panel(found: PossibleSavings) -> Shown:
    """Single changes, what saves most first, with the pairs that each needs."""
    known = all(each.savings[RANKED_BY].defined for each in found.candidates)
    told = RANKED_BY if known else "mean"
    return {
        "told": told,
        "rows": [
            {
                "what": each.what,
                "saving": interval(each.savings[told]),
                "needs": [list(pair) for pair in each.needs],
                "condition": each.condition,
            }
            for each in found.candidates
        ],
    }


def _row(pair: StepPair) -> Shown:
    return {
        "first": pair.first,
        "second": pair.second,
        "calls": f"{pair.calls:,}",
        "reversed": f"{pair.after:,}",
        "smallest_ms": milliseconds(pair.smallest_gap_s),
        "median_ms": milliseconds(pair.median_gap_s),
        "told": pair.told,
    }
