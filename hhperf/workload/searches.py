"""What a recruiter sends for a vacancy: a first search, and what is tried after it."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hhperf.workload.corpus.candidates import AVAILABILITY, SENIORITY_LEVELS, WORK_MODES
from hhperf.workload.corpus.draw import Draw, cumulative, zipf
from hhperf.workload.job_descriptions import job_description
from hhperf.workload.queries import Vacancy, as_typed, query

Filters = dict[str, Any]


def more_filters(filters: Mapping[str, Any], vacancy: Vacancy, draw: Draw) -> Filters:
    """One or two filters more; a kind that is set already stays as it is."""
    more = dict(filters)
    for _ in range(draw.integer(1, 2)):
        make = draw.weighted(_FILTERS, _FILTER_SHARES)
        more = make(vacancy, draw) | more
    return more


def _by_skills(vacancy: Vacancy, draw: Draw) -> Filters:
    return {"skills": list(vacancy.skills[: draw.weighted((1, 2), cumulative([3, 1]))])}


def _by_place(vacancy: Vacancy, draw: Draw) -> Filters:
    city = vacancy.place.city
    return {"locations": [city.lower() if draw.chance(0.3) else city]}


def _by_country(vacancy: Vacancy, _draw: Draw) -> Filters:
    return {"countries": [vacancy.place.country]}


def _by_industry(vacancy: Vacancy, draw: Draw) -> Filters:
    industries = vacancy.desk.industries
    return {"industries": draw.sample(industries, draw.integer(1, 3), zipf(len(industries)))}


def _by_seniority(vacancy: Vacancy, draw: Draw) -> Filters:
    return {"seniorityLevels": list(SENIORITY_LEVELS[vacancy.level :][: draw.integer(1, 3)])}


def _by_years(vacancy: Vacancy, draw: Draw) -> Filters:
    fewest = {"minExperienceYears": vacancy.min_years}
    return fewest | ({"maxExperienceYears": vacancy.min_years + 8} if draw.chance(0.3) else {})


def _by_metadata(vacancy: Vacancy, draw: Draw) -> Filters:
    choices: tuple[Filters, ...] = (
        {"workMode": draw.pick(WORK_MODES)},
        {"availability": draw.pick(AVAILABILITY)},
        {"languages": [vacancy.language]},
    )
    return {"metadata": draw.pick(choices)}


_FILTERS: tuple[Callable[[Vacancy, Draw], Filters], ...] = (
    _by_skills,
    _by_place,
    _by_country,
    _by_industry,
    _by_seniority,
    _by_years,
    _by_metadata,
)
_FILTER_SHARES = cumulative([20, 20, 16, 12, 14, 12, 6])


Body = dict[str, Any]

_DEFAULT_LIMIT = 20
_LAST_OFFSET = 40


@dataclass(frozen=True, slots=True)
class Habits:
    """Shares of vacancies that are searched for in a certain way, each 0 to 1.

    Attributes:
        job_descriptions: whose job description is pasted into the search.
        blank_queries: of those, with no query beside it.
        filters: whose first search has filters already.
    """

    job_descriptions: float
    blank_queries: float
    filters: float


def searches(vacancy: Vacancy, habits: Habits, draw: Draw) -> Iterator[Body]:
    """The bodies a recruiter sends for a vacancy, one after another, for ever.

    The same draw gives the same bodies in the same order, so that vacancies searched for twice
    repeat their requests.
    """
    body = _first(vacancy, habits, draw)
    while True:
        yield body
        body = draw.weighted(_STEPS, _STEP_SHARES)(body, vacancy, draw)


def _first(vacancy: Vacancy, habits: Habits, draw: Draw) -> Body:
    body: Body = {}
    pasted = draw.chance(habits.job_descriptions)
    if not (pasted and draw.chance(habits.blank_queries)):
        body["query"] = query(vacancy, draw)
    if pasted:
        body |= _job_description(vacancy, draw)
    if draw.chance(habits.filters):
        body["filters"] = more_filters({}, vacancy, draw)
    if draw.chance(0.4):
        body["limit"] = draw.pick((10, 20, 30, 50))
    if draw.chance(0.35):
        body["roleType"] = _role_type(vacancy)
    return body


def _job_description(vacancy: Vacancy, draw: Draw) -> Body:
    text = job_description(vacancy, draw)
    if draw.chance(0.5):
        return {"jobDescription": text}
    return {"jobDescription": text, "jdHash": hashlib.sha256(text.encode()).hexdigest()[:32]}


def _role_type(vacancy: Vacancy) -> str:
    if vacancy.seniority in ("director", "executive"):
        return "executive"
    return "manager" if vacancy.seniority == "manager" else "ic"


# What is tried next, each a new body made from the one before.


def _next_page(body: Body, vacancy: Vacancy, draw: Draw) -> Body:
    offset = body.get("offset", 0) + body.get("limit", _DEFAULT_LIMIT)
    if offset > _LAST_OFFSET:
        return _filter(body, vacancy, draw)
    return body | {"offset": offset}


def _filter(body: Body, vacancy: Vacancy, draw: Draw) -> Body:
    return _from_top(body) | {"filters": more_filters(body.get("filters", {}), vacancy, draw)}


def _narrow(body: Body, vacancy: Vacancy, draw: Draw) -> Body:
    more = draw.pick(vacancy.skills)
    return _with_query(body, f"{body.get('query', vacancy.titles[0])} {as_typed(more, draw)}")


def _broaden(body: Body, vacancy: Vacancy, draw: Draw) -> Body:
    """Fewer words and no filters."""
    shorter = draw.pick((vacancy.titles[0], vacancy.skills[0]))
    kept = {name: value for name, value in body.items() if name != "filters"}
    return _with_query(kept, as_typed(shorter, draw))


def _reword(body: Body, vacancy: Vacancy, draw: Draw) -> Body:
    return _with_query(body, as_typed(draw.pick(vacancy.titles[1:]), draw))


_STEPS = (_next_page, _filter, _narrow, _broaden, _reword)
_STEP_SHARES = cumulative([28, 27, 12, 16, 17])


def _from_top(body: Body) -> Body:
    return {name: value for name, value in body.items() if name != "offset"}


def _with_query(body: Body, text: str) -> Body:
    return {"query": text} | _from_top(body) | {"query": text}
