"""Candidates: seeded, streamed, and the same row whatever number of rows is asked for.

Real vocabulary, synthetic people: every name, career and sentence is put together at random.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hhperf.workload.corpus.draw import Draw, cumulative, zipf
from hhperf.workload.corpus.phrases import HEADLINES, SUMMARIES, TEXTS, TITLES, inflect, ordinals
from hhperf.workload.corpus.vocabulary import (
    Desk,
    Language,
    Names,
    Place,
    Vocabulary,
    load_vocabulary,
)

SENIORITY_LEVELS = ("junior", "mid", "senior", "lead", "manager", "director", "executive")
"""The values of `profile["seniority"]`, lowest first."""

YEARS_BY_LEVEL = ((0, 3), (2, 6), (5, 14), (7, 18), (8, 25), (12, 30), (15, 35))
"""Fewest and most years of experience by seniority level."""

WORK_MODES = ("remote", "hybrid", "onsite")
AVAILABILITY = ("passive", "open", "immediate")

_LEADING = frozenset(SENIORITY_LEVELS[4:])
_LEVEL_SHARES = cumulative([18, 30, 30, 9, 8, 3, 2])
_WORK_MODE_SHARES = cumulative([35, 40, 25])
_AVAILABILITY_SHARES = cumulative([55, 35, 10])
_DEGREES = ("bachelor", "technical", "postgraduate", "master", "doctorate")
_DEGREE_SHARES = cumulative([52, 15, 22, 9, 2])

# Roberts' R2 sequence (2018): two additive recurrences on powers of the plastic number. Any run of
# rows spreads evenly over tenants and desks at once, so no stratum is thin by bad luck.
_PLASTIC = 1.324717957244746
_STEPS = (1 / _PLASTIC, 1 / _PLASTIC**2)


@dataclass(frozen=True, slots=True)
class Tenant:
    """A customer of the search service and its part of the corpus, in any unit."""

    name: str
    share: float


TENANTS = (Tenant("tenant-large", 80), Tenant("tenant-small", 20))


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """A row of `candidate_profiles`, with the text that is embedded and the desk it was made for.

    Attributes:
        candidate_id: unique over all tenants; ids sort in the order of generation.
        country: an English country name; None for some.
        years_experience: None for some.
        analysis_confidence: 0 to 1.
        profile: what goes into the `jsonb` column: JSON types only. `profile["seniority"]` is one
            of `SENIORITY_LEVELS`.
        text: the profile as one text, to be embedded.
        specialty: the desk, a specialty of the taxonomy.
    """

    candidate_id: str
    tenant_id: str
    full_name: str
    current_title: str
    headline: str
    location: str
    country: str | None
    industries: tuple[str, ...]
    skills: tuple[str, ...]
    years_experience: float | None
    analysis_confidence: float
    profile: Mapping[str, Any]
    text: str
    specialty: str


@dataclass(frozen=True, slots=True)
class _Person:
    """What is decided first about a candidate, and all wording follows from."""

    desk: Desk
    place: Place
    language: Language
    feminine: bool
    level: int
    years: int

    @property
    def seniority(self) -> str:
        return SENIORITY_LEVELS[self.level]


def generate_candidates(
    count: int = 23_000, *, seed: int = 0, tenants: Sequence[Tenant] = TENANTS
) -> Iterator[CandidateRow]:
    """Make candidates one by one, in constant memory.

    Row i depends on the seed, the tenants and i alone, never on `count`. Every run of rows spreads
    evenly over tenants and desks.

    Raises:
        StackError: the shipped vocabulary is missing.
    """
    vocabulary = load_vocabulary()
    tenant_shares = cumulative([tenant.share for tenant in tenants])
    strata = _Strata(seed)
    for index in range(count):
        u, v = strata.point(index)
        desk = vocabulary.desks[bisect_right(vocabulary.desk_shares, u)]
        tenant = tenants[bisect_right(tenant_shares, v)]
        yield _candidate(index, tenant.name, desk, vocabulary, Draw("candidate", seed, index))


class _Strata:
    """The R2 sequence from a seeded start: one point of the unit square for each row."""

    def __init__(self, seed: int) -> None:
        start = Draw("strata", seed)
        self._start = (start.uniform(), start.uniform())

    def point(self, index: int) -> tuple[float, float]:
        (u, v), (step_u, step_v) = self._start, _STEPS
        return (u + index * step_u) % 1, (v + index * step_v) % 1


def _candidate(
    index: int, tenant: str, desk: Desk, vocabulary: Vocabulary, draw: Draw
) -> CandidateRow:
    person = _person(desk, vocabulary, draw)
    names = vocabulary.names[person.place.language]
    title = _title(person, draw)
    skills = _skills(person, draw)
    industries = tuple(draw.sample(desk.industries, draw.integer(1, 3), zipf(len(desk.industries))))
    words = _words(person, title, skills, industries)
    headline = _say(draw.pick(HEADLINES[person.language]), person, words)
    summary = _say(draw.pick(SUMMARIES[person.language]), person, words)
    country = None if draw.chance(0.06) else person.place.country
    return CandidateRow(
        candidate_id=f"cand-{index:07d}",
        tenant_id=tenant,
        full_name=_name(names, person.feminine, draw),
        current_title=title,
        headline=headline,
        location=person.place.city,
        country=country,
        industries=industries,
        skills=skills,
        years_experience=None if draw.chance(0.04) else float(person.years),
        analysis_confidence=round(0.05 + 0.95 * max(draw.uniform(), draw.uniform()), 3),
        profile=_profile(person, title, industries, summary, draw),
        text=_text(person, words, headline, summary, skills),
        specialty=desk.specialty,
    )


def _person(desk: Desk, vocabulary: Vocabulary, draw: Draw) -> _Person:
    place = draw.weighted(vocabulary.places, vocabulary.place_shares)
    level = draw.weighted(range(len(SENIORITY_LEVELS)), _LEVEL_SHARES)
    return _Person(
        desk=desk,
        place=place,
        language=place.language if draw.chance(0.8) else "en",
        feminine=draw.chance(0.48),
        level=level,
        years=draw.integer(*YEARS_BY_LEVEL[level]),
    )


def _name(names: Names, feminine: bool, draw: Draw) -> str:
    given = names.female if feminine else names.male
    families = draw.sample(names.family, draw.integer(1, 2), zipf(len(names.family), 0.5))
    return " ".join([draw.weighted(given, zipf(len(given), 0.5)), *families])


def _title(person: _Person, draw: Draw) -> str:
    """A common title with its grade, or now and then one of the occupation's long tail."""
    desk, language = person.desk, person.language
    if desk.technology and draw.chance(0.25):
        language = "en"
    if desk.tail[language] and draw.chance(0.12):
        return draw.pick(desk.tail[language])
    common = desk.titles[language]
    base = draw.weighted(common, zipf(len(common), 0.8))
    pattern = "{title}"
    if desk.graded or person.seniority in _LEADING:
        pattern = draw.pick(TITLES[language][person.seniority])
    return inflect(
        pattern.replace("{title}", base).replace("{label}", desk.label[language]),
        feminine=person.feminine,
    )


