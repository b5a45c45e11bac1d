"""Checks at the door."""

import math
from typing import Any

import numpy as np
import pytest

from hhperf.analysis.samples import factorize, flags, latencies, make_pairs
from hhperf.errors import SampleError


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([], "there are no latencies"),
        ([1.0, math.nan], r"control\[1\] = nan is NaN"),
        ([1.0, -2.0, -3.0], r"control\[1\] = -2 is negative \(2 such values\)"),
        ([0.0], r"control\[0\] = 0 is zero"),
        ([1.0, -math.inf], "negative"),
        ([[1.0]], "one dimension"),
        (["fast"], "must be numbers"),
    ],
)
def test_unusable_latencies_are_refused_by_name(values: Any, message: str) -> None:
    """The error names the arm, the place and the value."""
    with pytest.raises(SampleError, match=message):
        latencies(values, "control")


def test_failures_are_kept() -> None:
    """A failed request stays in the sample as +inf."""
    assert make_pairs([1.0, math.inf], [1.0, 1.0]).control.tolist() == [1.0, math.inf]


def test_arms_of_different_length_are_refused() -> None:
    """A pair needs both of its latencies."""
    with pytest.raises(SampleError, match="pairs need both"):
        make_pairs([1.0, 2.0], [1.0])


def test_labels_of_another_length_are_refused() -> None:
    """Every pair needs a label."""
    with pytest.raises(SampleError, match="1 labels for 2 pairs"):
        make_pairs([1.0, 2.0], [1.0, 2.0], ["a"])


@pytest.mark.parametrize("labels", [["b", "a", "b"], [7, 3, 7], np.array(["b", "a", "b"])])
def test_labels_are_numbered_in_sorted_order(labels: Any) -> None:
    """Codes depend on the labels alone, not on where they first appear."""
    codes, count = factorize(labels)
    assert (codes.tolist(), count) == ([1, 0, 1], 2)


@pytest.mark.parametrize("labels", [["a", None, None], [1.0, math.nan, math.nan]])
def test_missing_labels_stand_alone(labels: Any) -> None:
    """Requests without a session are not one big session."""
    codes, count = factorize(labels)
    assert (codes.tolist(), count) == ([0, 1, 2], 3)


def test_cluster_sums_add_within_clusters() -> None:
    """Sums go to the cluster's own place."""
    pairs = make_pairs([1.0, 2.0, 4.0], [1.0, 1.0, 1.0], [5, 3, 5])
    assert pairs.cluster_sums(pairs.control).tolist() == [2.0, 5.0]


def test_flags_take_only_yes_and_no() -> None:
    """A count is not a flag."""
    assert flags([1, 0], "hits").tolist() == [True, False]
    with pytest.raises(SampleError, match="only true and false"):
        flags([2, 0], "hits")
