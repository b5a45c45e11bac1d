"""The reranking service: a second opinion on the order of the best candidates."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from hhperf.search.cache import RedisCache, decoded, hashed
from hhperf.search.model import Caller, Candidate, SearchRequest
from hhperf.search.provider import RERANK_PATH, JsonProvider, ProviderError

CANDIDATES = 100


@dataclass(frozen=True, slots=True)
class RerankClient:
    """Asks for scores, or remembers them by job description and candidate set."""

    provider: JsonProvider
    cache: RedisCache
    ttl_s: int
    limit: int

    async def scores(
        self,
        request: SearchRequest,
        candidates: Sequence[Candidate],
        caller: Caller,
        prefix: str,
        think_s: float = 0.0,
    ) -> tuple[dict[str, float], bool]:
        """The service's score by candidate id, and whether the cache had them.

        Raises:
            ProviderError: the service failed, or answered something that is no ranking.
        """
        best = candidates[:CANDIDATES]
        key = f"{prefix}:rerank:{_set_key(request, best, caller)}"
        stored = _stored(await self.cache.get(key), best)
        if stored is not None:
            return stored, True
        answer = await self.provider.post(
            RERANK_PATH, rerank_body(request, best, self.limit), caller, think_s
        )
        scores = scores_of(answer)
        await self.cache.put(key, json.dumps(scores).encode(), self.ttl_s)
        return scores, False


def rerank_body(
    request: SearchRequest, candidates: Sequence[Candidate], limit: int
) -> dict[str, Any]:
    """What the service is asked: the text to rank by, and each candidate in a few words."""
    return {
        "jobDescription": request.role,
        "query": request.query,
        "limit": limit,
        "candidates": [
            {
                "candidateId": each.profile.candidate_id,
                "title": each.profile.title or "",
                "headline": each.profile.headline or "",
                "skills": list(each.profile.skills),
                "score": each.score,
            }
            for each in candidates
        ],
    }


def scores_of(answer: Mapping[str, Any]) -> dict[str, float]:
    """The scores in the service's answer.

    Raises:
        ProviderError: it is not a list of results, each with an id and a finite score.
    """
    try:
        scores = {str(each["candidateId"]): float(each["score"]) for each in answer["results"]}
    except (KeyError, TypeError, ValueError) as error:
        raise ProviderError(f"no ranking: {error!r}", passing=True) from None
    if not all(map(isfinite, scores.values())):
        raise ProviderError("the ranking has a score that is not finite", passing=True)
    return scores


def reordered(
    candidates: Sequence[Candidate], scores: Mapping[str, float]
) -> tuple[Candidate, ...]:
    """Those with a new score first, by it; the others after them in the order they had.

    Ties keep the order they had too. Each keeps its former score among its signals, as `base`.
    """
    scored = [
        replace(
            each,
            score=scores[each.profile.candidate_id],
            signal_scores={**each.signal_scores, "base": each.score},
        )
        for each in candidates
        if each.profile.candidate_id in scores
    ]
    rest = [each for each in candidates if each.profile.candidate_id not in scores]
    return (*sorted(scored, key=lambda each: -each.score), *rest)


def _stored(value: bytes | None, candidates: Sequence[Candidate]) -> dict[str, float] | None:
    """Remembered scores of some of these candidates; None for anything else."""
    scores = decoded(value)
    ids = {each.profile.candidate_id for each in candidates}
    try:
        return (
            {name: float(score) for name, score in scores.items()} if scores.keys() <= ids else None
        )
    except (AttributeError, TypeError, ValueError):
        return None


def _set_key(request: SearchRequest, candidates: Sequence[Candidate], caller: Caller) -> str:
    wanted = request.jd_hash or hashed(request.role)
    ids = sorted(each.profile.candidate_id for each in candidates)
    return hashed(caller.tenant, wanted, request.query, ids)
