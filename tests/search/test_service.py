"""Sockets to serve on."""

import asyncio
import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest
import pytest_asyncio

from hhperf.errors import StackError
from hhperf.search.http import BODY_BYTES
from hhperf.search.service import PATH, listen, listening, make_service
from hhperf.stack.stack import Stack
from tests.search.conftest import DEAD, Arms


@pytest.mark.asyncio(loop_scope="session")
async def test_answers_do_not_wait_for_acknowledgements() -> None:
    """An accepted connection has Nagle's algorithm off."""
    accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def note(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer: socket.socket = writer.get_extra_info("socket")
        accepted.set_result(peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    listener = listen("127.0.0.1", 0)
    async with await asyncio.start_server(note, sock=listener):
        _, writer = await asyncio.open_connection(*listener.getsockname())
        assert await accepted
        writer.close()


def test_a_taken_address_is_refused() -> None:
    """Two cannot listen on one port."""
    with listen("127.0.0.1", 0) as first, pytest.raises(OSError, match="in use"):
        listen(*first.getsockname())


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def client(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service that runs the parallel arm."""
    async with AsyncExitStack() as opened:
        arms = Arms(stack.endpoints, opened)
        yield await arms.client(await arms.engine("parallel"))


@pytest.mark.asyncio(loop_scope="session")
async def test_a_search_is_answered(client: httpx.AsyncClient) -> None:
    """The body of the answer has production's fields."""
    response = await client.post(PATH, json={"query": "desenvolvedor java", "includeDebug": True})
    body = response.json()
    assert response.status_code == 200
    assert body.keys() == {
        "results", "total", "totalFound", "cacheHit", "requestId", "timings", "metadata", "debug",
    }  # fmt: skip
    assert body["results"][0].keys() == {
        "candidateId", "score", "vectorScore", "textScore", "rrfScore", "vectorRank", "textRank",
        "confidence", "fullName", "title", "headline", "location", "country", "industries",
        "yearsExperience", "skills", "matchReasons", "signalScores",
    }  # fmt: skip


@pytest.mark.asyncio(loop_scope="session")
async def test_unknown_fields_are_told_and_pass(client: httpx.AsyncClient) -> None:
    """A caller of the deployed service sends what it likes; the answer names what meant nothing."""
    asked = {"query": "java", "enableNlp": True, "colour": {"a": [1]}, "filters": {"skils": ["x"]}}
    response = await client.post(PATH, json=asked)
    assert response.status_code == 200
    assert response.json()["metadata"]["unknownFields"] == ["colour", "filters.skils"]


@pytest.mark.asyncio(loop_scope="session")
async def test_timing_headers(client: httpx.AsyncClient) -> None:
    """`Server-Timing` carries each stage, `X-Response-Time` the whole, as in the body."""
    response = await client.post(PATH, json={"query": "enfermeira"})
    timings = response.json()["timings"]
    named = dict(re.findall(r"(\w+);(?:dur|desc)=\"?([\w.]+)", response.headers["Server-Timing"]))
    assert list(named) == [
        "embedding", "specialty", "vector", "text", "retrieval", "ranking", "rerank", "pool",
        "total", "cache",
    ]  # fmt: skip
    assert float(named["embedding"]) == timings["embeddingMs"]
    assert float(named["total"]) == timings["totalMs"]
    assert response.headers["X-Response-Time"] == f"{timings['totalMs']:.3f}ms"


@pytest.mark.asyncio(loop_scope="session")
async def test_cache_status(client: httpx.AsyncClient) -> None:
    """The second time the same search is a hit, in headers and body."""
    answers = [await client.post(PATH, json={"query": "pediatra"}) for _ in range(2)]
    assert [each.headers["X-Cache-Status"] for each in answers] == ["miss", "hit"]
    assert ['cache;desc="hit"' in each.headers["Server-Timing"] for each in answers] == [
        False,
        True,
    ]
    assert [each.json()["cacheHit"] for each in answers] == [False, True]


@pytest.mark.asyncio(loop_scope="session")
async def test_no_cache_gets_an_answer_of_its_own(client: httpx.AsyncClient) -> None:
    """No stored answer and no stored lookup is used, though Redis is asked all the same."""
    query, headers = {"query": "pediatra de plantão"}, {"Cache-Control": "no-cache"}
    answers = [await client.post(PATH, json=query, headers=headers) for _ in range(2)]
    assert [each.json()["cacheHit"] for each in answers] == [False, False]
    assert all(each.json()["timings"]["cacheMs"] > 0 for each in answers)


@pytest.mark.asyncio(loop_scope="session")
async def test_request_id_is_echoed(client: httpx.AsyncClient) -> None:
    """The caller's id comes back in header and body."""
    response = await client.post(PATH, json={"query": "java"}, headers={"X-Request-ID": "r 7"})
    assert response.headers["X-Request-ID"] == response.json()["requestId"] == "r 7"


@pytest.mark.asyncio(loop_scope="session")
async def test_request_id_is_made(client: httpx.AsyncClient) -> None:
    """Without one each request gets an id of its own, errors too."""
    answers = [await client.post(PATH, json=body) for body in ({"query": "java"}, {})]
    ids = {each.headers["X-Request-ID"] for each in answers}
    assert len(ids) == 2
    assert {each.json()["requestId"] for each in answers} == ids


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize(
    "value", [b"x" * 129, b"caf\xe9", b"a\tb"], ids=["too long", "not ASCII", "a tab"]
)
@pytest.mark.parametrize("header", ["X-Request-ID", "X-Tenant-ID"])
async def test_headers_that_cannot_be_used(
    client: httpx.AsyncClient, header: str, value: bytes
) -> None:
    """An id is 128 visible characters at most."""
    response = await client.post(PATH, json={"query": "java"}, headers={header.encode(): value})
    assert response.status_code == 400
    assert response.json()["field"] == header


@pytest.mark.asyncio(loop_scope="session")
async def test_tenant_is_required(client: httpx.AsyncClient) -> None:
    """Nobody is searched without a tenant."""
    response = await client.post(PATH, json={"query": "java"}, headers={"X-Tenant-ID": ""})
    assert response.status_code == 400
    assert response.json()["field"] == "X-Tenant-ID"


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{", "body"),
        (b"", "body"),
        (b"\xff\xfe", "body"),
        (b'{"query": "\\ud800"}', "body"),
        (b"[]", "body"),
        (b'{"limit": 0, "query": "java"}', "limit"),
        (b'{"query": 5}', "query"),
        (b'{"qwery": "java"}', "query"),
        (b'{"query": "  "}', "query"),
        (b'{"query": "java", "filters": {"minExperienceYears": 61}}', "filters.minExperienceYears"),
        (b'{"embedding": [1, 2, 3, 4, 5, 6, 7, 8]}', "embedding"),
        (b'{"query": "java", "filters": {"metadata": {"a": NaN}}}', "filters.metadata"),
        (b"[" * 100_000, "body"),
    ],
    ids=[
        "cut JSON",
        "empty",
        "no UTF-8",
        "half a surrogate pair",
        "a list",
        "limit of 0",
        "a number as query",
        "an unknown field alone",
        "blank query",
        "too many years",
        "another dimension",
        "NaN",
        "too deep",
    ],
)
async def test_bad_bodies(client: httpx.AsyncClient, body: bytes, field: str) -> None:
    """What cannot be searched is a 400 that names the field."""
    response = await client.post(PATH, content=body)
    assert response.status_code == 400
    assert response.json().keys() == {"error", "field", "requestId"}
    assert response.json()["field"] == field


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("size", [BODY_BYTES + 1, 8 * BODY_BYTES])
async def test_too_large_a_body(client: httpx.AsyncClient, size: int) -> None:
    """A body that is too large is refused in words, also when it is sent in pieces."""

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, size, 65_536):
            yield b" " * min(65_536, size - start)

    for content in (b" " * size, pieces()):
        response = await client.post(PATH, content=content)
        assert response.status_code == 400
        assert response.json()["field"] == "body"


@pytest.mark.asyncio(loop_scope="session")
async def test_the_longest_search_fits(client: httpx.AsyncClient) -> None:
    """Every field at its longest, every character escaped, is still answered."""
    body = {
        "query": "é🙂" * 3_000,
        "jobDescription": "🙂" * 20_000,
        "embedding": [1 / 3] * 768,
        "filters": {"skills": ["Java"] * 100},
    }
    response = await client.post(PATH, content=json.dumps(body))
    assert response.status_code == 200


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize(("path", "status"), [(PATH, 405), ("/nowhere", 404)])
async def test_other_routes(client: httpx.AsyncClient, path: str, status: int) -> None:
    """What is not served is an error in JSON too."""
    response = await client.get(path)
    assert response.status_code == status
    assert response.json().keys() == {"error", "requestId"}


@pytest.mark.asyncio(loop_scope="session")
async def test_no_embedding(arms: Arms) -> None:
    """Without an embedding the answer is production's 400."""
    engine = await arms.engine(at=arms.elsewhere(embed_url=DEAD), embed_service_retries=0)
    response = await (await arms.client(engine)).post(PATH, json={"query": "java"})
    assert response.status_code == 400
    assert response.json()["error"] == "Failed to generate embedding for search query."


@pytest.mark.asyncio(loop_scope="session")
async def test_an_unexpected_error(arms: Arms) -> None:
    """What nobody foresaw is a 500 in JSON, without the error's words."""

    def fail(_stage: str, _request: str) -> float:
        raise ZeroDivisionError("secret")

    response = await (await arms.client(await arms.engine(delay_of=fail))).post(
        PATH, json={"query": "java"}
    )
    assert response.status_code == 500
    assert response.json().keys() == {"error", "requestId"}
    assert "secret" not in response.text


@pytest.mark.asyncio(loop_scope="session")
async def test_a_caller_who_leaves(client: httpx.AsyncClient) -> None:
    """Half a request disturbs nobody else."""
    url = client.base_url
    _, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(b"POST /v1/search/hybrid HTTP/1.1\r\nHost: x\r\nX-Tenant-ID: t\r\n"
                 b"Content-Length: 100\r\n\r\n{")  # fmt: skip
    await writer.drain()
    writer.close()
    assert (await client.post(PATH, json={"query": "java"})).status_code == 200


@pytest.mark.asyncio(loop_scope="session")
async def test_health_names_each_part(client: httpx.AsyncClient) -> None:
    """Every part says what it is, and which arm answers."""
    response = await client.get("/health")
    body = response.json()
    assert (response.status_code, body["status"], body["arm"]) == (200, "ok", "parallel")
    assert body["parts"].keys() == {"postgres", "redis", "embedding", "rerank"}
    assert "pgvector" in body["parts"]["postgres"]["version"]


@pytest.mark.asyncio(loop_scope="session")
async def test_health_without_a_provider(arms: Arms) -> None:
    """A part whose loss searches survive makes the service degraded, not unavailable."""
    engine = await arms.engine(at=arms.elsewhere(rerank_url=DEAD))
    response = await (await arms.client(engine)).get("/health")
    assert (response.status_code, response.json()["status"]) == (200, "degraded")
    assert response.json()["parts"]["rerank"] == {"status": "failed", "error": "ProviderError"}


@pytest.mark.asyncio(loop_scope="session")
async def test_health_without_the_database(arms: Arms) -> None:
    """Without the database the service is unavailable."""
    engine = await arms.engine()
    client = await arms.client(engine)
    await engine.clients.store.aclose()
    response = await client.get("/health")
    assert (response.status_code, response.json()["status"]) == (503, "unavailable")


@pytest.mark.asyncio(loop_scope="session")
async def test_a_search_without_the_database(arms: Arms) -> None:
    """The answer is 503, and says so in JSON."""
    engine = await arms.engine()
    client = await arms.client(engine)
    await engine.clients.store.aclose()
    response = await client.post(PATH, json={"query": "java"})
    assert response.status_code == 503
    assert response.json().keys() == {"error", "requestId"}


@pytest.mark.asyncio(loop_scope="session")
async def test_a_taken_port(arms: Arms) -> None:
    """Two services cannot have one port."""
    service = make_service(await arms.engine())
    async with listening(service) as url:
        with pytest.raises(StackError, match="cannot be listened on"):
            async with listening(service, port=httpx.URL(url).port or 0):
                raise AssertionError("it listens twice")


SERVE = """
import sys
from hhperf.experiment.latency_profiles import load_profile
from hhperf.search.service import serve
from hhperf.stack.made_of import Corpus
from hhperf.stack.stack import Stack

with Stack(corpus=Corpus(candidates=int(sys.argv[1]))) as stack:
    serve(None, stack.settings, stack.endpoints, load_profile("local"), 0,
          announce=lambda said: print(said, flush=True))
print("closed in order")
"""


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize(
    ("flag", "arm", "number"),
    [("yes", "parallel", signal.SIGINT), ("off", "sequential", signal.SIGTERM)],
)
async def test_serving(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, flag: str, arm: str, number: int
) -> None:
    """The flag chooses the arm; the process ends in order when it is told to."""
    assert stack.embedded is not None
    monkeypatch.setenv("ENABLE_PARALLEL_PRE_SEARCH", flag)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVE, str(stack.embedded.corpus.candidates), stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    said = (await process.stdout.readline()).decode()
    (url,) = re.findall(r"http://[\d.:]+/health", said)
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(url)).json()["arm"] == arm
    process.send_signal(number)
    assert b"closed in order" in await process.stdout.read()
    assert await process.wait() == 0
