"""Looks at what the embedding and the reranking service answer."""

from collections.abc import Collection, Mapping
from contextlib import aclosing
from typing import Any

from hhperf.search.connect import Endpoints
from hhperf.search.embedding import vector_of
from hhperf.search.model import Caller
from hhperf.search.provider import JsonProvider
from hhperf.search.rerank import scores_of
from hhperf.search.resilience import ProviderError
from hhperf.search.wire import EMBED_PATH, RERANK_PATH
from hhperf.settings import Settings
from hhperf.stack.finding import Finding

CALLER = Caller("hhperf-doctor", "hhperf-doctor")
TEXT = "python developer"
PERSON = {"candidateId": "1", "title": TEXT, "headline": "", "skills": ["python"], "score": 0.5}
EMBED_BODY = {"text": TEXT, "metadata": {"source": "hhperf-doctor"}}
RERANK_BODY = {"jobDescription": TEXT, "query": TEXT, "limit": 1, "candidates": [PERSON]}


async def inspect_providers(
    settings: Settings, where: Endpoints, answering: Collection[str]
) -> list[Finding]:
    """Ask each service that answers at all for one embedding, or one ranking."""
    findings = []
    if "embedding" in answering:
        findings.append(await _embedding(settings, where.embed_url))
    if "rerank" in answering and settings.enable_rerank:
        findings.append(await _ranking(settings, where.rerank_url))
    return findings


async def _embedding(settings: Settings, url: str) -> Finding:
    dimensions = settings.pgvector_dimensions
    try:
        timeout_s = settings.embed_service_timeout_ms / 1e3
        answer = await _answer(url, timeout_s, EMBED_PATH, EMBED_BODY)
        vector_of(answer.get("embedding"), dimensions)
    except (ProviderError, ValueError) as error:
        message = f"an embedding {error}" if isinstance(error, ValueError) else str(error)
        remedy = (
            "let EMBED_SERVICE_URL name a service whose model has PGVECTOR_DIMENSIONS"
            f" ({dimensions}) numbers a text, the same that made the table's embeddings"
        )
        return Finding("embedding answers", False, message, remedy)
    return Finding("embedding answers", True, f"{dimensions} numbers a text")


async def _ranking(settings: Settings, url: str) -> Finding:
    try:
        timeout_s = settings.rerank_service_timeout_ms / 1e3
        scores_of(await _answer(url, timeout_s, RERANK_PATH, RERANK_BODY))
    except ProviderError as error:
        remedy = "check RERANK_SERVICE_URL, or search without reranking: ENABLE_RERANK=false"
        return Finding("rerank answers", False, str(error), remedy)
    return Finding("rerank answers", True, "a score for each candidate")


async def _answer(
    url: str, timeout_s: float, path: str, body: Mapping[str, Any]
) -> Mapping[str, Any]:
    async with aclosing(JsonProvider.connect(url, timeout_s)) as provider:
        return await provider.post(path, body, CALLER)
