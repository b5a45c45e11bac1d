"""A service that stops for a while, as two kinds of load see it."""

from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes

from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.run import Run
from hhperf.show.plots.captions import caption_of
from hhperf.show.plots.language import COLOURS, MARKERS
from hhperf.show.plots.style import ink, new_axes, plain_numbers, room_above, styled


@dataclass(frozen=True, slots=True)
class _Look:
    column: str
    label: str
    marker: str
    size: float
    layer: float
    is_felt: bool = False


RESPONSE = _Look("response_time_s", "response time, since due", "", 4.0, 2.0, is_felt=True)
SERVICE = _Look("service_time_s", "service time, since sent", ".", 2.0, 2.1)
CLOSED = _Look("service_time_s", "closed loop, since sent", "+", 5.5, 1.9)
"""What users felt has the arm's colour and marker; what else a clock says has those of words."""


MANY = 1_000
"""Beyond so many marks an SVG holds them as an image: it would take megabytes otherwise."""


@styled
def plot_freeze(
    run: Run, closed: Run | None = None, *, arm: Arm = Arm.CONTROL, ax: Axes | None = None
) -> Axes:
    """Each request's time by when it was due: in a stop, all that come due wait for its end.

    Requests without an answer are left out.

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
    requests = _requests(run, arm)
    _draw(ax, requests, RESPONSE, arm)
    _draw(ax, requests, SERVICE, arm)
    if closed is not None:
        _draw(ax, _requests(closed, arm), CLOSED, arm)
    ax.set(xlabel="due since the start (s)", ylabel="time of a request (ms)")
    ax.set_title("A service that stops")
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_formatter(plain_numbers())
    room_above(ax, 0.25)
    ax.legend(loc="upper right")
    return ax


def _requests(run: Run, arm: Arm) -> pd.DataFrame:
    frame = run.frame()
    answered = frame["outcome"].astype(str) == Outcome.OK.value
    mine = frame[answered & (frame["arm"].astype(str) == arm.value)]
    due_s = mine["intended_start_ns"] / 1e9
    return mine.assign(due_s=due_s - due_s.min())


def _draw(ax: Axes, requests: pd.DataFrame, look: _Look, arm: Arm) -> None:
    ax.plot(
        requests["due_s"],
        1e3 * requests[look.column],
        linestyle="none",
        marker=look.marker or MARKERS[arm],
        markersize=look.size,
        color=COLOURS[arm] if look.is_felt else ink(),
        markeredgewidth=0 if look.marker in "." else 0.9,
        zorder=look.layer,
        clip_on=False,
        rasterized=len(requests) > MANY,
        label=f"{look.label} (n = {len(requests):,})",
    )
