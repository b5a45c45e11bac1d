"""What a team says of its steps."""

from pathlib import Path

import pytest

from hhperf.errors import TraceError
from hhperf.traces.declared import Declared, check_names, parse_independent
from hhperf.traces.structure import learn_structure
from tests.traces.made import call, imported, message

NAMES = ("cache", "embed", "cache #2", "rank")
STEPS = (("embed", 1, 10), ("look up", 10.3, 20), ("rank", 21, 30))


def test_a_name_stands_for_all_its_repeats() -> None:
    """Unless one repeat is named; and no step is independent of itself."""
    found = parse_independent(["cache,embed"]).matrix(NAMES)
    assert [(one, other) for one in range(4) for other in range(4) if found[one, other]] == [
        (0, 1), (1, 0), (1, 2), (2, 1),
    ]  # fmt: skip
    assert parse_independent(["cache #2,rank"]).matrix(NAMES).sum() == 2


def test_three_steps_are_three_pairs() -> None:
    """Any two of them."""
    assert len(parse_independent(["a, b,c"]).independent) == 3


def test_names_with_a_comma_are_given_one_by_one() -> None:
    """In Python; they are taken as they are."""
    found = parse_independent([("GET /a,b", " c")])
    assert found.independent == {frozenset(("GET /a,b", " c"))}


def test_one_step_is_no_pair() -> None:
    """It is said what to write."""
    with pytest.raises(TraceError, match="name two steps or more"):
        parse_independent(["embed"])


def test_repeats_depend_on_each_other_unless_declared() -> None:
    """A retry waits for what failed."""
    assert Declared().forbidden(NAMES).sum() == 2
    assert not parse_independent(["cache,cache #2"]).forbidden(NAMES).any()


def test_the_rest_may_be_said_to_depend() -> None:
    """Then nothing else is possible."""
    said = parse_independent(["cache,embed"], rest_depends=True)
    assert (said.forbidden(NAMES) == ~said.matrix(NAMES)).all()


def test_a_step_that_there_is_not_is_named(tmp_path: Path) -> None:
    """With the one most like it."""
    found = learn_structure(imported(tmp_path, message(call(1, STEPS, 40.0))))
    with pytest.raises(TraceError, match="no step 'embedd'; did you mean embed"):
        check_names(parse_independent(["embedd,rank"]), found)
