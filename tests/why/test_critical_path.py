"""Critical paths."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhperf.errors import SampleError
from hhperf.why.critical_path import critical_path

DIAMOND = {"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c")}
seconds = st.floats(0, 10)


def test_of_two_stages_side_by_side_the_slower_counts() -> None:
    """The path goes through the longer branch, run by run."""
    path = critical_path({"a": [1, 1], "b": [2, 5], "c": [3, 1], "d": [1, 1]}, DIAMOND)
    assert path.tolist() == [5, 7]


def test_a_chain_takes_the_sum() -> None:
    """Stages that all wait for the one before add up."""
    assert critical_path({"a": 1.0, "b": 2.0}, {"a": (), "b": ("a",)}).tolist() == [3]


def test_a_stage_that_never_ran_takes_no_time() -> None:
    """A stage without durations holds nobody up."""
    assert critical_path({"a": [1.0], "d": [1.0]}, DIAMOND).tolist() == [2]


def test_stages_in_a_circle_are_refused() -> None:
    """Two stages that wait for each other never end."""
    with pytest.raises(SampleError, match="a, b wait for each other"):
        critical_path({"a": 1.0, "b": 1.0}, {"a": ("b",), "b": ("a",)})


@given(st.fixed_dictionaries(dict.fromkeys("abcd", seconds)))
def test_the_path_lies_between_the_longest_stage_and_the_sum(durations: dict[str, float]) -> None:
    """No schedule is shorter than its longest stage or longer than all of them in a row."""
    (path,) = critical_path(durations, DIAMOND)
    assert max(durations.values()) <= path <= sum(durations.values()) + 1e-9


@given(st.fixed_dictionaries(dict.fromkeys("abcd", seconds)))
def test_waiting_for_less_never_takes_longer(durations: dict[str, float]) -> None:
    """Taking a wait away shortens the path or leaves it."""
    looser = {**DIAMOND, "c": ()}
    assert np.all(critical_path(durations, looser) <= critical_path(durations, DIAMOND))
