"""The embedding and reranking services, asked over HTTP's interface."""

from collections.abc import AsyncIterator
from time import perf_counter
from typing import Any

import httpx
import numpy as np
import pytest
import pytest_asyncio

from hhperf.search.provider import (
    EMBED_PATH,
    KEEP_ALIVE_S,
    REQUEST_ID_HEADER,
    RERANK_PATH,
    THINK_TIME_HEADER,
)
from hhperf.stack.embedder import Embedder
from hhperf.stack.provider_app import configured, make_app

PEOPLE = [
    {"candidateId": "nurse", "title": "Nurse", "headline": "Intensive care", "skills": []},
    {"candidateId": "dev", "title": "Developer", "headline": "Backend", "skills": ["python"]},
    {"candidateId": "cook", "title": "Cook", "headline": "", "skills": ["pasta"]},
]


def wanted(**changes: Any) -> dict[str, Any]:
    """A body for the reranking service."""
    return {
        "jobDescription": "backend developer python", "limit": 3, "candidates": PEOPLE, **changes
    }  # fmt: skip


@pytest_asyncio.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application."""
    transport = httpx.ASGITransport(make_app(Embedder(768)))
    async with httpx.AsyncClient(transport=transport, base_url="http://providers") as opened:
        yield opened


async def test_an_embedding(client: httpx.AsyncClient) -> None:
    """The model's vector with its name and dimensions, and the request's id."""
    headers = {REQUEST_ID_HEADER: "r-1"}
    answer = (await client.post(EMBED_PATH, json={"text": "nurse"}, headers=headers)).json()
    np.testing.assert_allclose(answer["embedding"], Embedder().embed(["nurse"])[0], atol=1e-6)
    assert (answer["dimensions"], answer["requestId"]) == (768, "r-1")


async def test_a_blank_text_has_no_embedding(client: httpx.AsyncClient) -> None:
    """An empty list says so."""
    assert (await client.post(EMBED_PATH, json={"text": "  "})).json()["embedding"] == []


async def test_a_ranking(client: httpx.AsyncClient) -> None:
    """Who fits best comes first, with falling scores."""
    results = (await client.post(RERANK_PATH, json=wanted())).json()["results"]
    scores = [each["score"] for each in results]
    assert results[0]["candidateId"] == "dev"
    assert {each["candidateId"] for each in results} == {"nurse", "dev", "cook"}
    assert scores == sorted(scores, reverse=True)


async def test_a_ranking_has_no_more_than_its_limit(client: httpx.AsyncClient) -> None:
    """The best of them; and nobody of nobody."""
    best = (await client.post(RERANK_PATH, json=wanted(limit=1))).json()["results"]
    nobody = (await client.post(RERANK_PATH, json=wanted(candidates=[]))).json()["results"]
    assert [each["candidateId"] for each in best] == ["dev"]
    assert nobody == []


async def test_think_time_is_honoured(client: httpx.AsyncClient) -> None:
    """No answer comes before it has passed."""
    started = perf_counter()
    await client.post(EMBED_PATH, json={"text": "a"}, headers={THINK_TIME_HEADER: "50"})
    assert perf_counter() - started >= 0.05


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (EMBED_PATH, b""),
        (EMBED_PATH, b"{"),
        (EMBED_PATH, b"[]"),
        (EMBED_PATH, b"null"),
        (EMBED_PATH, b"{}"),
        (EMBED_PATH, b'{"text": 5}'),
        (EMBED_PATH, b'{"text": null}'),
        (EMBED_PATH, b'{"text": ["a"]}'),
        (RERANK_PATH, b"{}"),
        (RERANK_PATH, b'{"jobDescription": "a", "limit": 1, "candidates": ["b"]}'),
        (RERANK_PATH, b'{"jobDescription": "a", "limit": 1, "candidates": 7}'),
        (RERANK_PATH, b'{"jobDescription": 1, "limit": 1, "candidates": []}'),
        (RERANK_PATH, b'{"jobDescription": "a", "limit": "x", "candidates": []}'),
        (RERANK_PATH, b'{"jobDescription": "a", "limit": -1, "candidates": []}'),
    ],
    ids=[
        "embed nothing",
        "embed cut JSON",
        "embed a list",
        "embed null",
        "embed without text",
        "embed a number",
        "embed a null text",
        "embed texts",
        "rerank nothing",
        "rerank words",
        "rerank a number",
        "rerank for a number",
        "rerank with a word as limit",
        "rerank with a negative limit",
    ],
)
async def test_a_bad_body_is_a_bad_request(
    client: httpx.AsyncClient, path: str, body: bytes
) -> None:
    """400, and the message says what was wrong with it."""
    response = await client.post(path, content=body)
    assert response.status_code == 400
    assert response.json()["error"].startswith("bad request")


@pytest.mark.parametrize("think", ["soon", "nan"])
async def test_a_bad_think_time_is_a_bad_request(client: httpx.AsyncClient, think: str) -> None:
    """It is no number."""
    headers = {THINK_TIME_HEADER: think}
    response = await client.post(EMBED_PATH, json={"text": "a"}, headers=headers)
    assert response.status_code == 400


async def test_health_names_the_model(client: httpx.AsyncClient) -> None:
    """By the name that the embeddings carry."""
    assert (await client.get("/health")).json() == {"status": "ok", "model": Embedder().name}


def test_an_idle_connection_is_closed_by_its_client_first() -> None:
    """A server that hung up first could do so just as the next call is on its way."""
    assert configured(make_app(Embedder(768))).timeout_keep_alive > KEEP_ALIVE_S
