"""An order of stages: what waits for what, checked once, and run as it says."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any

from hhperf.search.usage import counted

Waits = Mapping[str, tuple[str, ...]]
"""For each stage the stages that it waits for."""

Around = Callable[[str, Awaitable[Any]], Awaitable[Any]]
"""Awaits the work of a stage, which is named first, and gives its result."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What a stage runs, and the stages whose results are its arguments: no order changes them."""

    run: Callable[..., Awaitable[Any]]
    inputs: tuple[str, ...] = ()


class Order:
    """Stages, each of which starts as soon as its inputs are there and what else it waits for.

    Attributes:
        inputs: for each stage the stages whose results it takes.
        waits: the same, with what this order adds.
    """

    def __init__(self, stages: Mapping[str, Stage], **waits: Sequence[str]) -> None:
        """Add to the stages' inputs what a stage waits for besides.

        Of stages that may start together, the one declared first starts first.

        Raises:
            ValueError: a stage waits for one that there is not, or stages for each other.
        """
        self.inputs: Waits = {name: stage.inputs for name, stage in stages.items()}
        self.waits: Waits = self.inputs | {
            name: (*self.inputs.get(name, ()), *more) for name, more in waits.items()
        }
        _must_be_possible(self.waits, stages)
        self._stages = stages
        self._missing = {name: len(set(before)) for name, before in self.waits.items()}
        self._followers = {
            name: [after for after, before in self.waits.items() if name in before]
            for name in stages
        }

    async def run(self, *bound: object, around: Around | None = None) -> dict[str, Any]:
        """Each stage's result by its name, when all have ended.

        The first failure is raised as itself, when the stages that ran beside it, cancelled, have
        ended too. Who ends goes on with what it was waited for, so that stages that follow each
        other do so at once, without a task between them.

        Args:
            bound: what each stage takes before its inputs.
            around: awaits the work of each stage in place of this order; None for nobody.
        """
        try:
            async with asyncio.TaskGroup() as group:
                going = _Going(
                    self._stages, self._followers, bound, group, self._missing.copy(), around
                )
                await going.on([name for name, number in self._missing.items() if not number])
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None
        if len(going.results) < len(self._missing):  # a stage was cancelled: no failure to a group
            raise asyncio.CancelledError
        return going.results


@dataclass(slots=True)
class _Going:
    """One run of an order.

    An object, not a closure that calls itself: that would be a circle of references around the
    results of every search, and what collects such circles stops all that is measured.
    """

    stages: Mapping[str, Stage]
    followers: Mapping[str, Sequence[str]]
    bound: tuple[object, ...]
    group: asyncio.TaskGroup
    missing: dict[str, int]
    around: Around | None
    results: dict[str, Any] = field(default_factory=dict)

    async def on(self, ready: list[str]) -> None:
        """Run the first stage that is ready and what follows it; the others in tasks."""
        while ready:
            name, *others = ready
            for other in others:
                self._begin(other)
            stage = self.stages[name]
            inputs = [self.results[each] for each in stage.inputs]
            work = stage.run(*self.bound, *inputs)
            self.results[name] = await (self.around(name, work) if self.around else work)
            ready = []
            for after in self.followers[name]:
                self.missing[after] -= 1
                if not self.missing[after]:
                    ready.append(after)

    def _begin(self, name: str) -> None:
        work = self.on([name])
        try:
            self.group.create_task(counted(work))
        except RuntimeError:  # it is given up, and the stage before let its cancellation pass
            work.close()
            raise asyncio.CancelledError from None


def _must_be_possible(waits: Waits, stages: Mapping[str, Stage]) -> None:
    for name, before in waits.items():
        for unknown in {name, *before} - stages.keys():
            raise ValueError(f"{name} waits for {before}, but there is no stage {unknown}")
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise ValueError(f"stages wait for each other in a circle: {circle}") from None
