"""Every order in which stages can run: all ways in which some wait for others, none in a circle."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from hhperf.search.order import Waits
from hhperf.search.schedule import Schedule, all_before

Before = Mapping[str, frozenset[str]]
"""For each stage all that ends before it begins."""

FEW = 5
"""Stages of which every order is tried: 4,231 of five that take nothing of each other."""


def legal_orders(inputs: Waits, movable: Sequence[str]) -> Iterator[Schedule]:
    """Every schedule that differs in the order of some stages, each once.

    An order of k stages comes from one of k - 1 by putting a stage behind some that end before it
    and in front of some that begin after it.

    Args:
        inputs: for each stage what it takes of others.
        movable: the stages whose order differs; the others start as soon as their inputs exist.
    """
    needed = all_before(inputs)
    for order in _orders(movable, needed):
        waits = {
            stage: tuple(dict.fromkeys((*takes, *sorted(order.get(stage, ())))))
            for stage, takes in inputs.items()
        }
        yield Schedule.of(inputs, waits)


def neighbours(schedule: Schedule, movable: Sequence[str]) -> Iterator[Schedule]:
    """The schedules in which one stage more or less waits for another.

    Args:
        schedule: whose neighbours.
        movable: the stages whose order may differ.
    """
    needed, before = all_before(schedule.inputs), all_before(schedule.waits)
    for later in movable:
        for earlier in movable:
            if earlier == later or later in before[earlier] or earlier in needed[later]:
                continue
            waits = {name: set(each) for name, each in before.items()}
            if earlier in before[later]:
                if any(earlier in before[each] for each in before[later]):
                    continue  # said by another wait
                waits[later].discard(earlier)
            else:
                waits[later] |= {earlier, *before[earlier]}
            yield Schedule.of(
                schedule.inputs,
                {name: (*schedule.inputs[name], *sorted(each)) for name, each in waits.items()},
            )


def _orders(stages: Sequence[str], needed: Before) -> Iterator[dict[str, frozenset[str]]]:
    if not stages:
        yield {}
        return
    *others, stage = stages
    for order in _orders(others, needed):
        for below in _closed_down(order):
            for above in _closed_up(order, below):
                found = dict(order)
                found[stage] = below
                for each in above:
                    found[each] = order[each] | below | {stage}
                if all(needed[name] & found.keys() <= found[name] for name in found):
                    yield found


def _closed_down(order: Before) -> Iterator[frozenset[str]]:
    """Sets that hold whatever ends before any of them begins."""
    for some in _subsets(list(order)):
        if all(order[each] <= some for each in some):
            yield some


def _closed_up(order: Before, below: frozenset[str]) -> Iterator[frozenset[str]]:
    """Sets that hold whatever begins after any of them, all of which comes after `below`."""
    after = [each for each in order if each not in below and below <= order[each]]
    for some in _subsets(after):
        if all(each in some for each in order if order[each] & some):
            yield some


def _subsets(names: Sequence[str]) -> Iterator[frozenset[str]]:
    for size in range(len(names) + 1):
        yield from map(frozenset, combinations(names, size))
