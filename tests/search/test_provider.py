"""The JSON client against real servers, good and bad."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import aclosing
from time import perf_counter_ns
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from hhperf.search.model import Caller
from hhperf.search.provider import JsonProvider, ProviderError
from tests.search.conftest import DEAD, Arms

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
