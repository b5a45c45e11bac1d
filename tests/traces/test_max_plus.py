"""What calls would have taken: kept gaps, and nothing shorter than it can be."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hhperf.traces.calls import Calls, Operation
from hhperf.traces.max_plus import Change, changed_totals

ANY = Operation("shop", "GET", 1, 1.0, is_root=True, children=3)


def calls_with(steps: list[tuple[float, float]], total: float) -> Calls:
    """One call whose steps are called by their number, as they begin."""
    ordered = np.array(sorted(steps), dtype=np.float64).reshape(-1, 2)
    count = len(ordered)
    return Calls(
        operation=ANY,
        names=tuple(map(str, range(count))),
        step=np.arange(count)[None],
        start=ordered[None, :, 0],
        end=ordered[None, :, 1],
        failed=np.zeros((1, count), dtype=np.bool_),
        asks=np.ones((1, count), dtype=np.bool_),
        total=np.array([total]),
        trace=np.zeros(1, dtype=np.int64),
        begun_ns=np.zeros(1, dtype=np.int64),
        span=np.zeros((1, count), dtype=np.int64),
        instance=np.zeros(1, dtype=np.int64),
        left_out={},
    )


def independent(calls: Calls, *pairs: tuple[int, int]) -> Change:
    """A change in which pairs need not wait for each other."""
    change = Change.none(len(calls.names))
    for one, other in pairs:
        change.independent[one, other] = change.independent[other, one] = True
    return change


ONE_AFTER_ANOTHER = calls_with([(1, 11), (13, 18), (19, 39)], 40.0)


@pytest.mark.parametrize(
    ("pairs", "total", "in_line"),
    [
        ([], 40, 40),
        ([(0, 1)], 33, 33),  # 5 of the second, and the gap before it
        ([(0, 1), (0, 2), (1, 2)], 22, 25),  # the longest step, with the gaps before it
        ([(0, 2)], 40, 40),  # it still waits for the one between
        ([(1, 2)], 33, 35),
    ],
)
def test_steps_wait_for_what_is_left(
    pairs: list[tuple[int, int]], total: float, in_line: float
) -> None:
    """The while before each step is kept; in line, so is what the call itself did before."""
    change = independent(ONE_AFTER_ANOTHER, *pairs)
    assert changed_totals(ONE_AFTER_ANOTHER, change) == pytest.approx([total])
    found = changed_totals(ONE_AFTER_ANOTHER, change, in_line=True)
    assert found == pytest.approx([in_line])


def test_steps_that_ask_nobody_stay_in_line_to_a_pessimist() -> None:
    """One processor may have to do both; a step that waits for somebody else overlaps with it."""
    change = independent(ONE_AFTER_ANOTHER, (0, 1))
    for asks, in_line in (((False, False, True), 40), ((False, True, True), 33)):
        calls = replace(ONE_AFTER_ANOTHER, asks=np.array([asks]))
        assert changed_totals(calls, change) == pytest.approx([33])
        assert changed_totals(calls, change, in_line=True) == pytest.approx([in_line])


def test_a_step_that_takes_no_time_shortens_its_chain() -> None:
    """And only that."""
    change = Change.none(3)
    change.factor[2] = 0.0
    assert changed_totals(ONE_AFTER_ANOTHER, change) == pytest.approx([20])


def test_steps_that_overlapped_are_no_longer_than_the_longest() -> None:
    """The one that others hid saves nothing."""
    calls = calls_with([(0, 10), (0, 30), (30, 40)], 40.0)
    change = Change.none(3)
    change.factor[0] = 0.0
    assert changed_totals(calls, change) == pytest.approx([40])


def test_rounded_times_follow_each_other() -> None:
    """A step that ends a microsecond after the next began was waited for."""
    calls = calls_with([(0, 10.000_001), (10, 20)], 20.0)
    assert changed_totals(calls, independent(calls, (0, 1))) == pytest.approx([10], abs=1e-4)
    change = Change.none(2)
    change.factor[0] = 0.0
    assert changed_totals(calls, change) == pytest.approx([10], abs=1e-4)


steps = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 50)).map(lambda two: (min(two), max(two))),
    max_size=7,
)


@settings(max_examples=50)
@given(steps, st.integers(0, 20), st.data())
def test_no_change_changes_nothing_and_none_prolongs(
    times: list[tuple[int, int]], rest: int, data: st.DataObject
) -> None:
    """Whatever overlapped; and the longest step still takes as long as it took."""
    spans = [(float(start), float(end)) for start, end in times]
    calls = calls_with(spans, max((end for _, end in spans), default=0.0) + rest)
    count = len(spans)
    assert changed_totals(calls, Change.none(count)) == pytest.approx(calls.total)
    pair = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1))
    pairs = data.draw(st.lists(pair)) if count else []
    change = independent(calls, *pairs)
    fast, slow = (changed_totals(calls, change, in_line=in_line) for in_line in (False, True))
    longest = max((end - start for start, end in spans), default=0.0)
    assert longest - 1e-9 <= fast[0] <= slow[0] + 1e-9
    assert slow[0] <= calls.total[0] + 1e-9
