"""Two ranked lists become one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhperf.search.fusion import Hit, reciprocal_rank_fusion, weighted_sum

FUSIONS = (reciprocal_rank_fusion, weighted_sum)

ranked = st.lists(
    st.builds(Hit, st.integers(0, 30).map(str), st.floats(0, 1)),
    unique_by=lambda hit: hit.candidate_id,
    max_size=20,
)


def test_reciprocal_ranks_add_up() -> None:
    """A candidate in both lists has the sum of 1 / (60 + rank), ranks from 1."""
    both = reciprocal_rank_fusion([Hit("a", 0.9), Hit("b", 0.8)], [Hit("b", 3.0)])
    assert [each.candidate_id for each in both] == ["b", "a"]
    assert both[0].score == pytest.approx(1 / 62 + 1 / 61, abs=1e-15)
    assert (both[0].vector_rank, both[0].text_rank) == (2, 1)
    assert (both[1].vector_rank, both[1].text_rank, both[1].text_score) == (1, None, 0.0)


def test_weighted_sum_weighs_scores() -> None:
    """Without ranks 0.65 and 0.35 decide; the reciprocal score is still reported."""
    (found,) = weighted_sum([Hit("a", 0.8)], [Hit("a", 0.5)])
    assert found.score == pytest.approx(0.65 * 0.8 + 0.35 * 0.5, abs=1e-15)
    assert found.rrf_score == pytest.approx(2 / 61, abs=1e-15)


def test_ties_go_by_candidate_id() -> None:
    """The first of one list and the first of the other are equal: the smaller id leads."""
    assert [each.candidate_id for each in reciprocal_rank_fusion([Hit("b", 1)], [Hit("a", 1)])] == [
        "a",
        "b",
    ]


@given(ranked, ranked, st.integers(1, 100))
def test_fusion_keeps_everyone_once(vector: list[Hit], text: list[Hit], k: int) -> None:
    """Whoever is in a list is in the fusion once, with the list's rank and score."""
    for fuse in FUSIONS:
        fused = {each.candidate_id: each for each in fuse(vector, text, k=k)}
        assert fused.keys() == {hit.candidate_id for hit in (*vector, *text)}
        for rank, hit in enumerate(vector, 1):
            assert fused[hit.candidate_id].vector_rank == rank
            assert fused[hit.candidate_id].vector_score == hit.score


@given(ranked, ranked)
def test_fusion_is_sorted(vector: list[Hit], text: list[Hit]) -> None:
    """Scores never rise from one candidate to the next, and equal ones go by id."""
    for fuse in FUSIONS:
        keys = [(-each.score, each.candidate_id) for each in fuse(vector, text)]
        assert keys == sorted(keys)


@given(ranked, ranked, st.integers(1, 100))
def test_reciprocal_rank_fusion_is_symmetric(vector: list[Hit], text: list[Hit], k: int) -> None:
    """The lists may be swapped: no list weighs more, and the sum is exactly the same."""
    one = reciprocal_rank_fusion(vector, text, k=k)
    other = reciprocal_rank_fusion(text, vector, k=k)
    assert [(e.candidate_id, e.score) for e in one] == [(e.candidate_id, e.score) for e in other]


@given(ranked, ranked)
def test_better_ranks_in_both_lists_win(vector: list[Hit], text: list[Hit]) -> None:
    """Who is ahead of another in both lists is ahead in the fusion."""
    fused = reciprocal_rank_fusion(vector, text)
    both = [each for each in fused if each.vector_rank and each.text_rank]
    for place, ahead in enumerate(both):
        for behind in both[place + 1 :]:
            assert not (
                (behind.vector_rank or 0) < (ahead.vector_rank or 0)
                and (behind.text_rank or 0) < (ahead.text_rank or 0)
            )
