"""The taxonomy is well formed and names what it should."""

from collections import Counter

import pytest

from hhperf.corpus.phrases import inflect
from hhperf.corpus.specialties import SpecialtyTerm, load_taxonomy
from hhperf.corpus.vocabulary import LANGUAGES, load_vocabulary
from hhperf.search.terms import terms_of

TAXONOMY = load_taxonomy()
TERMS = {row.term: row for row in TAXONOMY}


def named(text: str) -> str | None:
    """The specialty of a text's best term: by weight, then length, then name."""
    found: list[SpecialtyTerm] = [TERMS[term] for term in terms_of(text) if term in TERMS]
    best = min(found, key=lambda row: (-row.weight, -len(row.term), row.specialty), default=None)
    return best.specialty if best else None


def test_no_term_has_two_rows() -> None:
    """Each term names one specialty, so that one indexed lookup answers."""
    assert len(TERMS) == len(TAXONOMY)


def test_terms_are_spelled_as_they_are_looked_up() -> None:
    """The longest run of a term's own words is the term."""
    assert [row.term for row in TAXONOMY if terms_of(row.term)[0] != row.term] == []


def test_every_desk_is_named_and_nothing_else() -> None:
    """The taxonomy and the corpus know the same specialties, each by 25 terms or more."""
    counts = Counter(row.specialty for row in TAXONOMY)
    assert set(counts) == {desk.specialty for desk in load_vocabulary().desks}
    assert min(counts.values()) >= 25


def test_both_languages_are_covered() -> None:
    """Portuguese and English terms are about as many."""
    languages = Counter(row.lang for row in TAXONOMY)
    assert set(languages) == {"pt", "en", "mul"}
    assert 0.5 < languages["pt"] / languages["en"] < 2


def test_weights_are_known_grades() -> None:
    """Titles outweigh fields, fields outweigh broad words, broad words outweigh skills."""
    assert {row.weight for row in TAXONOMY} == {1.0, 0.9, 0.6, 0.4}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("desk", load_vocabulary().desks, ids=lambda desk: desk.specialty)
def test_common_titles_name_their_desk(desk, language) -> None:  # type: ignore[no-untyped-def]
    """Nine in ten of a desk's common titles are recognised as the desk's."""
    titles = [inflect(title, feminine=True) for title in desk.titles[language]]
    right = sum(named(title) == desk.specialty for title in titles)
    assert right >= 0.9 * len(titles)


@pytest.mark.parametrize(
    ("query", "specialty"),
    [
        ("Engenheiro(a) de Dados Sênior - São Paulo", "data"),
        ("software engineer machine learning pytorch", "machine-learning"),
        ("react native developer", "mobile"),
        ("desenvolvedor react", "frontend"),
        ("Enfermeira UTI Recife", "nursing"),
        ("python", "backend"),
        ("professora de matemática", "teaching"),
        ("advogado trabalhista com LGPD", "legal"),
        ("astronaut", None),
    ],
)
def test_queries_are_named(query: str, specialty: str | None) -> None:
    """The best term decides: titles before skills, longer before shorter."""
    assert named(query) == specialty
