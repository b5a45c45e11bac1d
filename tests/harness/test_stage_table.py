"""Tables of what a service calls its stages."""

from pathlib import Path

import pytest

from hhperf.errors import StageTableError
from hhperf.harness.stage_table import PRODUCTION, StageTable, load_stage_table

TABLE = """
ignore = ["cdn"]
[stages]
db = "retrieval"
[sums]
app = "total"
"""


def test_a_table_is_read(tmp_path: Path) -> None:
    """And says on a line what it says."""
    path = tmp_path / "stages.toml"
    path.write_text(TABLE)
    table = load_stage_table(path)
    assert table == StageTable({"db": "retrieval"}, {"app": "total"}, frozenset({"cdn"}))
    assert table.describe() == "db is retrieval, app is total, cdn is ignored"
    assert PRODUCTION.describe() == ""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[stage]\ndb = 'x'", r"stages\.toml: field 'stage': .*there are ignore, \[stages\]"),
        ("[stages]\ndb = 3", r"field 'stages\.db'"),
        ("[sums]\ndb = 'half'", r"field 'sums\.db': .*'total' or 'retrieval'"),
        ("[stages]\ndb = 'total'", r"field 'stages\.db': total is no stage"),
        ("ignore = ['db']\n[stages]\ndb = 'x'", "field 'db': stands in the table twice"),
        ("db: retrieval", r"stages\.toml: .*line 1"),
    ],
    ids=["unknown section", "a number", "unknown sum", "a sum as stage", "twice", "no TOML"],
)
def test_a_table_that_cannot_be_used_is_said(tmp_path: Path, content: str, said: str) -> None:
    """With the file, the field and what there is."""
    path = tmp_path / "stages.toml"
    path.write_text(content)
    with pytest.raises(StageTableError, match=said):
        load_stage_table(path)


def test_a_table_that_is_not_there_is_said(tmp_path: Path) -> None:
    """By its path."""
    with pytest.raises(StageTableError, match=r"stages\.toml: No such file"):
        load_stage_table(tmp_path / "stages.toml")
