"""What a team says of its steps, on the command line and in a file."""

from pathlib import Path

import pytest

from hhperf.errors import TraceError, TraceFileError
from hhperf.traces.calls import Operation
from hhperf.traces.declared import Declared, check_names, parse_independent, read_declared
from hhperf.traces.structure import learn_structure
from tests.traces.made import OPERATION, call, imported, message

NAMES = ("cache", "embed", "cache #2", "rank")
SHOP = Operation("shop", OPERATION, 1, 1.0, is_root=True, children=3)
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


def test_the_import_writes_a_file_that_declares_nothing(tmp_path: Path) -> None:
    """With what the traces show, the closest pairs first, ready to be uncommented."""
    traces = imported(tmp_path, message(call(1, STEPS, 40.0)))
    file = traces.path / "steps.toml"
    text = file.read_text(encoding="utf-8")
    shown = '#   ["embed", "look up"],  # never overlapped in 1 call, median gap 0.30 ms'
    assert next(line for line in text.splitlines() if line.startswith("#   [")) == shown
    assert read_declared(file, SHOP) == Declared()
    file.write_text(text.replace(shown, shown.lstrip("# ")), encoding="utf-8")
    assert read_declared(file, SHOP) == parse_independent(["embed,look up"])


def test_no_file_says_nothing(tmp_path: Path) -> None:
    """It may have been deleted."""
    assert read_declared(tmp_path / "none.toml", SHOP) == Declared()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("independent = ", "is no TOML of steps"),
        ("independnt = []", "field 'independnt': is not known; there are dependent, independent"),
        ('independent = ["embed"]', "field 'independent': must be a list of pairs"),
        ('dependent = "embed"', "field 'dependent': must be a list of pairs"),
        ('rest = "free"', "field 'rest': must be"),
    ],
)
def test_a_bad_file_is_named_with_the_field(text: str, said: str, tmp_path: Path) -> None:
    """And with what it must be."""
    file = tmp_path / "steps.toml"
    file.write_text(f'[operation."shop {OPERATION}"]\n{text}\n', encoding="utf-8")
    with pytest.raises(TraceFileError, match=said):
        read_declared(file, SHOP)


def test_a_step_that_there_is_not_is_named(tmp_path: Path) -> None:
    """With the one most like it."""
    found = learn_structure(imported(tmp_path, message(call(1, STEPS, 40.0))))
    with pytest.raises(TraceError, match="no step 'embedd'; did you mean embed"):
        check_names(parse_independent(["embedd,rank"]), found)
