"""A stage that seems quicker: the others are delayed while it runs."""

import asyncio
from time import perf_counter_ns

import pytest

from hhperf.errors import ScheduleError
from hhperf.search.arm_names import bare_name
from hhperf.search.schedule import is_schedule, order_of
from hhperf.search.trace import Span
from hhperf.search.virtual_clock import Speedup, VirtualClock


async def worked(seconds: float) -> Span:
    """A stage that sleeps, as its span."""
    start = perf_counter_ns()
    await asyncio.sleep(seconds)
    return Span("text", start, perf_counter_ns())


async def sped(seconds: float) -> Span:
    """The same under the name of the stage that seems quicker."""
    span = await worked(seconds)
    return Span("embedding", span.start_ns, span.end_ns)


async def beside(factor: float, other_s: float, own_s: float = 0.02) -> tuple[Span, int, Span, int]:
    """Two stages at once: the other's span and its end, the sped-up one's, and what is gained."""
    clock = VirtualClock(Speedup("embedding", factor))
    ends: list[int] = []

    async def other() -> Span:
        span: Span = await clock.around("text", worked(other_s))
        ends.append(perf_counter_ns())
        return span

    quick, slow = await asyncio.gather(clock.around("embedding", sped(own_s)), other())
    return slow, ends[0], quick, clock.gained_ns


@pytest.mark.parametrize("factor", [0.0, 0.5], ids=["none", "half"])
@pytest.mark.parametrize("other_s", [0.005, 0.03], ids=["shorter", "longer"])
async def test_a_stage_beside_it_ends_later_by_what_was_gained_meanwhile(
    factor: float, other_s: float
) -> None:
    """On the virtual clock it lasts no less than it took; all is gained when both have ended."""
    slow, ended_ns, quick, gained_ns = await beside(factor, other_s)
    assert gained_ns >= round((1 - factor) * quick.duration_ns)
    met_ns = min(ended_ns, quick.end_ns) - max(slow.start_ns, quick.start_ns)
    assert ended_ns - slow.start_ns >= slow.duration_ns + (1 - factor) * met_ns - 1_000


async def test_a_stage_after_it_is_not_delayed() -> None:
    """It begins earlier on the virtual clock, and lasts what it took."""
    clock = VirtualClock(Speedup("embedding", 0.25))
    quick = await clock.around("embedding", sped(0.01))
    after = clock.mapped(await clock.around("text", worked(0.001)))
    assert clock.mapped(quick).end_ns <= after.start_ns
    assert clock.mapped(quick).duration_ns == pytest.approx(0.25 * quick.duration_ns, abs=2)


async def test_a_stage_before_it_stays_as_it_was() -> None:
    """Nothing has been gained yet."""
    clock = VirtualClock(Speedup("embedding", 0.5))
    before = await clock.around("text", worked(0.001))
    await clock.around("embedding", sped(0.001))
    assert clock.mapped(before) == before


async def test_a_modelled_delay_is_quicker_too() -> None:
    """The span says what of it is modelled, also where nothing was before."""
    clock = VirtualClock(Speedup("embedding", 0.5))
    span = await clock.around("embedding", sped(0.002))
    assert clock.mapped(span).modelled_ns == round(span.duration_ns / 2)
    drawn = Span(span.stage, span.start_ns, span.end_ns, modelled_ns=1_000_000)
    assert clock.mapped(drawn).modelled_ns == 500_000


async def test_a_failure_of_the_stage_delays_nobody_for_ever() -> None:
    """The stages beside it end, and the failure is raised as itself."""
    clock = VirtualClock(Speedup("embedding", 0.0))

    async def failing() -> None:
        await asyncio.sleep(0.002)
        raise ValueError("gone")

    ended = await asyncio.gather(
        clock.around("embedding", failing()),
        clock.around("text", worked(0.001)),
        return_exceptions=True,
    )
    assert [type(each) for each in ended] == [ValueError, Span]


def test_the_name_says_what_is_modelled() -> None:
    """And is still that of a schedule."""
    name = Speedup("embedding", 0.5).named("parallel")
    assert name == "parallel [embedding × 0.5 modelled]"
    assert (bare_name(name), is_schedule(name)) == ("parallel", True)
    assert order_of(name) is order_of("parallel")


@pytest.mark.parametrize("factor", [-0.1, 1.5])
def test_a_stage_cannot_seem_slower(factor: float) -> None:
    """Nor take less than no time."""
    with pytest.raises(ScheduleError, match="from 0 to 1"):
        Speedup("embedding", factor)
