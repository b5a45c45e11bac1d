"""Filters that people of the corpus meet."""

from collections.abc import Callable, Mapping
from typing import Any

from hhperf.corpus.draw import Draw, cumulative, zipf
from hhperf.corpus.profiles import AVAILABILITY, SENIORITY_LEVELS, WORK_MODES
from hhperf.workload.vacancies import Vacancy

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
