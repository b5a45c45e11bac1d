"""What became of lookups: by hand, from a few of them."""

from collections.abc import Sequence

import pytest

from hhperf.why.lookups import Lookup, counted

Row = tuple[str, float, float, bool]


def events(rows: Sequence[Row]) -> list[Lookup]:
    """Key, beginning, end in seconds, and whether it was a hit."""
    return [Lookup(*row) for row in rows]


BURST: list[Row] = [
    ("java", 0.0, 1.0, False),
    ("java", 0.1, 1.0, False),
    ("rust", 0.2, 1.2, False),
    ("java", 0.9, 1.0, False),
    ("java", 1.5, 1.51, True),
    ("java", 9.0, 9.5, False),
]


def test_equal_lookups_at_once_are_counted_without_the_first() -> None:
    """Two joined the first; the one of another text did not."""
    found = counted(events(BURST))
    assert (found.asked, found.hits, found.misses) == (6, 1, 5)
    assert (found.equal, found.largest) == (2, 3)


def test_coalescing_fetches_once_for_all_of_them() -> None:
    """Without it each miss is a fetch."""
    found = counted(events(BURST))
    assert found.fetches(coalescing=True) == 3
    assert found.fetches(coalescing=False) == 5


def test_a_miss_of_what_was_known_is_a_renewal() -> None:
    """Its time to live was over; the first ones of each text are none."""
    assert counted(events(BURST)).renewed == 1


def test_hit_ratios_go_by_time() -> None:
    """A quarter each."""
    rows = [("a", float(n), n + 0.1, n >= 6) for n in range(8)]
    assert counted(events(rows)).hit_ratios == pytest.approx((0.0, 0.0, 0.0, 1.0))


def test_few_lookups_have_fewer_parts() -> None:
    """None is empty."""
    assert counted(events(BURST[:2])).hit_ratios == (0.0, 0.0)
