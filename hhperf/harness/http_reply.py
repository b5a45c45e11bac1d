"""From an HTTP answer of a search service to a reply. Pure."""

import json
import re
from collections.abc import Mapping
from typing import Any

from hhperf.errors import TargetError
from hhperf.harness.http_client import HttpResponse
from hhperf.harness.target import Reply
from hhperf.runs.observation import CacheLayer, Span

LONGEST_REASON = 200

_STAGES = {
    "cacheMs": "cache",
    "embeddingMs": "embedding",
    "specialtyMs": "specialty",
    "vectorSearchMs": "vector",
    "textSearchMs": "text",
    "rankingMs": "ranking",
    "rerankMs": "rerank",
}
"""The `timings` that are a stage's own; the others are sums of several."""

_SUMS = frozenset({"total", "retrieval"})
_DURATION = re.compile(
    r"""^\s*([^\s;]+)\s*(?:;[^;]*)*?;\s*dur\s*=\s*"?([0-9]+(?:\.[0-9]+)?)""", re.IGNORECASE
)
_METRICS = re.compile(r"""(?:[^,"]|"(?:\\.|[^"\\])*")+""")

_CACHE_METRIC = re.compile(
    r"""^\s*cache\s*(?:;[^;]*)*?;\s*desc\s*=\s*"?([A-Za-z]+)""", re.IGNORECASE
)
_STATUSES = {
    **dict.fromkeys(("hit", "stale", "updating", "revalidated"), True),
    **dict.fromkeys(("miss", "bypass", "expired"), False),
}
"""Of `X-Cache-Status`, this service's and nginx's: whether the answer is a stored one."""


def read_reply(response: HttpResponse, start_ns: int) -> Reply:
    """What the harness records of an answer.

    Spans come from the `Server-Timing` header and from `timings` of the body. Both say how long a
    stage took, not when it began: spans of an HTTP target all begin with the request.

    Args:
        response: the answer.
        start_ns: when the request was sent.

    Raises:
        TargetError: the status is none of success, or the body is no JSON object.
    """
    if not 200 <= response.status < 300:
        raise TargetError(f"status {response.status}{_reason(response)}")
    body = _object(response.body)
    durations_ms = stage_times_ms(response.headers, body)
    spans = [
        Span(stage, start_ns, start_ns + round(duration_ms * 1e6))
        for stage, duration_ms in durations_ms.items()
    ]
    if response.connect_ns is not None:
        spans.insert(0, Span("connect", *response.connect_ns))
    return Reply(
        results=_results(body),
        spans=tuple(spans),
        cache_hits=_cache_hits(response.headers, body),
        end_ns=response.end_ns,
    )


def stage_times_ms(headers: Mapping[str, str], body: Mapping[str, Any]) -> dict[str, float]:
    """Each stage's own time in milliseconds; a stage that took none did not run.

    What both the header and the body name is taken from the body.
    """
    return {**_server_timing(headers.get("server-timing", "")), **_timings(body.get("timings"))}


def _timings(timings: object) -> dict[str, float]:
    if not isinstance(timings, dict):
        return {}
    return {
        stage: float(timings[name])
        for name, stage in _STAGES.items()
        if isinstance(timings.get(name), int | float) and timings[name] > 0
    }


def _server_timing(header: str) -> dict[str, float]:
    """Metrics with a duration, by name (W3C Server Timing: `name;dur=1.5;desc="..."`)."""
    matches = (_DURATION.match(metric) for metric in _METRICS.findall(header))
    return {
        match[1]: float(match[2])
        for match in matches
        if match and match[1] not in _SUMS and float(match[2])
    }


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
    said = [body.get("cacheHit"), *map(_STATUSES.get, _cache_statuses(headers))]
    told = [each for each in said if isinstance(each, bool)]
    return {CacheLayer.RESULT: any(told)} if told else {}


def _cache_statuses(headers: Mapping[str, str]) -> list[str]:
    """Of `X-Cache-Status`, and of the metric `cache` of `Server-Timing`."""
    metrics = _METRICS.findall(headers.get("server-timing", ""))
    timed = (found[1] for found in map(_CACHE_METRIC.match, metrics) if found)
    return [each.strip().lower() for each in (headers.get("x-cache-status", ""), *timed)]


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