def _skills(person: _Person, draw: Draw) -> tuple[str, ...]:
    """Mostly common skills of the desk, some tools of its occupations, a few rare phrases."""
    desk = person.desk
    wanted = draw.integer(4, 7) + min(person.level, 4)
    skills = draw.sample(desk.skills, wanted, zipf(len(desk.skills), 0.75))
    rare = [phrase for skill in skills for phrase in desk.rare.get(skill, ())]
    if rare and draw.chance(0.3):
        skills.append(draw.pick(rare))
    skills += draw.sample(desk.tools, draw.integer(0, 3), zipf(len(desk.tools), 0.5))
    unique = {skill.casefold(): skill for skill in reversed(skills)}
    return tuple(reversed(unique.values()))


def _words(
    person: _Person, title: str, skills: Sequence[str], industries: Sequence[str]
) -> dict[str, str]:
    """What the sentence patterns are filled with."""
    return ordinals(skills) | {
        "title": title,
        "label": person.desk.label[person.language],
        "city": person.place.city,
        "industry": industries[0],
        "industries": ", ".join(industries),
    }


def _say(pattern: str, person: _Person, words: Mapping[str, str]) -> str:
    return inflect(pattern, feminine=person.feminine).format_map(words)


def _text(
    person: _Person, words: Mapping[str, str], headline: str, summary: str, skills: Sequence[str]
) -> str:
    return TEXTS[person.language].format(
        headline=headline,
        summary=summary,
        skills=", ".join(skills),
        location=f"{person.place.city}, {person.place.country}",
        **{key: words[key] for key in ("title", "label", "industries")},
    )


def _profile(
    person: _Person, title: str, industries: Sequence[str], summary: str, draw: Draw
) -> dict[str, Any]:
    spoken = dict.fromkeys([person.place.language, person.language])
    return {
        "seniority": person.seniority,
        "specialty": person.desk.specialty,
        "summary": summary,
        "workMode": draw.weighted(WORK_MODES, _WORK_MODE_SHARES),
        "availability": draw.weighted(AVAILABILITY, _AVAILABILITY_SHARES),
        "languages": list(spoken),
        "education": {"degree": draw.weighted(_DEGREES, _DEGREE_SHARES)},
        "experience": _experience(person, title, industries, draw),
    }


def _experience(
    person: _Person, title: str, industries: Sequence[str], draw: Draw
) -> list[dict[str, Any]]:
    """The present post and up to two before it; their years add up to no more than the whole."""
    common = person.desk.titles[person.language]
    posts: list[dict[str, Any]] = []
    left = person.years
    for industry in industries[:0:-1]:
        years = draw.integer(0, left)
        left -= years
        earlier = inflect(draw.pick(common), feminine=person.feminine)
        posts.insert(0, {"title": earlier, "industry": industry, "years": years})
    return [{"title": title, "industry": industries[0], "years": left}, *posts]
