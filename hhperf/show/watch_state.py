"""What a run says while it is measured: pure, from what it has on disk so far.

A run is looked at again and again, and whoever looks may stop it. So of a paired run the savings
are told by confidence sequences alone, which hold at every look; under load, where none does, no
interval is told.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from hhperf.analysis.ranks import parse_statistic
from hhperf.analysis.sequential import (
    GROWTH,
    SequentialPath,
    boundary,
    first_look,
    sequential_test,
)
from hhperf.errors import RunError
from hhperf.runs.arrays import Floats
from hhperf.runs.metadata import PairedDesign, SwitchbackDesign
from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.run import Run
from hhperf.runs.stalls import FLOOR_S
from hhperf.verdict.compare import cluster_codes
from hhperf.verdict.stopping import LABEL, THRESHOLD_LABEL, WATCHED

LATELY_S = 5.0
"""Over which the rates of a load are told."""

MOST_PAIRS = 1_000_000


@dataclass(frozen=True, slots=True)
class ArmSoFar:
    """One arm's requests so far.

    Attributes:
        served_by: what serves it.
        p50_s: median latency, seconds; not a number before the first.
        p95_s: 95th percentile.
        failed: requests that failed, ran out of time, or were not sent.
        offered_hz: requests that fell due a second, lately; under load.
        answered_hz: requests that were answered a second, lately; under load.
    """

    served_by: str
    p50_s: float
    p95_s: float
    failed: int
    offered_hz: float = math.nan
    answered_hz: float = math.nan


@dataclass(frozen=True, slots=True)
class WatchState:
    """A run at one look.

    Attributes:
        name: the folder's.
        status: the run's.
        done: pairs so far; under load requests.
        planned: how many were planned.
        elapsed_s: for how long it has been measured.
        arms: by arm, those that have been measured.
        paths: confidence sequences of the saving; none under load.
        load: what is offered, in words; empty for pairs.
        lag_p99_s: of the generator's event loop.
        stalls: how often the machine stood still.
        stalled_s: for how long, all together.
    """

    name: str
    status: str
    done: int
    planned: int
    elapsed_s: float
    arms: Mapping[Arm, ArmSoFar]
    paths: tuple[SequentialPath, ...] = ()
    load: str = ""
    lag_p99_s: float = math.nan
    stalls: int = 0
    stalled_s: float = 0.0

    @classmethod
    def of(cls, run: Run, threshold: float = 0.20) -> "WatchState":
        """A run as it is on disk.

        Args:
            run: of any state.
            threshold: the saving that is claimed, where the run's stop rule does not say it.

        Raises:
            RunError: what there is cannot be read.
        """
        table, design = run.table(), run.metadata.design
        ends, lag, stalls = (_ns(table, "end_ns"), _health(run, "loop_lag"), _health(run, "stall"))
        is_paired = isinstance(design, PairedDesign)
        load, blocks = "", 1
        if isinstance(design, SwitchbackDesign):
            load, blocks = design.load, len(set(design.blocks))
        begins = _ns(table, "intended_start_ns")
        long_ones = stalls[stalls >= FLOOR_S]
        return cls(
            name=run.path.name,
            status=run.status,
            done=len(table) // len(Arm) if is_paired else len(table),
            planned=design.pairs * blocks,
            elapsed_s=float(ends.max() - begins.min()) if len(table) else 0.0,
            arms=_arms(table, design.arms, is_paired=is_paired),
            paths=_paths(run, threshold) if is_paired else (),
            load=load,
            lag_p99_s=float(np.quantile(lag, 0.99)) if len(lag) else math.nan,
            stalls=len(long_ones),
            stalled_s=float(long_ones.sum()),
        )

    @property
    def left_s(self) -> float:
        """Until the plan's end, at the pace so far; not a number before there is one."""
        if not self.done:
            return math.nan
        return self.elapsed_s / self.done * max(0, self.planned - self.done)

    @property
    def pairs_to_verdict(self) -> int | None:
        """How many more pairs the last path's verdict takes if all goes on like this.

        0 when it is in; None where it cannot be told, or never comes.
        """
        path = self.paths[-1] if self.paths else None
        if path is None or not path.looks:
            return None
        return 0 if path.stopped_at is not None else _more_pairs(path)


def _more_pairs(path: SequentialPath) -> int | None:
    """Walk the looks to come until the bound passes the claim, saving and spread unchanged."""
    n, saving, lower = path.looks[-1], path.savings[-1], path.lower[-1]
    if not (saving < 1 and lower < saving) or math.isinf(lower):
        return None
    first = first_look(parse_statistic(path.statistic))
    widths = [
        boundary(path.alpha, max(500, 5 * first), two_sided=is_below) for is_below in (False, True)
    ]
    centre, claim = math.log(1 - saving), math.log(1 - path.threshold)
    spread = (math.log(1 - lower) - centre) / widths[0](n)
    width, at = widths[saving < path.threshold], n
    while at < MOST_PAIRS:
        at = math.ceil(at * GROWTH)
        if width(at) * spread < abs(claim - centre):
            return at - n
    return None


def _paths(run: Run, threshold: float) -> tuple[SequentialPath, ...]:
    """At the median, which can be seen early, and at what the run is watched for, last."""
    labels = run.metadata.conditions.labels
    try:
        pairs = run.pairs()
    except RunError:  # no pair is whole yet
        return ()
    watched = labels.get(LABEL, WATCHED)
    codes = None if LABEL in labels else cluster_codes(pairs)[1]
    return tuple(
        sequential_test(
            pairs.control,
            pairs.treatment,
            statistic,
            clusters=codes,
            threshold=float(labels.get(THRESHOLD_LABEL, threshold)),
            timeout=run.metadata.design.timeout_s,
        )
        for statistic in dict.fromkeys(("p50", watched))
    )


def _arms(
    table: pa.Table, served_by: Mapping[Arm, str], *, is_paired: bool
) -> Mapping[Arm, ArmSoFar]:
    """What each arm has done; its latency counts from when its request was due under load."""
    names, outcomes = (np.asarray(table[each].to_pylist()) for each in ("arm", "outcome"))
    begins, due, ends = (_ns(table, each) for each in ("start_ns", "intended_start_ns", "end_ns"))
    found = {}
    for arm, name in served_by.items():
        mine = (names == str(arm)) & (outcomes != str(Outcome.CANCELLED))
        if not mine.any():
            continue
        ok = mine & (outcomes == str(Outcome.OK))
        took = (ends - (begins if is_paired else due))[ok]
        p50, p95 = np.quantile(took, (0.5, 0.95)) if len(took) else (math.nan, math.nan)
        since = ends[mine].max() - LATELY_S
        span_s = min(LATELY_S, float(ends[mine].max() - due[mine].min())) or math.nan
        rates = (math.nan, math.nan) if is_paired else (
            float((mine & (due > since)).sum()) / span_s,
            float((ok & (ends > since)).sum()) / span_s,
        )  # fmt: skip
        found[arm] = ArmSoFar(name, float(p50), float(p95), int((mine & ~ok).sum()), *rates)
    return found


def _ns(table: pa.Table, column: str) -> Floats:
    """A clock in seconds."""
    return np.asarray(table[column], dtype=np.float64) / 1e9


def _health(run: Run, kind: str) -> Floats:
    """What looks of a kind say, in seconds."""
    health = run.health
    kinds = np.asarray(health["kind"].to_pylist())
    values = np.asarray(health["value_ns"], dtype=np.float64) / 1e9
    return values[kinds == kind] if len(kinds) else values
