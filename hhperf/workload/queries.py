"""Vacancies, which recruiters have in mind during a session of searches, and queries for them."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hhperf.workload.corpus.candidates import SENIORITY_LEVELS, YEARS_BY_LEVEL
from hhperf.workload.corpus.draw import Draw, cumulative, zipf
from hhperf.workload.corpus.phrases import inflect
from hhperf.workload.corpus.vocabulary import Desk, Language, Place, Vocabulary

# Fewer leaders are hired than there are, and more experienced people searched for.
_LEVEL_SHARES = cumulative([12, 28, 40, 10, 6, 3, 1])


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A post to be filled.

    Attributes:
        desk: its specialty.
        language: what the recruiter writes in.
        place: where it is.
        level: index into `SENIORITY_LEVELS`.
        titles: what the post may be called, the usual one first.
        skills: what it needs, the most important first; 4 to 7.
        industry: what the employer does.
    """

    desk: Desk
    language: Language
    place: Place
    level: int
    titles: tuple[str, ...]
    skills: tuple[str, ...]
    industry: str

    @property
    def seniority(self) -> str:
        """The lowest seniority level that will do."""
        return SENIORITY_LEVELS[self.level]

    @property
    def min_years(self) -> int:
        """The fewest years of experience that will do."""
        return YEARS_BY_LEVEL[self.level][0]


def draw_vacancy(vocabulary: Vocabulary, draw: Draw, *, portuguese: float) -> Vacancy:
    """Draw a vacancy that people of the corpus fit.

    Args:
        vocabulary: where titles, skills and places come from.
        draw: the stream to draw from.
        portuguese: the probability that it is written in Portuguese.
    """
    language: Language = "pt" if draw.chance(portuguese) else "en"
    desk = draw.weighted(vocabulary.desks, vocabulary.desk_shares)
    return Vacancy(
        desk=desk,
        language=language,
        place=draw.weighted(vocabulary.places, vocabulary.place_shares),
        level=draw.weighted(range(len(SENIORITY_LEVELS)), _LEVEL_SHARES),
        titles=_titles(desk, language, draw),
        skills=tuple(draw.sample(desk.skills, draw.integer(4, 7), zipf(len(desk.skills)))),
        industry=draw.weighted(desk.industries, zipf(len(desk.industries))),
    )


def _titles(desk: Desk, language: Language, draw: Draw) -> tuple[str, ...]:
    """Three common titles; technology is often searched for in English."""
    if desk.technology and draw.chance(0.4):
        language = "en"
    common = desk.titles[language]
    return tuple(
        inflect(title, feminine=False) for title in draw.sample(common, 3, zipf(len(common)))
    )


def query(vacancy: Vacancy, draw: Draw) -> str:
    """A query for a vacancy, in one of the ways people write them."""
    return as_typed(draw.weighted(_STYLES, _STYLE_SHARES)(vacancy, draw), draw)


def as_typed(text: str, draw: Draw) -> str:
    """Most people type lower-case letters, some leave the accents out."""
    if draw.chance(0.65):
        text = text.lower()
    return _without_accents(text) if draw.chance(0.08) else text


def _without_accents(text: str) -> str:
    split = unicodedata.normalize("NFKD", text)
    return "".join(char for char in split if not unicodedata.combining(char))


def _role(vacancy: Vacancy, _draw: Draw) -> str:
    return vacancy.titles[0]


def _skill(vacancy: Vacancy, draw: Draw) -> str:
    return " ".join(vacancy.skills[: draw.integer(1, 2)])


def _role_and_skill(vacancy: Vacancy, draw: Draw) -> str:
    return f"{vacancy.titles[0]} {draw.weighted(vacancy.skills, zipf(len(vacancy.skills)))}"


def _role_and_skills(vacancy: Vacancy, draw: Draw) -> str:
    return " ".join([vacancy.titles[0], *vacancy.skills[: draw.integer(2, 3)]])


def _role_and_place(vacancy: Vacancy, _draw: Draw) -> str:
    return f"{vacancy.titles[0]} {vacancy.place.city}"


def _everything(vacancy: Vacancy, draw: Draw) -> str:
    grade = _GRADES[vacancy.language].get(vacancy.seniority, "")
    skills = vacancy.skills[: draw.integer(2, 4)]
    return " ".join([vacancy.titles[0], *grade.split(), *skills, vacancy.place.city])


def _sentence(vacancy: Vacancy, draw: Draw) -> str:
    first, second = vacancy.skills[:2]
    return draw.pick(_SENTENCES[vacancy.language]).format(
        title=vacancy.titles[0], first=first, second=second, city=vacancy.place.city
    )


_GRADES: Mapping[str, Mapping[str, str]] = {
    "pt": {"junior": "Júnior", "mid": "Pleno", "senior": "Sênior", "lead": "Especialista"},
    "en": {"junior": "Junior", "senior": "Senior", "lead": "Lead"},
}
_SENTENCES: Mapping[str, tuple[str, ...]] = {
    "pt": (
        "Procuro {title} com experiência em {first} e {second}",
        "{title} para atuar com {first} em {city}",
        "Preciso de {title} que conheça {first} e {second} em {city}",
    ),
    "en": (
        "Looking for a {title} with experience in {first} and {second}",
        "{title} to work with {first} in {city}",
        "We need a {title} who knows {first} and {second}, based in {city}",
    ),
}
_STYLES: tuple[Callable[[Vacancy, Draw], str], ...] = (
    _role,
    _skill,
    _role_and_skill,
    _role_and_skills,
    _role_and_place,
    _everything,
    _sentence,
)
_STYLE_SHARES = cumulative([26, 16, 26, 10, 8, 7, 7])
