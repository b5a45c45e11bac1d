"""What a stack says of itself."""

from collections.abc import Iterable
from dataclasses import replace

from hhperf.show.card import Card, Table, card_of
from hhperf.stack.probe import Part
from hhperf.stack.stack import Stack


def parts_table(parts: Iterable[Part]) -> Table:
    """What each part of the stack is."""
    rows = tuple((part.name, part.kind, part.where, part.version or part.problem) for part in parts)
    return Table("Stack", ("part", "kind", "where", "version"), rows, numeric=False)


@card_of.register
def stack_card(stack: Stack) -> Card:
    """Every part, asked who it is; what does not answer says why."""
    parts = stack.parts()
    problems = tuple(f"{part.name}: {part.problem}" for part in parts if part.problem)
    return Card(
        title="Stack",
        badge="started" if stack.is_started else "not started",
        tables=(replace(parts_table(parts), title="Parts"),),
        warnings=problems if stack.is_started else (),
    )
