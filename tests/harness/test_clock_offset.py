"""How far another machine's clock is from this one's."""

from hypothesis import given, settings
from hypothesis import strategies as st

from hhperf.harness.clock_offset import ClockLine, Exchange, Offset, offset_of

MS = 1_000_000
DELAYS = st.integers(0, 50 * MS)


def exchange(
    ahead_ns: int, out_ns: int, back_ns: int, at_ns: int = 0, held_ns: int = 0
) -> Exchange:
    """What both read where their clock is ahead by so much, and the ways take so long."""
    arrived_ns = at_ns + out_ns
    left_ns = arrived_ns + held_ns
    return Exchange(at_ns, arrived_ns + ahead_ns, left_ns + ahead_ns, left_ns + back_ns)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(
    ahead_ns=st.integers(-(10**18), 10**18),
    ways=st.lists(st.tuples(DELAYS, DELAYS, DELAYS), min_size=1, max_size=20),
)
def test_the_error_is_at_most_half_the_asymmetry(
    ahead_ns: int, ways: list[tuple[int, int, int]]
) -> None:
    """Of the exchange of the least delay, and within what the estimate says of itself."""
    found = offset_of([exchange(ahead_ns, out, back, held_ns=held) for out, back, held in ways])
    out_ns, back_ns, _ = min(ways, key=lambda way: way[0] + way[1])
    error_ns = abs(found.ahead_ns - ahead_ns)
    assert error_ns <= max(
        abs(out - back) / 2 + 1 for out, back, _ in ways if out + back == out_ns + back_ns
    )
    assert error_ns <= found.within_ns + 1


def test_the_quickest_of_many_is_taken() -> None:
    """The others waited somewhere, on one of the ways."""
    slow, quick = exchange(7 * MS, 20 * MS, MS), exchange(7 * MS, MS, MS, at_ns=50 * MS)
    assert offset_of([slow, quick, slow]) == Offset(51 * MS, 7 * MS, MS)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(drift=st.floats(-1e-4, 1e-4), share=st.floats(0, 1))
def test_between_two_moments_a_clock_drifts_evenly(drift: float, share: float) -> None:
    """What it has gained by then is a share of what it gains in all."""
    span_ns = 600 * 10**9
    line = ClockLine(
        Offset(0, 5 * MS, MS), Offset(span_ns, 5 * MS + round(drift * span_ns), 2 * MS)
    )
    at_ns = round(share * span_ns)
    assert abs(line.ahead_ns(at_ns) - (5 * MS + drift * at_ns)) <= 1_000
    assert line.within_ns == 2 * MS


def test_beyond_its_ends_a_line_says_what_it_knows_last() -> None:
    """A slope that is measured over a moment says nothing about an hour."""
    line = ClockLine(Offset(100, 10, 1), Offset(200, 20, 1))
    assert [line.ahead_ns(at) for at in (0, 150, 900)] == [10, 15, 20]
    assert ClockLine(Offset(100, 10, 1), Offset(100, 10, 1)).ahead_ns(500) == 10
