"""Numbers of clusters over parts."""

import numpy as np
import pyarrow as pa

from hhperf.verdict.numbering import Numbering


def test_values_are_numbered_by_first_appearance() -> None:
    """Over all parts, and the same value alike in each."""
    numbering = Numbering()
    assert numbering.add(pa.array(["b", "a"])).tolist() == [0, 1]
    assert numbering.add(pa.array(["c", "a"])).tolist() == [2, 1]
    assert not numbering.crowded


def test_pairs_without_a_value_come_last_in_their_order() -> None:
    """Each is a cluster of its own, whichever part it was in."""
    numbering = Numbering()
    numbering.add(pa.array([7, 5]))
    numbering.add_unknown(np.array([9, 30]))
    numbering.add_unknown(np.array([12]))
    assert [each.tolist() for each in numbering.of_unknown()] == [[2, 4], [3]]


def test_values_beyond_the_most_share_numbers() -> None:
    """A value keeps the number it has been given."""
    numbering = Numbering(most=3)
    first = numbering.add(pa.array(["a", "b", "c", "d", "e"]))
    again = numbering.add(pa.array(["e", "d", "a"]))
    assert first[:3].tolist() == [0, 1, 2]
    assert again.tolist() == [first[4], first[3], 0]
    assert first.max() < 3
    assert numbering.crowded
    numbering.add_unknown(np.arange(5))
    numbering.add_unknown(np.arange(0))
    places, none = numbering.of_unknown()
    assert sorted(set(places.tolist())) == [0, 1, 2]
    assert not len(none)
