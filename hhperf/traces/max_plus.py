"""How long calls would have taken if steps had not waited for each other.

Each step begins a while after the last of those that it waits for has ended. That while is kept as
it was recorded; only what is waited for changes. The longest chain of steps and whiles is the
call's time: a calculation with `max` and `+` alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hhperf.traces.calls import ROUNDING_S, Bools, Calls, Floats, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """What would be different.

    Attributes:
        independent: by step and step, shape (s, s): whether the one need not wait for the other.
        factor: by step, shape (s,): how long it takes, as a share of what it took.
    """

    independent: Bools
    factor: Floats

    @classmethod
    def none(cls, steps: int) -> "Change":
        """All as it was."""
        return cls(np.zeros((steps, steps), dtype=np.bool_), np.ones(steps))


def changed_totals(calls: Calls, change: Change, *, in_line: bool = False) -> Floats:
    """How long each call would have taken, in seconds; shape (n,).

    With nothing changed it is what was recorded, to rounding. Steps that overlapped wait for none
    of each other; a step that ended before another began was waited for, unless it is said to be
    independent of it.

    Args:
        calls: as they were recorded.
        change: what would be different.
        in_line: the pessimistic reading: whatever the call did itself between steps, while none
            was under way, stays in line before all that it came before, and so do steps for which
            nobody else worked: one processor may have to do them all. Else only the while directly
            before a step is kept, and the rest overlaps.

    Source: Baccelli, Cohen, Olsder and Quadrat, Synchronization and Linearity, 1992, section 1.2.
    """
    new_end = np.zeros(calls.step.shape)
    for k, (kept, lag) in enumerate(links(calls, change, in_line=in_line)):
        begin = np.where(kept, new_end[:, :k], 0.0).max(axis=1, initial=0.0) + lag
        took = (calls.end[:, k] - calls.start[:, k]) * change.factor[calls.step[:, k]]
        new_end[:, k] = np.where(calls.present[:, k], begin + took, 0.0)
    totals: Floats = new_end.max(axis=1, initial=0.0) + rest(calls)
    return totals


def rest(calls: Calls) -> Floats:
    """From the end of the last step of each call to its own; shape (n,)."""
    last: Floats = np.where(calls.present, calls.end, 0.0).max(axis=1, initial=0.0)
    return calls.total - last


def links(calls: Calls, change: Change, *, in_line: bool = False) -> Iterator[tuple[Bools, Floats]]:
    """By place k: for which of the k steps before each waits, and how long after them it begins.

    The first has shape (n, k), the second (n,), in seconds; arguments as `changed_totals` has them.
    """
    present, step = calls.present, calls.step
    own_end = _own_work(calls)
    rows = np.arange(len(calls))
    for k in range(step.shape[1]):
        before = present[:, :k] & (calls.end[:, :k] <= calls.start[:, k, None] + ROUNDING_S)
        free = change.independent[step[:, :k], step[:, k, None]]
        if in_line:
            free &= calls.asks[:, :k] | calls.asks[:, k, None]
        kept = before & ~free
        last, last_own = _last(before, calls.end[:, :k], own_end[:, :k], rows)
        lag = calls.start[:, k] - last
        if in_line:
            lag = lag + last_own - _last(kept, calls.end[:, :k], own_end[:, :k], rows)[1]
        yield kept, lag


def _own_work(calls: Calls) -> Floats:
    """What the call did itself, with no step under way, until each step ended; shape (n, m)."""
    n, m = calls.step.shape
    at_start, at_end = np.zeros((n, m)), np.zeros((n, m))
    covered, own = np.zeros(n), np.zeros(n)
    for k in range(m):
        present = calls.present[:, k]
        own = own + np.where(present, np.maximum(calls.start[:, k] - covered, 0.0), 0.0)
        covered = np.where(present, np.maximum(covered, calls.end[:, k]), covered)
        at_start[:, k] = own
    for k in range(m):
        begun = calls.present & (calls.start <= calls.end[:, k, None])
        at_end[:, k] = np.where(begun, at_start, 0.0).max(axis=1, initial=0.0)
    return at_end


def _last(chosen: Bools, ends: Floats, own: Floats, rows: Ints) -> tuple[Floats, Floats]:
    """When the last of the chosen steps ended, and the call's own work until then; 0 for none."""
    if not chosen.shape[1]:
        return np.zeros(len(rows)), np.zeros(len(rows))
    shown = np.where(chosen, ends, 0.0)
    place = shown.argmax(axis=1)
    return shown[rows, place], np.where(chosen[rows, place], own[rows, place], 0.0)
