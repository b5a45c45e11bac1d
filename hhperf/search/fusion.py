"""Two ranked lists made one. Pure."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from hhperf.search.model import Fused

VECTOR_WEIGHT, TEXT_WEIGHT = 0.65, 0.35
ABSENT = (None, 0.0)


class Hit(NamedTuple):
    """What one search method says of a candidate; its rank is its place in the list."""

    candidate_id: str
    score: float


def reciprocal_rank_fusion(
    vector: Sequence[Hit], text: Sequence[Hit], *, k: int = 60
) -> tuple[Fused, ...]:
    """Sum of 1 / (k + rank) over the lists that hold a candidate, ranks from 1.

    Best first, ties by candidate id. Source: Cormack, Clarke and Büttcher, "Reciprocal rank fusion
    outperforms Condorcet and individual rank learning methods", SIGIR 2009.
    """
    return _fused(vector, text, k, lambda _vector, _text, rrf: rrf)


def weighted_sum(vector: Sequence[Hit], text: Sequence[Hit], *, k: int = 60) -> tuple[Fused, ...]:
    """0.65 × vector score + 0.35 × text score, an absent score counting 0.

    Best first, ties by candidate id. The reciprocal rank score is reported, not used.
    """
    return _fused(
        vector, text, k, lambda vector, text, _rrf: VECTOR_WEIGHT * vector + TEXT_WEIGHT * text
    )


def _fused(
    vector: Sequence[Hit],
    text: Sequence[Hit],
    k: int,
    score: Callable[[float, float, float], float],
) -> tuple[Fused, ...]:
    by_vector = _ranked(vector)
    by_text = _ranked(text)
    fused = []
    for candidate_id in by_vector | by_text:
        vector_rank, vector_score = by_vector.get(candidate_id, ABSENT)
        text_rank, text_score = by_text.get(candidate_id, ABSENT)
        rrf = _share(vector_rank, k) + _share(text_rank, k)
        total = score(vector_score, text_score, rrf)
        fused.append(
            Fused(candidate_id, total, vector_score, text_score, rrf, vector_rank, text_rank)
        )
    return tuple(sorted(fused, key=lambda each: (-each.score, each.candidate_id)))


def _ranked(hits: Sequence[Hit]) -> dict[str, tuple[int | None, float]]:
    return {candidate_id: (rank, score) for rank, (candidate_id, score) in enumerate(hits, 1)}


def _share(rank: int | None, k: int) -> float:
    return 0.0 if rank is None else 1 / (k + rank)
