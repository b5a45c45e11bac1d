"""Schedules that a user writes: what waits for what, in a line, where an arm's name may stand."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter

from hhperf.errors import ScheduleError, unknown
from hhperf.search.arm_names import bare_name
from hhperf.search.arms import ARMS, TWO_STATEMENTS
from hhperf.search.order import Order, Waits

SIGN = "<"
EAGER, SEQUENTIAL = "eager", "sequential"
"""The schedules that any stages have: each as soon as its inputs exist, and one after another."""

_CLAUSES = re.compile(r"[;\n]")
_HOW = f"write clauses such as 'vector {SIGN} specialty; text {SIGN} embedding, specialty'"


@dataclass(frozen=True, slots=True)
class Schedule:
    """What waits for what: each stage for its inputs, and for what its schedule adds.

    Attributes:
        name: an arm's name where an arm runs so, else the shortest line that says it.
        inputs: for each stage the stages whose results it takes.
        waits: the same, with what this schedule adds.
    """

    name: str
    inputs: Waits
    waits: Waits

    @classmethod
    def parse(cls, text: str, inputs: Waits | None = None) -> "Schedule":
        """Read an arm's name, or clauses of what waits for what besides its inputs.

        Clauses are divided by `;` or line ends. `vector < specialty` lets the vector search wait
        for the specialty, `vector, text < specialty` both searches. Whatever is not said starts as
        soon as its inputs exist; of stages that may start together the one declared first does.

        Args:
            text: such as `parallel`, or `vector < specialty; text < embedding, specialty`.
            inputs: of stages of one's own; None for this kit's search.

        Raises:
            ScheduleError: there is no such arm or stage, or stages wait for each other.
        """
        if inputs is None and text in ARMS:
            return cls(text, ARMS[text].inputs, ARMS[text].waits)
        known = ARMS if inputs is None else (EAGER, SEQUENTIAL)
        if SIGN not in text and text not in known:
            raise ScheduleError(f"no arm '{text}': {unknown(text, known)}; or {_HOW}")
        takes = inputs if inputs is not None else _inputs_of_a_search()
        waits = {name: tuple(before) for name, before in takes.items()}
        for stage, earlier in _said(text, takes):
            waits[stage] = tuple(dict.fromkeys((*waits[stage], *earlier)))
        return cls.of(takes, waits)

    @classmethod
    def of(cls, inputs: Waits, waits: Waits) -> "Schedule":
        """The schedule of what waits for what, under the name that it has.

        Args:
            inputs: for each stage the stages whose results it takes.
            waits: for each stage all that it waits for, its inputs among them.

        Raises:
            ScheduleError: a stage does not wait for an input, or stages wait for each other.
        """
        for stage, needed in inputs.items():
            for lacking in sorted({*needed} - {*waits.get(stage, ())}):
                raise ScheduleError(f"{stage} takes what {lacking} gives, and does not wait for it")
        before = all_before(waits)
        for name, order in ARMS.items():
            if order.inputs == inputs and _all_before_of(name) == before:
                return cls(name, order.inputs, order.waits)
        is_own = all(order.inputs != inputs for order in ARMS.values())
        in_a_row = is_own and before == all_before(_in_a_row(inputs))
        return cls(SEQUENTIAL if in_a_row else _shortest(inputs, before), inputs, waits)

    def __str__(self) -> str:
        return self.name


@lru_cache(maxsize=256)
def order_of(name: str) -> Order:
    """What runs an arm, or a schedule that is written as a line; what is modelled of it aside.

    Raises:
        ScheduleError: there is no such arm, or the schedule cannot be run.
    """
    name = bare_name(name)
    if name in ARMS:
        return ARMS[name]
    schedule = Schedule.parse(name)
    extra = {
        stage: [each for each in before if each not in schedule.inputs[stage]]
        for stage, before in schedule.waits.items()
    }
    return Order(TWO_STATEMENTS, **{stage: each for stage, each in extra.items() if each})


def is_schedule(name: str) -> bool:
    """Whether a name is an arm's, or a line that says a schedule of this kit's stages."""
    try:
        order_of(name)
    except ScheduleError:
        return False
    return True


def all_before(waits: Waits) -> Mapping[str, frozenset[str]]:
    """For each stage all that ends before it begins, in an order in which they can run.

    Raises:
        ScheduleError: stages wait for each other.
    """
    before: dict[str, frozenset[str]] = {}
    for stage in in_running_order(waits):
        direct = waits[stage]
        before[stage] = frozenset(direct).union(*(before[each] for each in direct))
    return before


def in_running_order(waits: Waits) -> tuple[str, ...]:
    """Stages in an order in which each comes after what it waits for.

    Raises:
        ScheduleError: stages wait for each other.
    """
    try:
        return tuple(TopologicalSorter(waits).static_order())
    except CycleError as error:
        circle: Sequence[str] = error.args[1][::-1]
        said = ", which waits for ".join(circle)
        raise ScheduleError(f"stages wait for each other: {said}") from None


@lru_cache(maxsize=len(ARMS))
def _all_before_of(arm: str) -> Mapping[str, frozenset[str]]:
    return all_before(ARMS[arm].waits)


def _inputs_of_a_search() -> Waits:
    return {name: stage.inputs for name, stage in TWO_STATEMENTS.items()}


def _in_a_row(inputs: Waits) -> dict[str, tuple[str, ...]]:
    row = in_running_order(inputs)
    return {stage: row[max(place - 1, 0) : place] for place, stage in enumerate(row)}


def _said(text: str, inputs: Waits) -> Iterator[tuple[str, Sequence[str]]]:
    if text == SEQUENTIAL:
        return iter(_in_a_row(inputs).items())
    return iter(()) if text == EAGER else _clauses(text, inputs)


def _clauses(text: str, known: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    for clause in filter(str.strip, _CLAUSES.split(text)):
        sides = clause.split(SIGN)
        later, earlier = (_names(side, clause, known) for side in (sides[0], sides[-1]))
        if len(sides) != 2 or not later or not earlier:
            raise ScheduleError(f"schedule: {clause.strip()!r} is no clause: {_HOW}")
        for stage in later:
            yield stage, earlier


def _names(side: str, clause: str, known: Iterable[str]) -> list[str]:
    names = [each.strip() for each in side.split(",") if each.strip()]
    for name in names:
        if name not in known:
            raise ScheduleError(
                f"schedule: {clause.strip()!r}: no stage {name!r}: {unknown(name, known)}"
            )
    return names


def _shortest(inputs: Waits, before: Mapping[str, frozenset[str]]) -> str:
    """Only what neither an input nor another wait says already."""
    given = all_before(inputs)
    clauses = []
    for stage in inputs:  # as declared
        told = before[stage] - given[stage]
        direct = [
            each
            for each in inputs
            if each in told and not any(each in before[other] for other in before[stage])
        ]
        if direct:
            clauses.append(f"{stage} {SIGN} {', '.join(direct)}")
    return "; ".join(clauses) or EAGER
