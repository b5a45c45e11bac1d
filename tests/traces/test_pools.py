"""What is said of pools."""

import pytest

from hhperf.errors import TraceError
from hhperf.traces.pools import Pool, joined, of_operation, parse_pools, pool_of_steps

DATABASE = Pool("database", 4, ("vector", "text"))


def test_a_pool_is_said_in_a_word() -> None:
    """Name, size and steps; spaces do not matter."""
    assert parse_pools(["database=4:vector, text", DATABASE]) == (DATABASE, DATABASE)


@pytest.mark.parametrize("said", ["database", "database=4", "database=four:a", "=4:a", "db=4: ,"])
def test_what_says_no_pool_is_an_error(said: str) -> None:
    """With what to say."""
    with pytest.raises(TraceError, match="NAME=SIZE:STEPS"):
        parse_pools([said])


def test_one_that_is_said_replaces_the_files() -> None:
    """By its name."""
    larger, other = Pool("database", 8, ("vector",)), Pool("http", 2, ("embed",))
    assert joined([DATABASE, other], [larger]) == (larger, other)


def test_repeats_of_a_step_take_of_its_pool_too() -> None:
    """Named by their base, as in declarations."""
    names = ("text", "embed", "text #2", "vector")
    assert pool_of_steps([DATABASE], names).tolist() == [0, -1, 0, 0]


def test_a_step_has_one_pool() -> None:
    """Also where a pool is named twice over."""
    with pytest.raises(TraceError, match="'text' is in two pools: database and http"):
        pool_of_steps([DATABASE, Pool("http", 2, ("text",))], ("vector", "text"))


def test_a_step_that_there_is_not_is_named() -> None:
    """With those there are."""
    with pytest.raises(TraceError, match="pool database: no step 'vector'"):
        pool_of_steps([DATABASE], ("text",))


def test_a_file_names_pools_of_all_operations() -> None:
    """Those of which no step is here are others'."""
    assert of_operation([DATABASE], ("pay",)) == ()
    assert of_operation([DATABASE], ("text #2",)) == (DATABASE,)
