"""A modelled stage lasts at least its time, with the work inside."""

import asyncio
from collections.abc import Iterable
from time import perf_counter_ns

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhperf.search.trace import Span, Timings, Trace, covered_ns, lasting, no_delay, wait_until


async def test_never_early() -> None:
    """An event loop may wake a sleeper before its time; the stage is not over then."""
    for _ in range(20):
        deadline = perf_counter_ns() + 1_234_567
        await wait_until(deadline)
        assert perf_counter_ns() >= deadline


async def test_the_work_is_inside() -> None:
    """Work of 20 ms in a stage of 30 ms leaves 10 ms to wait for, not 30."""
    slept: list[float] = []
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await real(seconds)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio, "sleep", sleep)
        async with lasting(0.03):
            await real(0.02)
    assert 0 < sum(slept[:1]) <= 0.01


async def test_a_failing_block_is_not_made_to_last() -> None:
    """A refused connection does not wait out its budget."""
    with pytest.raises(OSError, match="refused"):
        async with asyncio.timeout(5), lasting(60):
            raise OSError("refused")


async def test_a_deadline_that_has_passed() -> None:
    """Nothing is waited for, not even one turn of the loop."""
    turned: list[bool] = []
    asyncio.get_running_loop().call_soon(turned.append, True)
    await wait_until(perf_counter_ns() - 1)
    assert not turned


def test_nothing_is_modelled_by_default() -> None:
    """Every stage takes what it takes."""
    assert no_delay("vector", "r-1") == 0.0


MS = 1_000_000
STAGES = ("embedding", "specialty", "vector", "text", "statement", "fusion", "hydration",
          "ranking", "rerank", "cache")  # fmt: skip


def spans(**begin_and_end_ms: tuple[int, int]) -> list[Span]:
    """Spans by stage, in milliseconds."""
    return [Span(stage, a * MS, b * MS) for stage, (a, b) in begin_and_end_ms.items()]


any_span = st.builds(
    lambda stage, start, length: Span(stage, start, start + length),
    st.sampled_from(STAGES),
    st.integers(0, 1_000),
    st.integers(0, 1_000),
)


def test_each_stage_has_its_own_time() -> None:
    """A stage's time is its own, whatever ran beside it."""
    timings = Timings.of(spans(embedding=(0, 50), specialty=(0, 20), vector=(50, 150)), 0.15)
    assert timings.to_wire() == {
        "totalMs": 150.0, "embeddingMs": 50.0, "specialtyMs": 20.0, "vectorSearchMs": 100.0,
        "textSearchMs": 0.0, "retrievalMs": 100.0, "rankingMs": 0.0, "rerankMs": 0.0,
        "cacheMs": 0.0, "preSearchMs": 50.0, "parallelSavingsMs": 20.0,
    }  # fmt: skip


def test_savings_are_not_the_whole_elapsed_time() -> None:
    """Two stages of 100 ms that overlap by 30 ms save 30 ms."""
    assert Timings.of(spans(vector=(0, 100), text=(70, 170)), 0.17).parallel_savings_s == 0.03


def test_retrieval_is_the_time_that_retrieval_ran() -> None:
    """What the searches waited for in between is no retrieval."""
    timings = Timings.of(spans(text=(0, 10), vector=(50, 60), fusion=(60, 61)), 0.1)
    assert timings.retrieval_s == pytest.approx(0.021)


def test_a_stage_that_ran_twice_counts_twice() -> None:
    """The cache is read at the beginning and written at the end."""
    twice = [Span("cache", 0, MS), Span("cache", 9 * MS, 10 * MS)]
    assert Timings.of(twice, 0.01).cache_s == 0.002


@given(st.lists(any_span))
def test_savings_are_never_below_zero(some: list[Span]) -> None:
    """Whatever the spans, nothing is lost by running at once."""
    assert Timings.of(some, 0.0).parallel_savings_s >= 0


@given(st.lists(st.tuples(st.sampled_from(STAGES), st.integers(0, 1_000), st.integers(0, 9))))
def test_one_after_another_saves_exactly_nothing(some: list[tuple[str, int, int]]) -> None:
    """Spans that follow one another, with pauses or without, save 0 and not a rounding error."""
    now, after_another = 0, []
    for stage, length, pause in some:
        after_another.append(Span(stage, now, now + length))
        now += length + pause
    assert Timings.of(after_another, 0.0).parallel_savings_s == 0.0


@given(st.lists(any_span, max_size=8))
def test_covered_time_is_counted_once(some: list[Span]) -> None:
    """The same as counting each nanosecond in which anything ran."""
    ticks: Iterable[int] = {tick for span in some for tick in range(span.start_ns, span.end_ns)}
    assert covered_ns(some) == len(set(ticks))


def test_a_failing_stage_is_timed() -> None:
    """The time of a stage that failed was spent all the same."""
    trace = Trace()
    with pytest.raises(RuntimeError), trace.span("vector"):
        raise RuntimeError
    assert [span.stage for span in trace.spans] == ["vector"]


def test_modelled_stages_are_named() -> None:
    """Only stages that were made to last a time are modelled."""
    trace = Trace()
    with trace.span("vector", 0.1), trace.span("text"):
        pass
    with trace.span("embedding", 0.1) as span:
        span.modelled_s = 0.0  # answered by the cache
    assert trace.modelled == ["vector"]


def test_warnings_do_not_carry_the_words_of_errors() -> None:
    """Errors name hosts and users; the caller is told the kind alone."""
    trace = Trace()
    trace.miss("specialty", ConnectionRefusedError("10.0.0.7:5432 refused password of admin"))
    assert trace.missing == ["specialty"]
    assert trace.warnings == ["specialty: ConnectionRefusedError"]
