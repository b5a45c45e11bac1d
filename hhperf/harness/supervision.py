"""Watches the parts of a run while it goes on, and waits for one that has gone.

Between two pairs, when nothing is in flight, or every second where there is always something, each
part is asked whether it is there, over a connection of its own; and at once when a request met
something that a missing part would explain. One that does not answer, asked twice, is gone:
nothing is sent until it is back, and if it does not come back in time the run ends.

A part that did not answer when the run began is not watched: the run can do without it, or some
gate says why not.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter_ns
from typing import Any

from hhperf.errors import HhperfError, PlanError, StackError
from hhperf.harness.flight import in_words
from hhperf.harness.parts import Asker
from hhperf.long_work import end_task, tell

DEFAULT_PATIENCE_S = 60.0
EVERY_NS = 1_000_000_000
ASK_WITHIN_S = 5.0
"""How long a part may take to say that it is there: a busy one is slow, and is what is measured."""

RETRY_S = 0.25


@dataclass(frozen=True, slots=True)
class Pause:
    """When a part was gone, on `perf_counter_ns`, and what there was to say of it."""

    from_ns: int
    until_ns: int
    reason: str


async def nothing_to_do() -> None:
    """Whatever was measured can go on at once."""


class Supervision:
    """Made by `supervised`.

    Attributes:
        pauses: those that are over, and the one that ended the run.
    """

    def __init__(
        self,
        askers: Mapping[str, Asker],
        patience_s: float,
        ready_again: Callable[[], Awaitable[None]],
    ) -> None:
        self.pauses: list[Pause] = []
        self._askers = dict(askers)
        self._patience_s = patience_s
        self._ready_again = ready_again
        self._gone: dict[str, Asker] = {}
        self._why: HhperfError = StackError()
        self._since_ns = 0
        self._looked_ns = perf_counter_ns()
        self._looking, self._waiting = asyncio.Lock(), asyncio.Lock()
        self._lost = asyncio.Event()

    @property
    def is_gone(self) -> bool:
        """Whether a part is."""
        return bool(self._gone)

    def was_gone(self, start_ns: int, end_ns: int) -> bool:
        """Whether a part was, at any time between two readings of the clock."""
        if self._gone and end_ns >= self._since_ns:
            return True
        return any(start_ns <= each.until_ns and end_ns >= each.from_ns for each in self.pauses)

    async def clear(self) -> None:
        """Ends when every part answers: at once, or after a pause.

        Raises:
            HhperfError: a part did not come back in time.
        """
        if not self._gone and perf_counter_ns() - self._looked_ns > EVERY_NS:
            await self.look()
        if self._gone:
            async with self._waiting:
                if self._gone:
                    await self._wait()

    async def look(self) -> None:
        """Ask every part, now; once where several want to know."""
        begun_ns = perf_counter_ns()
        async with self._looking:
            if self._gone or self._looked_ns >= begun_ns:
                return
            self._looked_ns = perf_counter_ns()
            found = await _silent(self._askers)
            if found:  # a machine that stood still lets a time run out, though the answer is there
                found = await _silent({name: self._askers[name] for name in found})
            if found:
                said = "; ".join(f"{name}: {problem}" for name, problem in found.items())
                why = f"{_listed(found)} did not answer ({said})"
                self.lose({name: self._askers[name] for name in found}, StackError(why), begun_ns)

    def lose(self, parts: Mapping[str, Asker], why: HhperfError, since_ns: int) -> None:
        """Take parts for gone, until they answer whoever asks for them."""
        self._gone, self._why, self._since_ns = dict(parts), why, since_ns
        self._lost.set()

    async def while_all_answer(self, work: Coroutine[Any, Any, None], *, breaks: bool) -> bool:
        """Do some work; whether every part answered until its end.

        Args:
            work: what to do.
            breaks: whether to break it off as soon as a part is gone.
        """
        task, lost = asyncio.create_task(work), asyncio.create_task(self._lost.wait())
        try:
            if breaks:
                await asyncio.wait({task, lost}, return_when=asyncio.FIRST_COMPLETED)
            if not breaks or not lost.done():
                await task
                await self.look()
        finally:
            await end_task(task)
            await end_task(lost)
        return not self.is_gone

    async def watch(self, unless_within_ns: int) -> None:
        """Look every second, unless somebody else has looked within that time."""
        while True:
            await asyncio.sleep(EVERY_NS / 1e9)
            if perf_counter_ns() - self._looked_ns >= unless_within_ns:
                await self.look()

    async def _wait(self) -> None:
        if self._patience_s:
            tell(
                f"{_listed(self._gone)} {'do' if len(self._gone) > 1 else 'does'} not answer;"
                f" waiting up to {self._patience_s:g} s for it"
            )
        until_ns = self._since_ns + round(self._patience_s * 1e9)
        try:
            while perf_counter_ns() < until_ns:
                await asyncio.sleep(RETRY_S)
                if not await _silent(self._gone) and await self._is_ready():
                    break
            else:
                raise self._why
        finally:  # an interrupt may end the wait too
            self._looked_ns = perf_counter_ns()
            self.pauses.append(Pause(self._since_ns, self._looked_ns, str(self._why)))
        waited_s = (self._looked_ns - self._since_ns) / 1e9
        tell(f"{_listed(self._gone)} answered again after {waited_s:.0f} s; going on")
        self._gone = {}
        self._lost.clear()

    async def _is_ready(self) -> bool:
        try:
            await self._ready_again()
        except Exception:  # noqa: BLE001  whatever it is, the part has gone once more
            return False
        return True


async def _silent(askers: Mapping[str, Asker]) -> dict[str, str]:
    """Those that do not answer, each with why."""
    said = await asyncio.gather(*map(_problem, askers.values()))
    return {name: problem for name, problem in zip(askers, said, strict=True) if problem}


async def _problem(asker: Asker) -> str:
    try:
        async with asyncio.timeout(ASK_WITHIN_S):
            await asker.ask()
    except Exception as error:  # noqa: BLE001  whatever is wrong is what was asked for
        return in_words(error)
    return ""


def _listed(names: Mapping[str, object]) -> str:
    return " and ".join(names)


@asynccontextmanager
async def supervised(
    askers: Mapping[str, Asker],
    patience_s: float = DEFAULT_PATIENCE_S,
    *,
    ready_again: Callable[[], Awaitable[None]] = nothing_to_do,
    unless_within_ns: int = 2 * EVERY_NS,
) -> AsyncIterator[Supervision]:
    """Supervision of the parts that answer now; what asks them is closed at the end.

    Args:
        askers: of each part, by its name.
        patience_s: how long to wait for one that has gone; 0 to end at once.
        ready_again: makes targets ready to be measured once the part is back.
        unless_within_ns: how long nobody may have looked until it is done beside the requests: for
            parts that hang, and hang a request with them, and where requests never pause.
    """
    check_patience(patience_s)
    silent = await _silent(askers)
    there = {name: asker for name, asker in askers.items() if name not in silent}
    supervision = Supervision(there, patience_s, ready_again)
    watching = asyncio.create_task(supervision.watch(unless_within_ns))
    try:
        yield supervision
    finally:
        await end_task(watching)
        await asyncio.gather(*(each.close() for each in askers.values()), return_exceptions=True)


def check_patience(patience_s: float) -> None:
    """Make sure that it is a length of time.

    Raises:
        PlanError: it is below 0, or endless.
    """
    if not 0 <= patience_s < float("inf"):
        raise PlanError(f"patience is {patience_s} s, must be 0 or more, and a number")
