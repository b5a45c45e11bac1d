"""When calls come, as far as traces say it: at which rate, in which process, in which window."""

from dataclasses import dataclass

import numpy as np

from hhperf.errors import TraceError
from hhperf.traces.calls import Calls, Floats, Ints

FEWEST = 60
"""Calls below which traces say too little of arrivals."""
PAUSE = 20.0
"""So many times the mean gap between calls is a pause: by chance alone one in 10^8 is so long."""
_WINDOWS, _IN_A_WINDOW = 60, 5
"""Windows of equal length that are resampled, and calls in each on the average at least."""
_CROWDED = 1.5
"""Calls under way at once, on the average, from which their meeting is spoken of."""


class NotLoadedError(TraceError):
    """Traces do not say enough to predict under a load; with the reason."""


@dataclass(frozen=True, slots=True, eq=False)
class Arrivals:
    """Calls as they come, in time's order; shape (k,) each.

    Attributes:
        call: which of the recorded calls.
        at_s: when it comes, in seconds since its stretch began.
        stretch: what has a pool of its own and begins with nothing under way: a process between
            two pauses.
        window: what is resampled as a whole.
        window_s: how long that lasts, as recorded.
        recorded_hz: calls a second that the traces stand for, pauses aside.
        rate_hz: calls a second that are offered.
        processes: how many answer them.
    """

    call: Ints
    at_s: Floats
    stretch: Ints
    window: Ints
    window_s: float
    recorded_hz: float
    rate_hz: float
    processes: int


def arrivals_of(
    calls: Calls, stands_for: Floats, rate: float | str | None = None, *, seed: int = 0
) -> Arrivals:
    """Offer calls as they came, or closer together.

    Where each trace stands for itself, moments are those recorded: their bursts stay. Of sampled
    traces a share of the arrivals is not there: recorded calls are drawn by how many they stand
    for, and come at random (a thinned Poisson process is one) at the rate of their window.

    Args:
        calls: of the operation.
        stands_for: how many calls each stands for, shape (n,); 0 where nothing says it.
        rate: calls a second in all, or how many times the recorded rate, such as `2x`; None for
            that rate.
        seed: of the draws.

    Raises:
        NotLoadedError: the traces say too little of arrivals.
        TraceError: the rate is none.
    """
    order = np.argsort(calls.begun_ns, kind="stable")
    weights = np.where(stands_for > 0, stands_for, 1.0)[order]
    begun_s = (calls.begun_ns[order] - calls.begun_ns[order[0]]) / 1e9
    _check(calls, begun_s, weights)
    gaps, pauses = _gaps(begun_s)
    clock = np.cumsum(gaps)
    recorded_hz = float(weights.mean() / gaps[1:].mean())
    rate_hz = _rate(rate, recorded_hz)
    count = max(1, min(_WINDOWS, len(order) // _IN_A_WINDOW))
    window_s = float(clock[-1]) / count
    window = np.minimum((clock / window_s).astype(np.int64), count - 1)
    place, chosen = np.cumsum(pauses), np.arange(len(order))
    if not is_whole(stands_for):
        # As many as there are, one of each equal part of all that they stand for: in shorter time.
        rng = np.random.default_rng(seed)
        steps = (np.arange(len(order)) + rng.random(len(order))) * weights.sum() / len(order)
        chosen = np.searchsorted(np.cumsum(weights), steps)
        each_hz = np.bincount(window, weights, count) / window_s
        gaps = rng.exponential(1 / each_hz[window[chosen]])
        clock = np.cumsum(gaps)
    place = place[chosen]
    began = clock[np.searchsorted(place, place)]
    instance = calls.instance[order][chosen]
    _, stretch = np.unique(np.stack([instance, place]), axis=1, return_inverse=True)
    return Arrivals(
        call=order[chosen],
        at_s=(clock - began) * recorded_hz / rate_hz,
        stretch=stretch.ravel().astype(np.int64),
        window=window[chosen],
        window_s=window_s,
        recorded_hz=recorded_hz,
        rate_hz=rate_hz,
        processes=len(np.unique(instance)),
    )


def is_whole(stands_for: Floats) -> bool:
    """Whether every call is there, as far as the traces say."""
    return bool((stands_for <= 1).all())


def crowded(calls: Calls, weights: Floats | None) -> tuple[str, ...]:
    """What is not predicted where calls meet: traces do not tell what queues behind what.

    Source: Little's law, of the calls that the traces stand for.
    """
    answered = np.isfinite(calls.total)
    took = np.where(answered, calls.total, 0.0)
    counted = np.ones(len(calls)) if weights is None else weights
    span_s = (calls.begun_ns + 1e9 * took).max() / 1e9 - calls.begun_ns.min() / 1e9
    under_way = float((took * counted).sum()) / span_s if span_s > 0 else 0.0
    if under_way < _CROWDED:
        return ()
    return (
        f"{under_way:,.1f} calls were under way at once on the average: that each queues for"
        " processors, pools and locks as it did is taken for granted",
    )


def _check(calls: Calls, begun_s: Floats, weights: Floats) -> None:
    if len(begun_s) < FEWEST:
        raise NotLoadedError(
            f"{len(begun_s)} calls say too little of when calls come ({FEWEST} are wanted)"
        )
    if len(np.unique(begun_s)) < FEWEST:
        raise NotLoadedError("calls begin at few moments: the traces do not say when they come")
    if (weights > 1).any() and len(np.unique(calls.trace)) < len(calls):
        raise NotLoadedError(
            "the traces are a sample, and some have several calls: how those met is not known"
        )


def _gaps(begun_s: Floats) -> tuple[Floats, Ints]:
    """From each call's predecessor to it, and where a pause ended, which counts as a mean gap."""
    gaps = np.diff(begun_s, prepend=0.0)
    pauses = np.zeros(len(gaps), dtype=np.bool_)
    while True:
        usual = float(gaps[1:][~pauses[1:]].mean())
        found = gaps > PAUSE * usual
        if found.sum() <= pauses.sum():
            return np.where(pauses, usual, gaps), pauses.astype(np.int64)
        pauses = found


def _rate(said: float | str | None, recorded_hz: float) -> float:
    if said is None:
        return recorded_hz
    text = str(said).strip()
    try:
        rate_hz = float(text.removesuffix("x")) * (recorded_hz if text.endswith("x") else 1.0)
    except ValueError:
        rate_hz = -1.0
    if not 0 < rate_hz < 1e6:
        raise TraceError(
            f"rate {text}: say calls a second, such as 30, or how many times as many as recorded,"
            " such as 2x"
        )
    return rate_hz
