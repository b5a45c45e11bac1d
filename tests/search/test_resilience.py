"""Retries and the circuit breaker, on a clock of the test's own."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from hhperf.search.provider import CircuitBreaker, ProviderError, with_retries


@dataclass
class Clock:
    """Seconds that pass when told to."""

    now: float = 1_000.0

    def __call__(self) -> float:
        """The time."""
        return self.now


@dataclass
class Provider:
    """Fails as often as told, then answers."""

    failures: int = 0
    passing: bool = True
    calls: int = 0

    async def call(self) -> str:
        """One attempt."""
        self.calls += 1
        if self.calls <= self.failures:
            raise ProviderError("down", passing=self.passing)
        return "up"


@dataclass
class Circuit:
    """A breaker with its clock."""

    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        """A breaker of 3 failures and 30 s, production's figures and the defaults."""
        self.breaker = CircuitBreaker(clock=self.clock)

    async def fail(self, times: int) -> None:
        """Let calls fail."""
        provider = Provider(failures=times)
        for _ in range(times):
            with pytest.raises(ProviderError, match="down"):
                await self.breaker.call(provider.call)


async def test_retries_until_it_succeeds() -> None:
    """Two retries mean three attempts."""
    provider = Provider(failures=2)
    assert await with_retries(provider.call, retries=2, wait_s=0) == "up"
    assert provider.calls == 3


async def test_retries_end() -> None:
    """The last failure is the caller's."""
    provider = Provider(failures=3)
    with pytest.raises(ProviderError):
        await with_retries(provider.call, retries=2, wait_s=0)
    assert provider.calls == 3


async def test_a_refusal_is_not_retried() -> None:
    """A provider that is well and refuses will refuse again."""
    provider = Provider(failures=1, passing=False)
    with pytest.raises(ProviderError):
        await with_retries(provider.call, retries=2, wait_s=0)
    assert provider.calls == 1


async def test_the_wait_grows_with_the_attempt() -> None:
    """200 ms after the first failure, 400 ms after the second."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    await with_retries(Provider(failures=2).call, retries=2, sleep=sleep)
    assert waits == [0.2, 0.4]


async def test_the_circuit_opens_after_three_failures() -> None:
    """The fourth call is refused without being made."""
    circuit, provider = Circuit(), Provider()
    await circuit.fail(3)
    with pytest.raises(ProviderError, match="circuit open"):
        await circuit.breaker.call(provider.call)
    assert provider.calls == 0


async def test_only_consecutive_failures_count() -> None:
    """A success in between starts the count anew."""
    circuit = Circuit()
    await circuit.fail(2)
    await circuit.breaker.call(Provider().call)
    await circuit.fail(2)
    assert not circuit.breaker.is_open


async def test_refusals_do_not_open_the_circuit() -> None:
    """A few odd texts that the provider refuses do not shut out everyone."""
    circuit, provider = Circuit(), Provider(failures=5, passing=False)
    for _ in range(5):
        with pytest.raises(ProviderError, match="down"):
            await circuit.breaker.call(provider.call)
    assert not circuit.breaker.is_open


@pytest.mark.parametrize(("after_s", "is_open"), [(29.9, True), (30.0, False)])
async def test_the_circuit_stays_open_for_30_seconds(after_s: float, is_open: bool) -> None:
    """Then a call is let through."""
    circuit = Circuit()
    await circuit.fail(3)
    circuit.clock.now += after_s
    assert circuit.breaker.is_open is is_open


async def test_one_call_tries_and_closes_the_circuit() -> None:
    """While it tries, others are refused; after its success none is."""
    circuit, answered = Circuit(), asyncio.Event()
    await circuit.fail(3)
    circuit.clock.now += 30

    async def slow() -> str:
        await answered.wait()
        return "up"

    trying = asyncio.create_task(circuit.breaker.call(slow))
    await asyncio.sleep(0)
    with pytest.raises(ProviderError, match="circuit open"):
        await circuit.breaker.call(Provider().call)
    answered.set()
    assert await trying == "up"
    assert await circuit.breaker.call(Provider().call) == "up"


async def test_a_failing_try_opens_it_again() -> None:
    """For another 30 s."""
    circuit = Circuit()
    await circuit.fail(3)
    circuit.clock.now += 30
    await circuit.fail(1)
    assert circuit.breaker.is_open
    circuit.clock.now += 30
    assert not circuit.breaker.is_open


async def test_a_cancelled_try_teaches_nothing() -> None:
    """The next call tries in its place, at once."""
    circuit = Circuit()
    await circuit.fail(3)
    circuit.clock.now += 30
    trying = asyncio.create_task(circuit.breaker.call(_forever))
    await asyncio.sleep(0)
    trying.cancel()
    await asyncio.wait([trying])
    assert await circuit.breaker.call(Provider().call) == "up"


async def test_calls_at_once_do_not_refuse_each_other() -> None:
    """A closed circuit lets every call through."""
    circuit = Circuit()
    attempts: list[Callable[[], Awaitable[str]]] = [Provider().call for _ in range(10)]
    assert await asyncio.gather(*map(circuit.breaker.call, attempts)) == ["up"] * 10


async def _forever() -> str:
    return str(await asyncio.Event().wait())
