"""From an HTTP answer of a search service to a reply. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from hhperf.errors import TargetError
from hhperf.harness.http_client import HttpResponse
from hhperf.harness.stage_table import PRODUCTION, StageTable
from hhperf.harness.stage_times import cache_word, stage_times
from hhperf.harness.target import Reply
from hhperf.runs.observation import CacheLayer, Span

LONGEST_REASON = 200


_STATUSES = {
    **dict.fromkeys(("hit", "stale", "updating", "revalidated"), True),
    **dict.fromkeys(("miss", "bypass", "expired"), False),
}
"""This service's words and nginx's: whether the answer is a stored one."""


def read_reply(response: HttpResponse, start_ns: int, table: StageTable = PRODUCTION) -> Reply:
    """What the harness records of an answer.

    Spans come from the `Server-Timing` header and from `timings` of the body. Both say how long a
    stage took, not when it began: spans of an HTTP target all begin with the request.

    Args:
        response: the answer.
        start_ns: when the request was sent.
        table: what the service's names of its stages mean.

    Raises:
        TargetError: the status is none of success, or the body is no JSON object.
    """
    if not 200 <= response.status < 300:
        raise TargetError(f"status {response.status}{_reason(response)}")
    body = _object(response.body)
    hits = _cache_hits(response.headers, body)
    told = stage_times(
        response.headers,
        body,
        table,
        is_hit=hits.get(CacheLayer.RESULT, False),
        elapsed_ms=(response.end_ns - start_ns) / 1e6,
    )
    spans = [
        Span(stage, start_ns, start_ns + _ns(taken_ms)) for stage, taken_ms in told.stages.items()
    ]
    if response.connect_ns is not None:
        spans.insert(0, Span("connect", *response.connect_ns))
    return Reply(
        results=_results(body),
        spans=tuple(spans),
        cache_hits=hits,
        service_ns=None if told.service is None else _ns(told.service),
        excess_ns=None if told.excess is None else _ns(told.excess),
        end_ns=response.end_ns,
    )


def _ns(milliseconds: float) -> int:
    return round(milliseconds * 1e6)


def _results(body: Mapping[str, Any]) -> tuple[tuple[str, float], ...]:
    results = body.get("results")
    if not isinstance(results, list):
        return ()
    return tuple(
        (str(each.get("candidateId", each.get("id", ""))), float(each.get("score") or 0.0))
        for each in results
        if isinstance(each, dict)
    )


def _cache_hits(headers: Mapping[str, str], body: Mapping[str, Any]) -> dict[CacheLayer, bool]:
    """Whether the result cache answered, as far as it is told.

    One place that tells of a hit is enough: what a cache in front of the service has kept still
    holds the service's own `cacheHit: false`.
    """
    words = (headers.get("x-cache-status", ""), cache_word(headers.get("server-timing", "")) or "")
    said = [body.get("cacheHit"), *(_STATUSES.get(each.strip().lower()) for each in words)]
    told = [each for each in said if isinstance(each, bool)]
    return {CacheLayer.RESULT: any(told)} if told else {}


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except ValueError as error:
        raise TargetError(f"the answer is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise TargetError("the answer is not a JSON object")
    return found


def _reason(response: HttpResponse) -> str:
    try:
        found = _object(response.body)
    except TargetError:
        return ""
    said = (found.get(name) for name in ("message", "error", "detail"))
    reason = next((each for each in said if isinstance(each, str)), "")
    return f": {reason[:LONGEST_REASON]}" if reason else ""
