"""Some of a run's pairs, made ready to be drawn: sorted once, compared once."""

from dataclasses import dataclass, replace

import numpy as np

from hhperf.analysis.comparison import Comparison
from hhperf.analysis.savings import compare_samples
from hhperf.analysis.shift import ShiftFunction, shift_function
from hhperf.errors import SampleError
from hhperf.runs.arrays import Flags, Floats
from hhperf.runs.observation import Arm
from hhperf.runs.pairs import RecordedPairs
from hhperf.runs.stalls import Stalls
from hhperf.show.findings import Findings
from hhperf.verdict.compare import cluster_codes
from hhperf.verdict.stalled import censored_by

LOADED = "under load requests share a queue: only the whole run has intervals"
NOISE = "the control against itself: what differs is noise"
FEWEST = 40
"""Pairs, that give a median."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Some pairs of a run, the control beside another arm.

    Attributes:
        pairs: those that are looked at; shape (n,) each.
        against: the other arm.
        control_s: the control's latencies, ascending; shape (n,), +inf for failures.
        other_s: the other arm's.
        comparison: their savings; None where nothing can be said of them.
        shift: the saving at every quantile with its band; None where there is none.
        note: what to know of it; empty for a whole run's treatment.
    """

    pairs: RecordedPairs
    against: Arm
    control_s: Floats
    other_s: Floats
    comparison: Comparison | None
    shift: ShiftFunction | None
    note: str

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def latencies(self) -> tuple[Floats, Floats]:
        """Of the control and the other arm, seconds, in the pairs' order."""
        return self.pairs.control, getattr(self.pairs, self.against)


def whole(findings: Findings, pairs: RecordedPairs) -> Part:
    """The run's treatment, as its findings have it."""
    arms = (np.sort(pairs.control), np.sort(pairs.treatment))
    return Part(pairs, Arm.TREATMENT, *arms, findings.comparison, findings.shift, "")


def bare_part(pairs: RecordedPairs, kept: Flags, against: Arm, note: str = "") -> Part:
    """Some of the pairs, or another arm, not compared: what is drawn of them but intervals.

    Args:
        pairs: all of them.
        kept: which are looked at, shape (n,).
        against: what the control is compared with.
        note: what to know of it.
    """
    some = pairs.where(kept)
    arms = np.sort(some.control), np.sort(getattr(some, against))
    return Part(some, against, *arms, None, None, note)


def part_of(
    findings: Findings, pairs: RecordedPairs, stalls: Stalls | None, kept: Flags, against: Arm
) -> Part:
    """Some of the pairs, or another arm; compared as a run is, with the run's gates.

    Args:
        findings: of the run.
        pairs: all of them.
        stalls: of the run.
        kept: which are looked at, shape (n,).
        against: what the control is compared with.
    """
    bare = bare_part(pairs, kept, against)
    some, (control, other) = bare.pairs, bare.latencies
    if findings.under_load:
        return replace(bare, note=LOADED)
    if len(some) < FEWEST:
        return replace(bare, note=f"{len(some):,} pairs are too few to compare; {FEWEST} would do")
    level, codes, _ = cluster_codes(some)
    censoring = censored_by(stalls, some, against) if stalls is not None and len(stalls) else None
    asked = findings.comparison
    try:
        found = compare_samples(
            control,
            other,
            codes,
            threshold=asked.threshold,
            timeout=findings.run.metadata.design.timeout_s,
            confidence=asked.confidence,
            cluster_level=level,
            censoring=censoring,
            gates=asked.gates if against is Arm.TREATMENT else (),
            seed=findings.seed,
        )
        shift = shift_function(control, other, codes, censoring=censoring, seed=findings.seed)
    except SampleError as error:
        return replace(bare, note=str(error))
    note = NOISE if against is Arm.CONTROL_AGAIN else ""
    return replace(bare, comparison=found, shift=shift, note=note)
