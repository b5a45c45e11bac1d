"""Texts that nobody can read and that repeat as before."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hhperf.workload.query_log import LoggedRequest, QueryLog
from hhperf.workload.redaction import Redaction, redacted


def one(body: dict[str, Any]) -> QueryLog:
    return QueryLog((LoggedRequest("r1", 0.0, "acme", "s1", body),), "a file")


def test_words_become_letters() -> None:
    """In the same places; a word that comes again is the same again."""
    log = redacted(one({"query": "Mariana Souza, Mariana!", "limit": 3}), Redaction(b"k"))
    text = log[0].body["query"]
    first, second, third = text.replace(",", "").replace("!", "").split()
    assert (first, len(first), len(second)) == (third, 7, 6)
    assert (text[14], text[-1]) == (",", "!")
    assert "mariana" not in text.lower()
    assert (log[0].body["limit"], log.source) == (3, "a file, redacted")


def test_some_words_may_stay() -> None:
    """Such as the names of skills."""
    redaction = Redaction(b"k", keep=frozenset({"python"}))
    words = redacted(one({"query": "Python Souza"}), redaction)[0].body["query"].split()
    assert words[0] == "Python"
    assert words[1] != "Souza"


def test_who_asked_is_hidden() -> None:
    """Request and session always, the tenant when asked to."""
    request = redacted(one({"query": "a"}), Redaction(b"k", tenants=True))[0]
    assert {request.request_id, request.session, request.tenant} & {"r1", "s1", "acme"} == set()
    assert redacted(one({"query": "a"}), Redaction(b"k"))[0].tenant == "acme"


def test_an_embedding_of_a_text_is_dropped() -> None:
    """It tells what the text means; without a text it is all there is."""
    embedding = [0.5] * 8
    both = redacted(one({"query": "a", "embedding": embedding}), Redaction(b"k"))[0].body
    alone = redacted(one({"embedding": embedding}), Redaction(b"k"))[0].body
    assert "embedding" not in both
    assert alone == {"embedding": embedding}


def test_fields_that_no_search_has_are_dropped() -> None:
    """They may hold anything; the deployed service's own are kept."""
    body = {"query": "a", "note": "call Mariana", "enableNlp": True}
    assert redacted(one(body), Redaction(b"k"))[0].body.keys() == {"query", "enableNlp"}


@given(st.text(), st.text(), st.binary(min_size=1, max_size=64))
def test_texts_stay_as_different_as_they_were(one_text: str, other_text: str, key: bytes) -> None:
    """With the same key the same text gives the same letters, another text others."""
    one_hidden, again, other_hidden = (
        redacted(one({"query": text}), Redaction(key))[0].body["query"]
        for text in (one_text, one_text, other_text)
    )
    assert one_hidden == again
    assert (one_hidden == other_hidden) == (one_text == other_text)


def test_keys_are_drawn_and_not_shown() -> None:
    """So that nobody can look words up."""
    assert Redaction().key != Redaction().key
    assert "key" not in repr(Redaction())
