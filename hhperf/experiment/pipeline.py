"""Steps of one's own that declare their inputs, run in any order that a schedule says."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter_ns
from typing import Any

from hhperf.errors import ScheduleError
from hhperf.harness.target import Call, Reply, Request
from hhperf.runs.observation import Span
from hhperf.search.order import Order, Stage, Waits
from hhperf.search.schedule import EAGER, Schedule
from hhperf.shown import counted

Run = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a pipeline.

    Attributes:
        run: awaited with the request, and then the result of each input.
        inputs: the names of the steps whose results it takes.

    Example:
        >>> async def rank(request, found): ...
        >>> hhperf.Step(rank, inputs=("find",)).inputs
        ('find',)
    """

    run: Run
    inputs: tuple[str, ...] = ()


class Pipeline:
    """What a request goes through: steps by name, each once, in any order that their inputs allow.

    `compare_callables(pipeline.ordered("sequential"), pipeline.ordered("eager"), log, out=…)`
    measures two orders; `what_if` and `optimise` predict others from such a run, with
    `inputs=pipeline.inputs`.

    Attributes:
        inputs: for each step the steps whose results it takes.

    Example:
        >>> async def find(request): ...
        >>> async def rank(request, found): ...
        >>> steps = {"find": hhperf.Step(find), "rank": hhperf.Step(rank, inputs=("find",))}
        >>> hhperf.Pipeline(steps).inputs
        {'find': (), 'rank': ('find',)}
    """

    def __init__(self, steps: Mapping[str, Step]) -> None:
        """Declare the steps; the result of the last one is the answer.

        Raises:
            ScheduleError: there is no step, one takes the result of a step that there is not, or
                steps take each other's.
        """
        if not steps:
            raise ScheduleError("a pipeline has one step or more")
        self.inputs: Waits = {name: step.inputs for name, step in steps.items()}
        for name, step in steps.items():
            for lacking in sorted({*step.inputs} - steps.keys()):
                raise ScheduleError(f"{name} takes what {lacking} gives, and there is no such step")
        Schedule.parse(EAGER, self.inputs)
        self._steps = dict(steps)

    def ordered(self, schedule: str | Schedule = EAGER) -> Call:
        """The pipeline in one order, as a function that takes a request and reports its steps.

        Args:
            schedule: `sequential`, `eager`, or a line such as `b < a` as `Schedule.parse` reads it.

        Raises:
            ScheduleError: the order is none of these steps'.
        """
        found = Schedule.parse(str(schedule), self.inputs)
        stages = {
            name: Stage(partial(_timed, name, step.run), step.inputs)
            for name, step in self._steps.items()
        }
        order, answer = Order(stages, **found.waits), list(self._steps)[-1]

        async def call(request: Request) -> Reply:
            return await _answered(order, answer, request)

        call.__name__ = f"{found} order of {counted(len(stages), 'step')}"
        return call


async def _timed(name: str, run: Run, request: Request, spans: list[Span], *inputs: Any) -> Any:
    start_ns = perf_counter_ns()
    try:
        return await run(request, *inputs)
    finally:
        spans.append(Span(name, start_ns, perf_counter_ns()))


async def _answered(order: Order, answer: str, request: Request) -> Reply:
    spans: list[Span] = []
    result = (await order.run(request, spans))[answer]
    reply = result if isinstance(result, Reply) else Reply()
    return replace(reply, spans=tuple(spans))
