"""What is ticked, in other forms."""

import json
import shlex

import pytest
from typer.testing import CliRunner

import hhperf
from hhperf.cli.main import app
from hhperf.show.look.as_said import said_as
from hhperf.show.look.ticks import Ticks
from hhperf.traces.declared import Declared
from hhperf.traces.structure import learn_structure
from hhperf.traces.trace_set import TraceSet

SHOP = "shop GET /search"
TICKED = Ticks(operation=SHOP, independent=(("embed", "text"),), rest_depends=True)


def test_the_command_and_the_call_predict_the_same(shop: TraceSet) -> None:
    """What is copied gives what was seen."""
    said = said_as(shop.path, TICKED, learn_structure(shop), (), Declared())
    ended = CliRunner().invoke(app, [*shlex.split(said["command"])[1:], "--json"])
    called = eval(said["python"], {"hhperf": hhperf})
    assert json.loads(ended.stdout) == called.to_dict()
    assert called["mean"].saving.point == pytest.approx(0.41)


def test_the_file_is_told_from_what_is_ticked(shop: TraceSet) -> None:
    """And that a command goes by both where the file says more."""
    structure = learn_structure(shop)
    same = said_as(shop.path, TICKED, structure, (), TICKED.declared)
    assert (same["is_filed"], same["note"]) == (True, "")
    filed = Declared(frozenset({frozenset(("text", "rank"))}))
    more = said_as(shop.path, TICKED, structure, ("session.id",), filed)
    assert not more["is_filed"]
    assert more["note"] == "the file says more than is ticked, and command and call go by both"
    assert "--rest-depends --cluster session.id" in more["command"]
    assert '["embed", "text"],' in more["toml"]


def test_a_name_with_a_comma_is_no_part_of_a_command(shop: TraceSet) -> None:
    """It is said so; Python takes it."""
    ticks = Ticks(operation=SHOP, independent=(("GET /a,b", "embed"),))
    said = said_as(shop.path, ticks, learn_structure(shop), (), Declared())
    assert "--independent" not in said["command"]
    assert "independent=[('GET /a,b', 'embed')]" in said["python"]
    assert "comma can only be said in the file" in said["note"]
