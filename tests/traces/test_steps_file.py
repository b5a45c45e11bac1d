"""The file in which a team says what it knows of its steps."""

from pathlib import Path

import pytest

from hhperf.errors import TraceFileError
from hhperf.traces.calls import Operation
from hhperf.traces.declared import Declared, parse_independent
from hhperf.traces.pools import Pool
from hhperf.traces.steps_file import read_declared, read_pools, save_declared
from hhperf.traces.structure import Structure, learn_structure
from hhperf.traces.trace_set import TraceSet
from tests.traces.made import OPERATION, call, imported, message

SHOP = Operation("shop", OPERATION, 1, 1.0, is_root=True, children=3)
STEPS = (("embed", 1, 10), ("look up", 10.3, 20), ("rank", 21, 30))
SAID = Declared(
    frozenset({frozenset(("embed", "look up"))}), frozenset({frozenset(("embed", "rank"))})
)


@pytest.fixture
def traces(tmp_path: Path) -> TraceSet:
    """One call of three steps."""
    return imported(tmp_path, message(call(1, STEPS, 40.0)))


@pytest.fixture
def structure(traces: TraceSet) -> Structure:
    """Of that call."""
    return learn_structure(traces)


def test_the_import_writes_a_file_that_declares_nothing(traces: TraceSet) -> None:
    """With what the traces show, the closest pairs first, ready to be uncommented."""
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


def test_the_import_writes_how_pools_are_named(traces: TraceSet) -> None:
    """As comments, ready to be uncommented."""
    file = traces.path / "steps.toml"
    text = file.read_text(encoding="utf-8")
    assert read_pools(file) == ()
    said = text.replace("# [pools]", "[pools]").replace("# database", "database")
    file.write_text(said, encoding="utf-8")
    assert read_pools(file) == (Pool("database", 20, ("vector", "text")),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pools = 4", "field 'pools': must be a table"),
        ("pools.db = {size = 4}", "field 'pools.db': must have size and steps"),
        ("pools.db = {size = 4, steps = ['a'], hosts = 1}", "and nothing else"),
        ("pools.db = {size = '4', steps = ['a']}", "field 'pools.db.size': must be a whole"),
        ("pools.db = {size = 0, steps = ['a']}", "field 'pools.db': pool db: its size 0"),
        ("pools.db = {size = 4, steps = 'a'}", "field 'pools.db.steps': must be a list"),
        ("pools.db = {size = 4, steps = []}", "name the steps"),
        ("pools.db = {size = 4, steps = ['a'], waits = [1]}", "field 'pools.db.waits'"),
    ],
)
def test_a_bad_pool_is_named_with_the_field(text: str, said: str, tmp_path: Path) -> None:
    """And with what it must be."""
    file = tmp_path / "steps.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(TraceFileError, match=said):
        read_pools(file)


def test_pools_stay_where_an_operation_is_written(traces: TraceSet, structure: Structure) -> None:
    """Before its part and after it."""
    file = traces.path / "steps.toml"
    for text in (
        "[pools]\ndb = {size = 4, steps = ['a']}\n\n{}",
        "{}\n[pools]\ndb = {size = 4, steps = ['a']}\n",
    ):
        part = f'[operation."shop {OPERATION}"]\nindependent = []\n'
        file.write_text(text.replace("{}", part), encoding="utf-8")
        save_declared(file, structure, SAID)
        assert read_pools(file) == (Pool("db", 4, ("a",)),)
        assert read_declared(file, SHOP) == SAID


def test_what_is_said_is_written_and_read_again(traces: TraceSet, structure: Structure) -> None:
    """With what the traces show beside it; the pairs of which nothing is said stay as comments."""
    file = traces.path / "steps.toml"
    save_declared(file, structure, SAID)
    text = file.read_text(encoding="utf-8")
    assert '    ["embed", "look up"],  # never overlapped in 1 call, median gap 0.30 ms' in text
    assert '#   ["look up", "rank"],  # never' in text
    assert text.count("[operation.") == 1
    assert read_declared(file, SHOP) == SAID


def test_what_is_said_no_more_is_gone(traces: TraceSet, structure: Structure) -> None:
    """Also where somebody wrote it by hand, at the line's beginning."""
    file = traces.path / "steps.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('#   ["embed", "look', '["embed", "look'), encoding="utf-8")
    save_declared(file, structure, Declared(rest_depends=True))
    assert read_declared(file, SHOP) == Declared(rest_depends=True)


def test_other_operations_and_words_stay(tmp_path: Path, structure: Structure) -> None:
    """Before and after the part that is written."""
    file = tmp_path / "steps.toml"
    first = '# mine\n[operation."shop a"]\nindependent = [["x", "y"]]\n\n'
    mine = f'[operation."shop {OPERATION}"]\nrest = "dependent"\n'
    last = '[operation."shop z"]  # and why\ndependent = []\n'
    file.write_text(first + mine + last, encoding="utf-8")
    save_declared(file, structure, SAID)
    text = file.read_text(encoding="utf-8")
    assert text.startswith(first)
    assert text.endswith("\n" + last)
    assert read_declared(file, SHOP) == SAID


def test_a_file_that_is_gone_is_made_anew(tmp_path: Path, structure: Structure) -> None:
    """With what to do with it."""
    save_declared(tmp_path / "steps.toml", structure, SAID)
    assert (tmp_path / "steps.toml").read_text(encoding="utf-8").startswith("# Which steps")
    assert read_declared(tmp_path / "steps.toml", SHOP) == SAID


def test_a_file_written_in_another_way_is_left_alone(tmp_path: Path, structure: Structure) -> None:
    """It would have the operation twice."""
    file = tmp_path / "steps.toml"
    text = f"operation.'shop {OPERATION}'.rest = 'dependent'\n"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(TraceFileError, match="write it by hand"):
        save_declared(file, structure, SAID)
    assert file.read_text(encoding="utf-8") == text


def test_any_name_can_be_written(tmp_path: Path) -> None:
    """TOML knows no pairs of surrogates, as JSON has them."""
    names = 'pay \N{MONEY BAG} "now"', "back\\slash\x7f"
    steps = ((names[0], 1, 2), (names[1], 3, 4))
    traces = imported(tmp_path, message(call(1, steps, 5.0)))
    structure = learn_structure(traces)
    said = parse_independent([names])
    save_declared(traces.path / "steps.toml", structure, said)
    assert read_declared(traces.path / "steps.toml", structure.operation) == said
