"""When calls come, as traces say it."""

from pathlib import Path

import numpy as np
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, TracesData

from hhperf.errors import TraceError
from hhperf.traces.arrivals import Arrivals, NotLoadedError, arrivals_of
from hhperf.traces.calls import Calls, calls_of, find_operation
from tests.traces.made import call, imported, message

STEPS = (("a", 0.0, 40.0), ("b", 40.0, 80.0))


def calls_at(folder: Path, *messages: TracesData) -> tuple[Calls, np.ndarray]:
    """The calls of messages, and how many each stands for."""
    traces = imported(folder, *messages)
    calls = calls_of(traces, find_operation(traces))
    return calls, traces.traces["weight"][calls.trace]


def every(
    seconds: float, count: int, first: int = 1, begin_s: float = 0, state: str = ""
) -> list[Span]:
    """So many calls, one after the other."""
    return [
        span
        for number in range(count)
        for span in call(
            first + number, STEPS, 90.0, at_ms=1e3 * (begin_s + number * seconds), state=state
        )
    ]


@pytest.fixture(scope="module")
def steady(tmp_path_factory: pytest.TempPathFactory) -> tuple[Calls, np.ndarray]:
    """A hundred calls, two a second."""
    return calls_at(tmp_path_factory.mktemp("steady"), message(every(0.5, 100)))


def test_calls_come_as_they_were_recorded(steady: tuple[Calls, np.ndarray]) -> None:
    """At their rate, in windows of equal length."""
    found = arrivals_of(*steady)
    assert found.rate_hz == found.recorded_hz == pytest.approx(2.0)
    assert found.at_s == pytest.approx(np.arange(100) / 2)
    assert found.call.tolist() == list(range(100))
    assert np.bincount(found.window).tolist() == [5] * 20
    assert (found.processes, set(found.stretch.tolist())) == (1, {0})


@pytest.mark.parametrize("rate", ["3x", 6, "6"])
def test_another_rate_moves_calls_together(
    steady: tuple[Calls, np.ndarray], rate: float | str
) -> None:
    """The same calls in a third of the time."""
    found = arrivals_of(*steady, rate)
    assert found.rate_hz == pytest.approx(6.0)
    assert found.at_s == pytest.approx(np.arange(100) / 6)


@pytest.mark.parametrize("rate", ["fast", "x", "-2", "inf", "nan"])
def test_what_is_no_rate_is_an_error(steady: tuple[Calls, np.ndarray], rate: str) -> None:
    """With what to say."""
    with pytest.raises(TraceError, match="say calls a second, such as 30"):
        arrivals_of(*steady, rate)


def test_a_pause_is_no_part_of_the_load(tmp_path: Path) -> None:
    """What comes after it begins with nothing under way, and the rate is that of the rest."""
    spans = every(0.5, 50) + every(0.5, 50, first=51, begin_s=1_000)
    found = arrivals_of(*calls_at(tmp_path, message(spans)))
    assert found.recorded_hz == pytest.approx(2.0)
    assert found.stretch.tolist() == [0] * 50 + [1] * 50
    assert found.at_s[50:] == pytest.approx(found.at_s[:50])


def test_each_process_has_arrivals_of_its_own(tmp_path: Path) -> None:
    """The rate is of all of them."""
    one = message(every(0.5, 60), instance="one")
    other = message(every(0.5, 60, first=61, begin_s=0.2), instance="other")
    found = arrivals_of(*calls_at(tmp_path, one, other))
    assert found.processes == 2
    assert found.recorded_hz == pytest.approx(4.0, rel=0.02)
    assert np.bincount(found.stretch).tolist() == [60, 60]


def test_sampled_traces_come_at_the_rate_that_they_stand_for(tmp_path: Path) -> None:
    """One of four is there: four times as many come, at random."""
    found = arrivals_of(*calls_at(tmp_path, message(every(0.5, 400, state="ot=th:c"))))
    assert found.recorded_hz == pytest.approx(8.0)
    gaps = np.diff(found.at_s)
    assert gaps.mean() == pytest.approx(1 / 8, rel=0.15)
    assert gaps.std() == pytest.approx(gaps.mean(), rel=0.2)  # as of a Poisson process
    assert sorted(found.call.tolist()) == list(range(400))


def test_those_that_stand_for_more_come_more_often(tmp_path: Path) -> None:
    """Every other one stands for four, the rest for themselves."""
    spans = [
        span
        for number in range(200)
        for span in call(
            number + 1,
            STEPS,
            90.0,
            at_ms=number * 500.0,
            state=f"ot=th:{'c' if number % 2 else '0'}",
        )
    ]
    found = arrivals_of(*calls_at(tmp_path, message(spans)))
    assert found.recorded_hz == pytest.approx(2.0 * 2.5)
    assert (found.call % 2).mean() == pytest.approx(0.8, abs=0.05)


def test_few_calls_say_too_little(tmp_path: Path) -> None:
    """And why is said."""
    with pytest.raises(NotLoadedError, match="59 calls say too little"):
        arrivals_of(*calls_at(tmp_path, message(every(0.5, 59))))


def test_calls_of_one_moment_say_nothing(tmp_path: Path) -> None:
    """As of traces whose times were made up."""
    with pytest.raises(NotLoadedError, match="begin at few moments"):
        arrivals_of(*calls_at(tmp_path, message(every(0.0, 80))))


def test_arrivals_are_the_same_each_time(tmp_path: Path) -> None:
    """By the seed."""
    calls = calls_at(tmp_path, message(every(0.5, 100, state="ot=th:8")))

    def moments(seed: int) -> list[float]:
        found: Arrivals = arrivals_of(*calls, seed=seed)
        return list(found.at_s)

    assert moments(1) == moments(1) != moments(2)
