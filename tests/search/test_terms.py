"""Texts are cut into terms the taxonomy can be asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhperf.search.specialty import MAX_TERM_WORDS, MAX_WORDS, term_of, terms_of


def test_longer_runs_come_first() -> None:
    """At each word all runs that start there are listed, the longest first, each once."""
    assert terms_of("data data engineer") == [
        "data data engineer",
        "data data",
        "data",
        "data engineer",
        "engineer",
    ]


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("ENGENHEIRA DE DADOS", "engenheira de dados"),
        ("Médico Sênior", "medico senior"),
        ("C++, C# e .NET", "c++ c# e .net"),
        ("Node.js.", "node.js"),
        ("back-end", "back end"),
        ("CI/CD", "ci cd"),
        ("Desenvolvedor(a) Java", "desenvolvedor java"),
        ("Engenheiro/a civil", "engenheiro civil"),
        ("ﬁnance ﬀ", "finance ff"),
    ],
)
def test_spelling_is_folded(text: str, term: str) -> None:
    """Case, accents, hyphens and second endings do not count; marks that are part of a name do."""
    assert terms_of(text)[0] == term


@pytest.mark.parametrize(
    "text",
    ["", "   ", "\0", "'\"\\;--", "🙂 \ud800 …"],
    ids=["empty", "blank", "NUL", "quotes", "no letters"],
)
def test_nothing_but_separators_has_no_terms(text: str) -> None:
    """Quotes, NUL, emoji and lone surrogates are no words."""
    assert terms_of(text) == []


def test_long_texts_are_capped() -> None:
    """A long job description is read for its first 256 words."""
    terms = terms_of(" ".join(f"w{number}" for number in range(20_000)))
    assert len(terms) == 1_270
    assert terms[-1] == f"w{MAX_WORDS - 1}"


def test_endless_words_are_dropped() -> None:
    """No taxonomy word is longer than 40 characters."""
    assert terms_of("x" * 6_000 + " java") == ["java"]


@given(st.text(max_size=300))
def test_terms_are_clean_and_different(text: str) -> None:
    """Whatever the text, terms are different, short runs of folded words, fit for PostgreSQL."""
    terms = terms_of(text)
    assert len(terms) == len(set(terms))
    for term in terms:
        assert 1 <= len(term.split(" ")) <= MAX_TERM_WORDS
        assert "\0" not in term
        term.encode()


@given(st.text(max_size=60))
def test_terms_of_a_term_begin_with_it(text: str) -> None:
    """Folding twice changes nothing."""
    for term in terms_of(text):
        assert terms_of(term)[0] == term


@pytest.mark.parametrize(
    ("name", "term"), [("CI/CD", "ci cd"), ("Gestão de Pessoas", "gestao de pessoas"), ("!", "")]
)
def test_a_name_is_one_term(name: str, term: str) -> None:
    """A name is spelled as a text that holds it would be cut."""
    assert term_of(name) == term
    assert not term or term_of(name) in terms_of(f"quem tem {name} hoje")
