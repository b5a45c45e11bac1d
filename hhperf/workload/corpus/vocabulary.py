"""The words profiles and queries are made of: real titles and skills, and curated common ones.

Files are in `data/vocabulary`, described with their credits in `data/README.md`.
"""

import csv
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from hhperf.workload.corpus.draw import Cumulative, cumulative
from hhperf.workload.shipped import data_file, data_lines

Language = Literal["pt", "en"]
LANGUAGES: tuple[Language, ...] = ("pt", "en")

_RARE_PER_SKILL = 40
_RARE_PHRASE = re.compile(r"[a-z][a-z+#. -]{3,38}")


@dataclass(frozen=True, slots=True)
class Desk:
    """One specialty: what its people are called, know and work in.

    Attributes:
        specialty: its name, the key of the taxonomy.
        share: its part of the corpus, in the unit of the other desks' shares.
        technology: whether it is a technology desk.
        graded: whether titles carry a grade such as "Senior".
        label: how people name the field, by language.
        titles: common titles, most common first, by language; "{o/a}" holds two endings.
        tail: rarer real titles of the desk's occupations, by language.
        skills: common skills, most common first.
        tools: technologies the desk's occupations use, most widespread first.
        rare: long-tail skill phrases that build on one of `skills`, by that skill.
        industries: where its people work, most common first.
    """

    specialty: str
    share: float
    technology: bool
    graded: bool
    label: Mapping[Language, str]
    titles: Mapping[Language, tuple[str, ...]]
    tail: Mapping[Language, tuple[str, ...]]
    skills: tuple[str, ...]
    tools: tuple[str, ...]
    rare: Mapping[str, tuple[str, ...]]
    industries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A city, its country and the language most of its people write their profile in."""

    city: str
    country: str
    language: Language


@dataclass(frozen=True, slots=True)
class Names:
    """Common given and family names of one language."""

    female: tuple[str, ...]
    male: tuple[str, ...]
    family: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All desks, places and names, with the running shares they are drawn by."""

    desks: tuple[Desk, ...]
    desk_shares: Cumulative
    places: tuple[Place, ...]
    place_shares: Cumulative
    names: Mapping[Language, Names]

    def desk(self, specialty: str) -> Desk:
        """The desk of that specialty.

        Raises:
            KeyError: there is none.
        """
        return {desk.specialty: desk for desk in self.desks}[specialty]


@cache
def load_vocabulary() -> Vocabulary:
    """Read the shipped vocabulary once.

    Raises:
        StackError: a shipped file is missing.
    """
    desks = tuple(_desks())
    places = list(_rows("vocabulary/places.tsv"))
    return Vocabulary(
        desks=desks,
        desk_shares=cumulative([desk.share for desk in desks]),
        places=tuple(Place(row["city"], row["country"], _language(row["lang"])) for row in places),
        place_shares=cumulative([float(row["weight"]) for row in places]),
        names=_names(),
    )


def _names() -> dict[Language, Names]:
    kinds = _toml("names.toml")
    return {
        language: Names(**{kind: tuple(names) for kind, names in kinds[language].items()})
        for language in LANGUAGES
    }


def _desks() -> Iterator[Desk]:
    described = _toml("desks.toml")
    titles = _titles_by_occupation()
    tools = _tools_by_occupation()
    rare = _rare_phrases({skill for desk in described.values() for skill in desk["skills"]})
    for specialty, desk in described.items():
        skills = tuple(desk["skills"])
        technology = desk.get("technology", False)
        yield Desk(
            specialty=specialty,
            share=desk["share"],
            technology=technology,
            graded=desk.get("graded", False),
            label={language: desk[f"label_{language}"] for language in LANGUAGES},
            titles={language: tuple(desk[f"titles_{language}"]) for language in LANGUAGES},
            tail={language: _tail(desk, titles, language) for language in LANGUAGES},
            skills=skills,
            tools=_most_widespread(tools[code] for code in desk["occupations"]),
            rare={skill: rare[skill] for skill in skills if technology and skill in rare},
            industries=tuple(desk["industries"]),
        )


def _tail(
    desk: Mapping[str, Any], titles: Mapping[tuple[str, str], list[str]], language: Language
) -> tuple[str, ...]:
    wanted = re.compile(desk.get("tail", ""), re.IGNORECASE)
    found = (title for code in desk["occupations"] for title in titles[code, language])
    return tuple(dict.fromkeys(title for title in found if wanted.search(title)))


def _titles_by_occupation() -> defaultdict[tuple[str, str], list[str]]:
    titles: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for row in _rows("vocabulary/titles.tsv.gz"):
        titles[row["soc"], row["lang"]].append(row["title"])
    return titles


def _tools_by_occupation() -> defaultdict[str, list[str]]:
    """The "hot" technologies of each occupation: those that employers ask for often."""
    tools: defaultdict[str, list[str]] = defaultdict(list)
    for row in _rows("vocabulary/occupation_skills.tsv.gz"):
        if row["hot"] == "Y":
            tools[row["soc"]].append(row["skill"])
    return tools


def _most_widespread(tools: Iterable[Iterable[str]]) -> tuple[str, ...]:
    counts = Counter(tool for of_occupation in tools for tool in of_occupation)
    return tuple(sorted(counts, key=lambda tool: (-counts[tool], tool)))


def _rare_phrases(skills: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Phrases of the modern long tail that hold one of `skills` and more, by that skill."""
    known = {skill.casefold(): skill for skill in skills if len(skill) > 2}
    found: defaultdict[str, list[str]] = defaultdict(list)
    for phrase in data_lines("vocabulary/modern_skills.txt.gz"):
        words = phrase.split()
        if 2 <= len(words) <= 4 and _RARE_PHRASE.fullmatch(phrase):
            for skill in {known[word] for word in words if word in known}:
                found[skill].append(phrase)
    return {skill: tuple(phrases[:_RARE_PER_SKILL]) for skill, phrases in found.items()}


def _language(code: str) -> Language:
    return "pt" if code == "pt" else "en"


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads(data_file(f"vocabulary/{name}").read_text(encoding="utf-8"))


def _rows(name: str) -> Iterator[dict[str, str]]:
    return csv.DictReader(data_lines(name), delimiter="\t", quoting=csv.QUOTE_NONE)


@dataclass(frozen=True, slots=True)
class SpecialtyTerm:
    """One row of the taxonomy.

    Attributes:
        specialty: what the term names, such as "backend" or "nursing".
        lang: "pt", "en", or "mul" for a term of both.
        term: 1 to 5 words as `terms_of` of the search spells them: lower-case, no accents.
            No term has two rows.
        weight: how surely the term names the specialty: 1.0 a job title, 0.9 the field, 0.6 a broad
            word ("software engineer"), 0.4 a skill.
    """

    specialty: str
    lang: str
    term: str
    weight: float


@cache
def load_taxonomy() -> tuple[SpecialtyTerm, ...]:
    """Read the shipped taxonomy, in the file's order.

    Raises:
        StackError: the file is missing.
    """
    return tuple(
        SpecialtyTerm(row["specialty"], row["lang"], row["term"], float(row["weight"]))
        for row in _rows("taxonomy.tsv")
    )
