"""Vacancies: what a recruiter has in mind during a session of searches."""

from dataclasses import dataclass

from hhperf.corpus.draw import Draw, cumulative, zipf
from hhperf.corpus.phrases import inflect
from hhperf.corpus.profiles import SENIORITY_LEVELS, YEARS_BY_LEVEL
from hhperf.corpus.vocabulary import Desk, Language, Place, Vocabulary

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
