"""A small query log and targets that are plain async callables."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from hhperf.harness.target import Reply, Request
from hhperf.runs.observation import Arm

Send = Callable[[Request], Awaitable[Reply]]
ANSWER = Reply(results=(("c1", 0.9), ("c2", 0.5)))


@dataclass(frozen=True, slots=True)
class Logged:
    """A logged request."""

    request_id: str
    tenant: str
    session: str | None
    body: Mapping[str, Any]


class Log(list[Logged]):
    """A query log in memory."""

    source = "memory"
    sha256 = "ab" * 32


def make_log(count: int) -> Log:
    """Requests with a text of their own each; every other one shares its session."""
    return Log(
        Logged(f"r{n}", "acme", f"s{n // 2}", {"query": f"engenheiro {n}"}) for n in range(count)
    )


async def answer(request: Request) -> Reply:
    """Answers at once, always the same."""
    return ANSWER


@dataclass
class Callee:
    """A target around an async callable, that keeps the ids it was sent."""

    name: str = "callee"
    respond: Send = answer
    seen: list[str] = field(default_factory=list)
    state: str = "new"

    async def open(self) -> None:
        """From now on it can be sent to."""
        self.state = "open"

    async def close(self) -> None:
        """From now on it cannot."""
        self.state = "closed"

    async def send(self, request: Request) -> Reply:
        """Whatever the callable says."""
        assert self.state == "open"
        self.seen.append(request.request_id)
        return await self.respond(request)


def arms(**respond: Send) -> dict[Arm, Callee]:
    """A target for each arm, by the arm's name; those not given answer at once."""
    return {arm: Callee(f"{arm}-schedule", respond.get(arm.value, answer)) for arm in Arm}


@pytest.fixture
def log() -> Log:
    """Six requests."""
    return make_log(6)
