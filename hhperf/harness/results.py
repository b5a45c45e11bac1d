"""Pure comparisons: are two answers the same, do two requests ask the same?"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import blake2b
from typing import Any

from hhperf.harness.target import Request

SCORE_TOLERANCE = 1e-9

Results = Sequence[tuple[str, float]]


def same_results(one: Results, other: Results) -> bool:
    """Whether the ids are equal in order and the scores to 1e-9."""
    return len(one) == len(other) and all(
        left[0] == right[0] and abs(left[1] - right[1]) <= SCORE_TOLERANCE
        for left, right in zip(one, other, strict=True)
    )


def result_digest(results: Results) -> str:
    """Sixteen hexadecimal digits of the ids in order; scores are compared, not hashed."""
    return _hash("\0".join(candidate for candidate, _ in results)).hex()


@cache
def _nothing_found() -> str:
    return _hash("").hex()


def scored_digest(results: Results) -> str:
    """Sixteen hexadecimal digits of the ids in order with their scores to 1e-9.

    For answers that cannot be kept until the other comes; equal answers have equal digests, but for
    one in many thousands that a rounding divides.
    """
    if not results:
        return _nothing_found()
    return _hash("\0".join(f"{candidate}\1{score:.9f}" for candidate, score in results)).hex()


def text_key(body: Mapping[str, Any]) -> int:
    """A signed 64-bit number, equal for equal query texts.

    The text is the query, else the job description, else (an embedding alone) the whole body.
    """
    texts = (str(body.get(name) or "").strip() for name in ("query", "jobDescription"))
    text = next(filter(None, texts), None) or _canonical(body)
    return int.from_bytes(_hash(text), "big", signed=True)


def asks_for(request: Request) -> tuple[str, str]:
    """What makes two requests the same to a cache: tenant and body."""
    return request.tenant, _canonical(request.body)


def _canonical(body: Mapping[str, Any]) -> str:
    return json.dumps(dict(body), sort_keys=True, default=str)


def _hash(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
