"""When requests arrive: real arrival times of an online service.

The recordings are of one hour (Azure LLM inference dataset 2023, CC BY 4.0; see `data/README.md`).
They are two services and must not be mixed: `conv` is close to a Poisson process (coefficient of
variation of the gaps 1.09, 5.5 requests a second), `code` is very bursty (13.2, 2.6 a second, with
one gap of 217 s).
"""

import csv
import gzip
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import count, islice
from typing import Literal, get_args

from hhperf.data import data_file

Stream = Literal["conv", "code"]
STREAMS: tuple[Stream, ...] = get_args(Stream)

_DECIMALS = 6


@cache
def load_arrivals(stream: Stream) -> tuple[float, ...]:
    """All arrival times of one recording, in seconds from its first arrival, ascending.

    Raises:
        StackError: the recording is missing.
        ValueError: there is no such stream.
    """
    if stream not in STREAMS:
        raise ValueError(f"there is no arrival stream {stream!r}; choose from {', '.join(STREAMS)}")
    path = data_file("arrivals/azure_llm_2023.csv.gz")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        times = [float(row["t_s"]) for row in csv.DictReader(lines) if row["stream"] == stream]
    return tuple(round(time - times[0], _DECIMALS) for time in times)


def arrival_times(number: int, stream: Stream = "conv", *, start: int = 0) -> tuple[float, ...]:
    """`number` consecutive arrivals, in seconds from the first of them, ascending.

    A recording that ends is continued from its beginning, one mean gap later.

    Args:
        number: how many, 0 or more.
        stream: which recording; they are never mixed.
        start: the index of the first arrival in the recording, which is taken as a ring.

    Raises:
        ValueError: `number` is negative, or there is no such stream.
    """
    if number < 0:
        raise ValueError(f"cannot take {number} arrivals")
    recorded = load_arrivals(stream)
    first = start % len(recorded)
    times = islice(_repeated(recorded), first, first + number)
    return tuple(round(time - recorded[first], _DECIMALS) for time in times)


def rescale(times: Sequence[float], rate_hz: float) -> tuple[float, ...]:
    """The same arrivals, stretched to a mean rate; their burstiness stays as it is.

    Args:
        times: ascending seconds, two or more that differ.
        rate_hz: gaps per second that the result has on average.

    Raises:
        ValueError: the rate is not positive, or the times span nothing.
    """
    span = times[-1] - times[0] if times else 0.0
    if not rate_hz > 0 or not span > 0:
        raise ValueError("rescaling needs a rate above 0 and arrivals that span some time")
    stretch = (len(times) - 1) / rate_hz / span
    return tuple((time - times[0]) * stretch for time in times)


def _repeated(recorded: Sequence[float]) -> Iterator[float]:
    """The recording end to end, for ever."""
    period = recorded[-1] * len(recorded) / (len(recorded) - 1)
    for turn in count():
        for time in recorded:
            yield turn * period + time
