"""When the machine of a run stood still."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hhperf.runs.arrays import Flags, Floats, Integers
from hhperf.runs.gaps import unwatched_ns
from hhperf.runs.run import Run

FLOOR_S = 0.010
"""What busy cores alone do not reach: anything shorter is not called a stall."""

ACCOUNTS = ("steal", "pressure", "throttled")
SHARE_OF_CONTROL = 0.05
"""Of the control's median, what a stall must exceed to count."""


@dataclass(frozen=True, slots=True, eq=False)
class Stalls:
    """Stretches of time in which at least one core of the machine did nothing.

    Attributes:
        begins_ns: since the start of the run, in order, none overlapping the next; shape (m,).
        ends_ns: shape (m,).
        span_ns: from when the clock began to look until the run's last look, less the time in which
            nobody recorded.
        lost: the share of that time that a core was still, averaged over the cores.
        floor_s: what a stall was longer than.
    """

    begins_ns: Integers
    ends_ns: Integers
    span_ns: int
    lost: float
    floor_s: float

    def __repr__(self) -> str:
        return f"Stalls({len(self):,}, {self.lost:.1%} of the time, {self.longest_s:.3f} s at most)"

    def __len__(self) -> int:
        return len(self.begins_ns)

    @property
    def longest_s(self) -> float:
        """The longest, in seconds; 0 when there was none."""
        return float((self.ends_ns - self.begins_ns).max(initial=0) / 1e9)

    def covers(self, at_ns: Integers) -> Flags:
        """Which points in time lie within a stall, ends included; any shape."""
        last = np.searchsorted(self.begins_ns, at_ns, side="right") - 1
        within: Flags = (last >= 0) & (at_ns <= self._ends_with_none[last])
        return within

    def next_onset(self, at_ns: Integers) -> Integers:
        """The number of the first stall that begins after each point in time, m where none does."""
        return np.searchsorted(self.begins_ns, at_ns, side="right")

    def time_left_s(self, at_ns: Integers) -> Floats:
        """From each point in time to the next onset: 0 within a stall, +inf before none."""
        onsets = np.append(self.begins_ns.astype(np.float64), np.inf)
        left = (onsets[self.next_onset(at_ns)] - at_ns) / 1e9
        return np.where(self.covers(at_ns), 0.0, left)

    def within_ns(self, begins_ns: Integers, ends_ns: Integers) -> Integers:
        """How long the machine stood still between two points in time; shape as given."""
        return self._stalled_until(ends_ns) - self._stalled_until(begins_ns)

    @property
    def _ends_with_none(self) -> Integers:
        return np.append(self.ends_ns, np.iinfo(np.int64).min)

    def _stalled_until(self, at_ns: Integers) -> Integers:
        before = np.concatenate([[0], np.cumsum(self.ends_ns - self.begins_ns)])
        begun = np.searchsorted(self.begins_ns, at_ns, side="left")
        to_come = np.maximum(self._ends_with_none[begun - 1] - at_ns, 0)
        return np.asarray(before[begun] - np.where(begun > 0, to_come, 0), dtype=np.int64)


def stalls_of(run: Run, control_median_s: float = 0.0) -> Stalls | None:
    """The stalls that count in a run; None where nothing looked for them.

    A stall counts when it is longer than the floor and than 5% of what is measured: shorter ones
    cannot be told from a busy core, or do not matter.

    Args:
        run: any run.
        control_median_s: what is measured.
    """
    looks, found = _of_kind(run, "watched"), _of_kind(run, "stall")
    if not len(looks):
        return None
    first_ns, last_ns = pc.min(looks["at_ns"]).as_py(), pc.max(run.health["at_ns"]).as_py()
    return make_stalls(
        np.asarray(found["at_ns"]),
        np.asarray(found["value_ns"]),
        control_median_s=control_median_s,
        span_ns=_watched_ns(run, int(first_ns), int(last_ns)),
        cores=len(set(zip(looks["worker"].to_pylist(), looks["core"].to_pylist(), strict=True))),
    )


def stalls_by_core(run: Run) -> dict[int, tuple[Floats, Floats]]:
    """All that was told of each core, also what is too short to count.

    Returns:
        When each began, in seconds since the clock began to look, and how long it was; by core.
    """
    looks, found = _of_kind(run, "watched"), _of_kind(run, "stall")
    first_ns = pc.min(looks["at_ns"]).as_py()
    told = {}
    for core in sorted(set(looks["core"].to_pylist())):
        mine = found.filter(pc.equal(found["core"], core))
        begins_ns, lengths_ns = np.asarray(mine["at_ns"]), np.asarray(mine["value_ns"])
        told[core] = (begins_ns - first_ns) / 1e9, lengths_ns / 1e9
    return told


def accounts_of(run: Run) -> dict[str, float]:
    """What the kernel's own accounts say, as shares of the time watched; by account.

    `steal` is the mean over the cores; of an account that the kernel does not keep there is none.
    """
    told = run.health.to_pandas()
    told = told[told["kind"].isin(ACCOUNTS)]
    begun = _of_kind(run, "watched")
    if told.empty:
        return {}
    span_ns = _watched_ns(run, int(pc.min(begun["at_ns"]).as_py()), int(told["at_ns"].max()))
    cores = told.groupby("kind")["core"].nunique()
    sums = told.groupby("kind")["value_ns"].sum()
    return {kind: float(sums[kind] / (cores[kind] * span_ns)) for kind in ACCOUNTS if kind in sums}


def _watched_ns(run: Run, first_ns: int, last_ns: int) -> int:
    """How much of a stretch of time somebody looked: not while a run waited to be gone on with."""
    return max(last_ns - first_ns - unwatched_ns(run.metadata.gaps), 1)


def _of_kind(run: Run, kind: str) -> pa.Table:
    return run.health.filter(pc.equal(run.health["kind"], kind))


def make_stalls(
    begins_ns: Integers,
    lengths_ns: Integers,
    *,
    control_median_s: float = 0.0,
    span_ns: int = 1,
    cores: int = 1,
) -> Stalls:
    """The stalls that count, of all cores together.

    Args:
        begins_ns: of each stretch in which a core stood still, in any order; shape (m,).
        lengths_ns: of each; shape (m,).
        control_median_s: what is measured.
        span_ns: for how long somebody looked.
        cores: at how many.
    """
    floor_s = max(FLOOR_S, SHARE_OF_CONTROL * control_median_s)
    counts = lengths_ns >= round(floor_s * 1e9)
    begins_ns, lengths_ns = begins_ns[counts], lengths_ns[counts]
    merged = _merged(begins_ns, begins_ns + lengths_ns)
    return Stalls(*merged, span_ns, float(lengths_ns.sum() / (span_ns * cores)), floor_s)


def _merged(begins_ns: Integers, ends_ns: Integers) -> tuple[Integers, Integers]:
    """Stretches in order, those that overlap as one."""
    if not len(begins_ns):
        return begins_ns, ends_ns
    order = np.argsort(begins_ns, kind="stable")
    begins_ns, reached = begins_ns[order], np.maximum.accumulate(ends_ns[order])
    first = np.concatenate([[True], begins_ns[1:] > reached[:-1]])
    last = np.concatenate([first[1:], [True]])
    return begins_ns[first], reached[last]
