"""Retries and the circuit breaker, on a clock of the test's own."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from time import perf_counter_ns
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from hhperf.search.model import Caller
from hhperf.search.provider import CircuitBreaker, JsonProvider, ProviderError, with_retries
from tests.search.conftest import DEAD, Arms


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


pytestmark = pytest.mark.asyncio(loop_scope="session")

CALLER = Caller("tenant-large", "r-1")


async def post(url: str, body: Any = None, timeout_s: float = 5.0, **more: Any) -> dict[str, Any]:
    """One call by a client of its own."""
    async with aclosing(JsonProvider.connect(url, timeout_s)) as provider:
        return await provider.post("/v1/x", body or {}, more.pop("caller", CALLER), **more)


async def echo(request: Request) -> Response:
    """Answers what it was asked, the body as Python writes it in ASCII."""
    headers = dict(request.headers)
    return JSONResponse(
        {"body": ascii(await request.json()), "headers": headers, "path": request.url.path}
    )


async def test_the_request(arms: Arms) -> None:
    """Body, tenant and request id arrive; a modelled time is asked for only when there is one."""
    url = await arms.provider(echo)
    answer = await post(f"{url}/base", {"text": "é"}, think_s=0.05)
    assert (answer["path"], answer["body"]) == ("/base/v1/x", ascii({"text": "é"}))
    assert answer["headers"]["x-tenant-id"] == "tenant-large"
    assert answer["headers"]["x-request-id"] == "r-1"
    assert float(answer["headers"]["x-think-time-ms"]) == 50.0
    assert "x-think-time-ms" not in (await post(url))["headers"]


@pytest.mark.parametrize(
    "text",
    ["\ud800", "\0", "\r\nX-Evil: 1", '"\\', "🙂" * 100],
    ids=["half a character", "NUL", "line ends", "quotes", "emoji"],
)
async def test_any_text_can_be_sent(arms: Arms, text: str) -> None:
    """Half a surrogate, NUL and line ends are escaped, in the body and in headers."""
    url = await arms.provider(echo)
    answer = await post(url, {"text": text}, caller=Caller(text, text))
    assert answer["body"] == ascii({"text": text})
    assert "x-evil" not in answer["headers"]


async def test_user_and_password_in_the_address(arms: Arms) -> None:
    """They go into a header, as every client does it."""
    url = (await arms.provider(echo)).replace("http://", "http://user:s3cret@")
    header = (await post(url))["headers"]["authorization"]
    assert base64.b64decode(header.removeprefix("Basic ")) == b"user:s3cret"


@pytest.mark.parametrize(
    ("status", "passing"),
    [(400, False), (404, False), (408, True), (413, False), (429, True), (500, True), (503, True)],
)
async def test_statuses(arms: Arms, status: int, passing: bool) -> None:
    """A failure is passing when another moment may undo it."""

    async def answer(_request: Request) -> Response:
        return JSONResponse({"error": "no"}, status_code=status)

    with pytest.raises(ProviderError, match=str(status)) as caught:
        await post(await arms.provider(answer))
    assert caught.value.passing is passing


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"<html>", b"[]", b'"x"', b"\xff\xfe", b"[" * 100_000],
    ids=["empty", "cut JSON", "HTML", "a list", "a string", "no UTF-8", "too deep"],
)
async def test_garbage(arms: Arms, content: bytes) -> None:
    """What is no JSON object is a failure of the provider."""

    async def answer(_request: Request) -> Response:
        return Response(content, media_type="application/json")

    with pytest.raises(ProviderError, match="JSON") as caught:
        await post(await arms.provider(answer))
    assert caught.value.passing


async def test_a_redirect_is_no_answer(arms: Arms) -> None:
    """A service that has moved is not followed to wherever."""

    async def answer(_request: Request) -> Response:
        return RedirectResponse("http://127.0.0.1:9/")

    with pytest.raises(ProviderError, match="307"):
        await post(await arms.provider(answer))


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\0\xff\0\xff\r\n\r\n",
        b"HTTP/9.9 hello\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
    ],
    ids=[
        "nothing",
        "binary",
        "an unknown version",
        "cut short",
        "no gzip",
        "no chunk size",
        "endless headers",
        "an endless header",
    ],
)
async def test_peers_that_speak_no_http(arms: Arms, said: bytes) -> None:
    """Whatever a peer says before it hangs up, it is a failure that may pass."""

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        writer.close()

    with pytest.raises(ProviderError) as caught:
        await post(await arms.peer(respond))
    assert caught.value.passing


async def test_nobody_listens() -> None:
    """A refused connection is a failure that may pass."""
    with pytest.raises(ProviderError) as caught:
        await post(DEAD)
    assert caught.value.passing


@pytest.mark.parametrize("drips", [False, True])
async def test_a_slow_answer(arms: Arms, drips: bool) -> None:
    """The whole answer has to be there in time, also when bytes keep coming."""

    async def drip() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.01)

    async def answer(_request: Request) -> Response:
        if drips:
            return StreamingResponse(drip())
        await given_up.wait()
        return JSONResponse({})

    given_up = asyncio.Event()
    with pytest.raises(ProviderError, match="Timeout") as caught:
        await post(await arms.provider(answer), timeout_s=0.1)
    given_up.set()
    assert caught.value.passing


async def test_a_service_that_knows_nothing_of_modelled_times(arms: Arms) -> None:
    """Its answer is held back until the time has passed."""
    url, began = await arms.provider(echo), perf_counter_ns()
    await post(url, think_s=0.05)
    assert perf_counter_ns() - began >= 50_000_000


async def test_errors_do_not_repeat_the_address(arms: Arms) -> None:
    """It may hold a password, and errors are logged."""
    with pytest.raises(ProviderError) as caught:
        await post("http://user:s3cret@127.0.0.1:9/base")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "content", "version"),
    [
        (200, b'{"model": "m-1"}', "m-1"),
        (200, b"OK", "answers"),
        (200, b"[]", "answers"),
        (404, b"", "answers"),
    ],
    ids=["a model", "no JSON", "a list", "not found"],
)
async def test_versions(arms: Arms, status: int, content: bytes, version: str) -> None:
    """A service without a health page of ours still answers."""

    async def answer(_request: Request) -> Response:
        return Response(content, status_code=status)

    async with aclosing(JsonProvider.connect(await arms.provider(answer), 5)) as provider:
        assert await provider.version() == version


async def test_no_version(arms: Arms) -> None:
    """A service that fails is not said to answer."""

    async def answer(_request: Request) -> Response:
        return Response(status_code=503)

    async with aclosing(JsonProvider.connect(await arms.provider(answer), 5)) as provider:
        with pytest.raises(ProviderError, match="503"):
            await provider.version()
