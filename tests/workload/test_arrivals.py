"""Arrival times are real, kept apart, ascending and of the rate asked for."""

from itertools import pairwise
from statistics import fmean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhperf.workload.arrivals import STREAMS, Stream, arrival_times, load_arrivals, rescale

streams = st.sampled_from(STREAMS)


def gaps(times: tuple[float, ...]) -> list[float]:
    return [later - earlier for earlier, later in pairwise(times)]


@pytest.mark.parametrize(
    ("stream", "number", "rate_hz", "variation"),
    [("conv", 19_366, 5.53, 1.09), ("code", 8_819, 2.57, 13.2)],
)
def test_recordings_are_whole(
    stream: Stream, number: int, rate_hz: float, variation: float
) -> None:
    """Each recording has its own size, rate and burstiness."""
    times = load_arrivals(stream)
    between = gaps(times)
    assert len(times) == number
    assert 1 / fmean(between) == pytest.approx(rate_hz, rel=0.01)
    assert pstdev(between) / fmean(between) == pytest.approx(variation, rel=0.01)


@given(st.integers(0, 300), streams, st.integers(-50_000, 50_000))
def test_arrivals_ascend_from_zero(number: int, stream: Stream, start: int) -> None:
    """Wherever in the recording it starts, a schedule starts at 0 and never goes back."""
    times = arrival_times(number, stream, start=start)
    assert len(times) == number
    assert times[:1] in ((), (0.0,))
    assert all(gap >= 0 for gap in gaps(times))


def test_arrivals_are_those_recorded() -> None:
    """Gaps are the recording's own."""
    recorded = load_arrivals("code")[100:200]
    assert gaps(arrival_times(100, "code", start=100)) == pytest.approx(gaps(recorded), abs=1e-5)


@pytest.mark.parametrize("stream", STREAMS)
def test_recording_is_continued_at_its_own_rate(stream: Stream) -> None:
    """Past its end a recording begins anew, one mean gap later."""
    once = load_arrivals(stream)
    times = arrival_times(2 * len(once), stream)
    assert times[len(once)] - times[len(once) - 1] == pytest.approx(fmean(gaps(once)), abs=1e-5)
    assert times[-1] / (len(times) - 1) == pytest.approx(fmean(gaps(once)), rel=1e-6)


@given(streams, st.integers(2, 200), st.floats(0.01, 10_000))
def test_rescaling_keeps_the_shape(stream: Stream, number: int, rate_hz: float) -> None:
    """The mean rate is the one asked for, and gaps keep their ratios."""
    times = arrival_times(number, stream, start=3)
    scaled = rescale(times, rate_hz)
    assert (number - 1) / scaled[-1] == pytest.approx(rate_hz)
    stretch = scaled[-1] / times[-1]
    wanted = [gap * stretch for gap in gaps(times)]
    assert gaps(scaled) == pytest.approx(wanted, abs=1e-9 * scaled[-1])


@pytest.mark.parametrize(("times", "rate"), [([], 1), ([0, 0], 1), ([0, 1], 0), ([0, 1], -1)])
def test_rescaling_nothing_is_an_error(times: list[float], rate: float) -> None:
    """There must be a span and a rate."""
    with pytest.raises(ValueError, match="rescaling needs"):
        rescale(times, rate)


def test_unknown_stream_is_an_error() -> None:
    """The streams there are, are named."""
    with pytest.raises(ValueError, match="conv, code"):
        load_arrivals("both")


def test_negative_numbers_are_refused() -> None:
    """Fewer than none cannot be taken."""
    with pytest.raises(ValueError, match="-1"):
        arrival_times(-1)
