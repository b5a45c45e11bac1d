"""The embedding and reranking services, over HTTP, in a process of their own.

Run as `python -m hhperf.stack.provider_app SOCKET DIMENSIONS`: it listens on a unix socket, which
is there once it answers, and for its user alone. In a process of its own its work does not sit on
the measured event loop.
"""

import os
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import perf_counter_ns
from typing import Any

import numpy as np
import uvicorn
from pydantic_core import from_json, to_json
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hhperf.search.provider import (
    EMBED_PATH,
    KEEP_ALIVE_S,
    REQUEST_ID_HEADER,
    RERANK_PATH,
    THINK_TIME_HEADER,
)
from hhperf.search.service import WAITING_CONNECTIONS
from hhperf.search.trace import wait_until
from hhperf.stack.embedder import Embedder

THINK_TIME_MOST_S = 60.0
OVERLAP_WEIGHT = 0.3

Answer = Callable[[Embedder, dict[str, Any]], dict[str, Any]]


def make_app(embedder: Embedder) -> Starlette:
    """The application around one model."""
    return Starlette(
        routes=[
            Route("/health", _health(embedder)),
            Route(EMBED_PATH, _endpoint(embedder, embed), methods=["POST"]),
            Route(RERANK_PATH, _endpoint(embedder, score), methods=["POST"]),
        ]
    )


def embed(embedder: Embedder, body: dict[str, Any]) -> dict[str, Any]:
    """The embedding of `text`; an empty list for a text with nothing in it."""
    vector = embedder.embed([body["text"]])[0]
    return {
        "embedding": vector.tolist() if vector.any() else [],
        "provider": "hhperf",
        "model": embedder.name,
        "dimensions": embedder.dimensions,
    }


def score(embedder: Embedder, body: dict[str, Any]) -> dict[str, Any]:
    """Each candidate's fit: cosine to the job description, and the share of its words held."""
    if body["limit"] < 0:
        raise ValueError("limit is negative")
    candidates = body["candidates"]
    texts = [_words_of(each) for each in candidates]
    # Apart: in one batch each text is padded to the longest, and a job description is long.
    (role,) = embedder.directions([body["jobDescription"]])
    cosines = embedder.directions(texts) @ role
    wanted = set(body["jobDescription"].lower().split())
    shares = [len(wanted & set(text.lower().split())) / max(1, len(wanted)) for text in texts]
    scores = (1 - OVERLAP_WEIGHT) * cosines.astype(float) + OVERLAP_WEIGHT * np.array(shares)
    order = np.argsort(-scores, kind="stable")[: body["limit"]]
    return {
        "results": [
            {"candidateId": candidates[i]["candidateId"], "score": float(scores[i])} for i in order
        ]
    }


def _words_of(candidate: dict[str, Any]) -> str:
    return " ".join([candidate["title"], candidate["headline"], *candidate["skills"]])


def _endpoint(embedder: Embedder, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    async def respond(request: Request) -> Response:
        arrived = perf_counter_ns()
        try:
            body = answer(embedder, from_json(await request.body()))
            think_s = min(float(request.headers.get(THINK_TIME_HEADER, 0)) / 1e3, THINK_TIME_MOST_S)
            ready_ns = arrived + round(think_s * 1e9)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            return _json({"error": f"bad request: {error!r}"}, status=400)
        await wait_until(ready_ns)
        return _json(body | {"requestId": request.headers.get(REQUEST_ID_HEADER)})

    return respond


def _health(embedder: Embedder) -> Callable[[Request], Awaitable[Response]]:
    async def respond(_request: Request) -> Response:
        return _json({"status": "ok", "model": embedder.name})

    return respond


def _json(body: dict[str, Any], status: int = 200) -> Response:
    return Response(to_json(body), status_code=status, media_type="application/json")


def main(address: Path, dimensions: int) -> None:
    """Serve until told to stop."""
    embedder = Embedder(dimensions)
    embedder.embed(["warm"])
    listener = _listen(address)
    uvicorn.Server(configured(make_app(embedder))).run(sockets=[listener])


def configured(app: Starlette) -> uvicorn.Config:
    """How it is served: a server that hung up first could do so just as the next call comes."""
    return uvicorn.Config(
        app, log_level="warning", access_log=False, timeout_keep_alive=2 * KEEP_ALIVE_S
    )


def _listen(address: Path) -> socket.socket:
    """Listen on a unix socket that appears when it can be connected to."""
    unfinished = address.with_suffix(".tmp")
    unfinished.unlink(missing_ok=True)
    os.umask(0o077)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(unfinished))
    listener.listen(WAITING_CONNECTIONS)
    unfinished.rename(address)
    return listener


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
