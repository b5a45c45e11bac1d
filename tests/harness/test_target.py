"""Comparing answers and requests."""

from hypothesis import given
from hypothesis import strategies as st

from hhperf.harness.target import asks_for, result_digest, same_results, text_key
from tests.harness.conftest import Logged

RESULTS = st.lists(st.tuples(st.text(max_size=5), st.floats(0, 1)), max_size=6)


@given(RESULTS)
def test_an_answer_is_the_same_as_itself(results: list[tuple[str, float]]) -> None:
    """Scores may differ by rounding."""
    assert same_results(results, [(name, score + 9e-10) for name, score in results])


def test_scores_apart_are_another_answer() -> None:
    """More than a billionth is no rounding."""
    assert not same_results([("a", 0.5)], [("a", 0.5 + 2e-9)])


def test_no_number_equals_nan() -> None:
    """A broken score is never taken for the right one."""
    assert not same_results([("a", float("nan"))], [("a", float("nan"))])


def test_order_and_length_count() -> None:
    """The same candidates in another order, or one fewer, are another answer."""
    results = [("a", 0.5), ("b", 0.5)]
    assert not same_results(results, results[::-1])
    assert not same_results(results, results[:1])


def test_the_digest_tells_ids_in_order() -> None:
    """Scores do not enter it."""
    digests = {result_digest([("a", 1.0), ("b", score)]) for score in (0.1, 0.2)}
    assert len(digests) == 1
    assert result_digest([("b", 1.0), ("a", 1.0)]) not in digests


def test_the_text_is_the_query_else_the_job_description() -> None:
    """Filters and limits do not make another text."""
    key = text_key({"query": "java", "limit": 5})
    assert key == text_key({"query": " java "})
    assert key == text_key({"query": " ", "jobDescription": "java"})
    assert key != text_key({"query": "go"})


@given(st.text())
def test_any_text_has_a_key_of_64_bits(text: str) -> None:
    """Lone surrogates included."""
    assert -(2**63) <= text_key({"query": text, "jobDescription": "\ud800"}) < 2**63


def test_embeddings_alone_are_told_apart() -> None:
    """Requests without a text cluster by their whole body."""
    assert text_key({"embedding": [0.1]}) != text_key({"embedding": [0.2]})


def test_the_same_body_of_another_tenant_asks_for_something_else() -> None:
    """The order of fields does not matter, the tenant does."""
    one = Logged("r1", "acme", "s", {"query": "a", "limit": 5})
    same = Logged("r2", "acme", "t", {"limit": 5, "query": "a"})
    other = Logged("r3", "beta", "s", {"query": "a", "limit": 5})
    assert asks_for(one) == asks_for(same) != asks_for(other)
