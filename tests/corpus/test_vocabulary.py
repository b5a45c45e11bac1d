"""The shipped vocabulary is whole, real and trimmed."""

import gzip
from collections.abc import Iterable

import pytest

from hhperf.corpus.vocabulary import LANGUAGES, load_vocabulary
from hhperf.data import data_file

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
