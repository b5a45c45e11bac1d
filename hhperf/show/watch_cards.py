"""The card of a run that is being measured."""

import math
from collections.abc import Iterator

import numpy as np

from hhperf.analysis.ranks import parse_statistic
from hhperf.analysis.sequential import SequentialPath, first_look
from hhperf.runs.observation import Arm
from hhperf.show.card import Card, Table
from hhperf.show.watch_state import ArmSoFar, WatchState
from hhperf.shown import counted, duration, milliseconds, percent

LOOKS = 6
TRACK = 41
LEAST, MOST = -1.0, 1.0
"""The savings between which intervals are drawn at most."""


def watch_card(state: WatchState) -> Card:
    """All that is told of a run at one look."""
    unit = "request" if state.load else "pair"
    tables = [_arms(state)]
    if state.paths and state.paths[-1].looks:
        tables.insert(0, _narrowing(state.paths[-1]))
    return Card(
        title=f"{state.name}: {state.done:,} of {counted(state.planned, unit)}",
        badge=state.status,
        sentences=tuple(filter(None, map(_saving, state.paths))),
        facts=tuple(_facts(state)),
        tables=tuple(tables),
    )


def _saving(path: SequentialPath) -> str:
    """A path's last look, in words that hold whenever it is looked at."""
    if not path.looks:
        first = first_look(parse_statistic(path.statistic))
        return f"saving at {path.statistic}: told from {counted(first, 'pair')} on"
    at = path.looks.index(path.stopped_at) if path.stopped_at else -1
    low, high = percent(path.lower[at]), percent(path.upper[at])
    verdict = f": {path.verdict} {percent(path.threshold)}" if path.stopped_at else ""
    return f"saving at {path.statistic} {percent(path.savings[at])} ({low} to {high}){verdict}"


def _facts(state: WatchState) -> Iterator[tuple[str, str]]:
    if state.load:
        yield "offered", state.load
        yield "savings", "no interval under load holds at every look: after the end"
    left = max(0, state.planned - state.done)
    if left and not math.isnan(state.left_s):
        unit = "requests" if state.load else "pairs"
        yield "left", f"{left:,} {unit}, {duration(state.left_s)} at this pace"
    if state.paths and state.paths[-1].looks:
        yield f"verdict at {state.paths[-1].statistic}", _until_verdict(state)
    if not math.isnan(state.lag_p99_s):
        yield "event loop late", f"{milliseconds(state.lag_p99_s)} ms at p99"
    stood = counted(state.stalls, "time")
    yield (
        "machine stood still",
        f"{stood}, {duration(state.stalled_s)} together" if state.stalls else "never",
    )


def _until_verdict(state: WatchState) -> str:
    more = state.pairs_to_verdict
    if more is None:
        return "not in sight"
    if not more:
        return "in"
    takes = duration(state.elapsed_s / state.done * more)
    beyond = ", beyond the plan" if state.done + more > state.planned else ""
    return f"in about {takes}, {counted(more, 'pair')}, if all goes on like this{beyond}"


def _narrowing(path: SequentialPath) -> Table:
    """Looks from the first to the last, each as an interval on one scale with the claim on it."""
    places = np.unique(np.linspace(0, len(path.looks) - 1, LOOKS).round().astype(int)).tolist()
    ends = [path.threshold, path.lower[places[0]], path.upper[places[0]]]
    scale = max(LEAST, min(ends) - 0.02), min(MOST, max(ends) + 0.02)
    return Table(
        f"saving at {path.statistic}, claimed {percent(path.threshold)} (│)",
        ("pairs", f"{scale[0]:.0%} … {scale[1]:.0%}", "interval at every look"),
        tuple(
            (
                f"{path.looks[at]:,}",
                track(path.lower[at], path.savings[at], path.upper[at], path.threshold, scale),
                f"{percent(path.lower[at])} to {percent(path.upper[at])}",
            )
            for at in places
        ),
        numeric=False,
    )


def track(
    lower: float, point: float, upper: float, claim: float, scale: tuple[float, float]
) -> str:
    """An interval drawn with characters, a 41st of the scale each; beyond it, at its edge."""
    line = ["·"] * TRACK
    low, at, high = (_place(each, scale) for each in (lower, point, upper))
    line[low : high + 1] = "─" * (high + 1 - low)
    line[low], line[high] = "├", "┤"
    claimed = _place(claim, scale)
    line[claimed] = "│" if line[claimed] == "·" else "┼"
    if not math.isnan(point):
        line[at] = "●"
    return "".join(line)


def _place(saving: float, scale: tuple[float, float]) -> int:
    if math.isnan(saving):
        return 0
    low, high = scale
    return round((min(max(saving, low), high) - low) / (high - low) * (TRACK - 1))


def _arms(state: WatchState) -> Table:
    under_load = ("offered/s", "answered/s") if state.load else ()
    return Table(
        "response times" if state.load else "service times",
        ("arm", "p50, ms", "p95, ms", "failed", *under_load),
        tuple(_row(arm, each, loaded=bool(state.load)) for arm, each in state.arms.items()),
    )


def _row(arm: Arm, each: ArmSoFar, *, loaded: bool) -> tuple[str, ...]:
    rates = (each.offered_hz, each.answered_hz) if loaded else ()
    return (
        f"{arm} ({each.served_by})",
        milliseconds(each.p50_s),
        milliseconds(each.p95_s),
        f"{each.failed:,}",
        *(f"{rate:.1f}" for rate in rates),
    )
