"""A service that stops for a while, as two kinds of load see it."""

from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes

from hhperf.plots.captions import caption_of
from hhperf.plots.style import log_scale, new_axes, room_above, styled
from hhperf.runs import Arm, Outcome, Run


@dataclass(frozen=True, slots=True)
class _Look:
    column: str
    label: str
    colour: str
    marker: str
    size: float
    hollow: bool


RESPONSE = _Look("response_time_s", "response time, since due", "#0072B2", "o", 5.0, hollow=True)
SERVICE = _Look("service_time_s", "service time, since sent", "#E69F00", "o", 2.0, hollow=False)
CLOSED = _Look("service_time_s", "closed loop, since sent", "#000000", "|", 9.0, hollow=True)


@styled
def plot_freeze(
    run: Run, closed: Run | None = None, *, arm: Arm = Arm.CONTROL, ax: Axes | None = None
) -> Axes:
    """Each request's time by when it was due: in a stop, all that come due wait for its end.

    A closed loop sends nothing while it waits for an answer, so that it sees one slow request where
    there were many (coordinated omission).

    Args:
        run: an open loop against a service that stops.
        closed: a closed loop against one that stops alike, to show what it does not see.
        arm: whose requests.
        ax: where to draw; a new figure, with a caption, when None.

    Raises:
        RunError: a run's files cannot be read.
    """
    ax = ax or new_axes(caption_of(run))
    log_scale(ax, "y")
    _draw(ax, _requests(run, arm), RESPONSE)
    _draw(ax, _requests(run, arm), SERVICE)
    if closed is not None:
        _draw(ax, _requests(closed, arm), CLOSED)
    ax.set(xlabel="due since the start (s)", ylabel="time of a request (ms)")
    ax.set_title("A service that stops")
    room_above(ax, 0.25)
    ax.legend(loc="upper right")
    return ax


def _requests(run: Run, arm: Arm) -> pd.DataFrame:
    frame = run.frame()
    mine = frame[(frame["arm"].astype(str) == arm.value) & _answered(frame)]
    due_s = mine["intended_start_ns"] / 1e9
    return mine.assign(due_s=due_s - due_s.min())


def _answered(frame: pd.DataFrame) -> pd.Series:
    return frame["outcome"].astype(str) == Outcome.OK.value


def _draw(ax: Axes, requests: pd.DataFrame, look: _Look) -> None:
    ax.plot(
        requests["due_s"],
        1e3 * requests[look.column],
        linestyle="none",
        marker=look.marker,
        markersize=look.size,
        color=look.colour,
        markerfacecolor="none" if look.hollow else look.colour,
        markeredgewidth=0.8 if look.hollow else 0,
        label=f"{look.label} (n = {len(requests):,})",
    )
