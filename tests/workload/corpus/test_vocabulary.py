"""The shipped vocabulary is whole, real and trimmed."""

import gzip
from collections import Counter
from collections.abc import Iterable

import pytest

from hhperf.search.specialty import terms_of
from hhperf.workload.corpus.phrases import inflect
from hhperf.workload.corpus.vocabulary import (
    LANGUAGES,
    SpecialtyTerm,
    load_taxonomy,
    load_vocabulary,
)
from hhperf.workload.shipped import data_file

VOCABULARY = load_vocabulary()
TECHNOLOGY = [desk for desk in VOCABULARY.desks if desk.technology]


def lines(name: str) -> list[str]:
    with gzip.open(data_file(f"vocabulary/{name}"), "rt", encoding="utf-8") as text:
        return text.read().splitlines()


def repeated(items: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    return {item for item in items if item in seen or seen.add(item)}  # type: ignore[func-returns-value]


def test_desks_are_many_and_different() -> None:
    """There are 25 to 40 specialties, most of the corpus being technology."""
    names = [desk.specialty for desk in VOCABULARY.desks]
    assert 25 <= len(set(names)) == len(names) <= 40
    technology = sum(desk.share for desk in TECHNOLOGY)
    assert 0.5 < technology / sum(desk.share for desk in VOCABULARY.desks) < 0.75


@pytest.mark.parametrize("desk", VOCABULARY.desks, ids=lambda desk: desk.specialty)
def test_desk_is_well_described(desk) -> None:  # type: ignore[no-untyped-def]
    """Every desk has titles in both languages, a real long tail, tools and no doubled word."""
    for language in LANGUAGES:
        assert len(desk.titles[language]) >= 6
        assert len(desk.tail[language]) >= 2
    assert len(desk.skills) >= 18
    assert len(desk.tools) >= 5
    assert not repeated([skill.casefold() for skill in desk.skills])


def test_technology_skills_are_real() -> None:
    """At least three quarters of each technology desk's skills are found in the real lists."""
    real = {phrase.casefold() for phrase in lines("modern_skills.txt.gz")}
    real |= {line.split("\t")[1].casefold() for line in lines("occupation_skills.tsv.gz")}
    for desk in TECHNOLOGY:
        known = sum(skill.casefold() in real for skill in desk.skills)
        assert known >= 0.75 * len(desk.skills), desk.specialty


def test_rare_phrases_hold_their_skill() -> None:
    """A long-tail phrase is listed under a skill that it names."""
    backend = VOCABULARY.desk("backend")
    assert sum(map(len, backend.rare.values())) > 100
    assert all(
        skill.casefold() in phrase for skill, phrases in backend.rare.items() for phrase in phrases
    )


def test_nothing_unused_is_shipped() -> None:
    """Every shipped occupation is one that some desk names."""
    named = data_file("vocabulary/desks.toml").read_text(encoding="utf-8")
    for name in ("titles.tsv.gz", "occupation_skills.tsv.gz"):
        codes = {line.split("\t")[0] for line in lines(name)[1:]}
        assert {code for code in codes if code not in named} == set()


def test_unknown_desk_is_an_error() -> None:
    """A specialty that does not exist is not made up."""
    with pytest.raises(KeyError):
        VOCABULARY.desk("alchemy")


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
