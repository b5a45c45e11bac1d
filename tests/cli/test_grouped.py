"""Groups of options."""

from dataclasses import dataclass, field
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from hhperf.cli.grouped import grouped


@dataclass(frozen=True)
class Inner:
    """A group within another."""

    c: Annotated[int, typer.Option(help="C.")] = 3


@dataclass(frozen=True)
class Outer:
    """Two options with a group between them."""

    b: Annotated[int, typer.Option(help="B.")] = 2
    inner: Inner = field(default_factory=Inner)
    d: Annotated[int, typer.Option(help="D.")] = 4


FAR = Outer(d=40)


def verb(a: str, *, near: Outer, e: int = 5) -> None:
    """Print what it was given."""
    typer.echo(f"{a} {near.b} {near.inner.c} {near.d} {e}")


def verb_with_default(a: str, far: Outer = FAR) -> None:
    """The same, of a group with a default of its own."""
    typer.echo(f"{a} {far.b} {far.inner.c} {far.d}")


@pytest.mark.parametrize(
    ("function", "arguments", "said"),
    [
        (verb, ["x"], "x 2 3 4 5"),
        (verb, ["x", "--c", "7", "--e", "9"], "x 2 7 4 9"),
        (verb_with_default, ["x"], "x 2 3 40"),
        (verb_with_default, ["x", "--d", "1"], "x 2 3 1"),
    ],
)
def test_fields_are_options(function: object, arguments: list[str], said: str) -> None:
    """By their names, at any depth, with the group's defaults or the parameter's."""
    app = typer.Typer()
    app.command()(grouped(function))  # type: ignore[arg-type]
    assert CliRunner().invoke(app, arguments).output.strip() == said


def test_options_stand_where_their_group_does() -> None:
    """In the help too."""
    app = typer.Typer()
    app.command()(grouped(verb))
    command = typer.main.get_command(app)
    assert [each.name for each in command.params][:5] == ["a", "b", "c", "d", "e"]
