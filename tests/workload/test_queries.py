"""Vacancies and what is typed, pasted and filtered for them."""

from itertools import islice
from typing import Any

import pytest

from hhperf.search.model import SearchRequest
from hhperf.workload.corpus.draw import Draw
from hhperf.workload.corpus.vocabulary import load_vocabulary
from hhperf.workload.job_descriptions import job_description
from hhperf.workload.queries import Vacancy, draw_vacancy, query
from hhperf.workload.searches import Habits, more_filters, searches

SEEDS = range(200)


def vacancy(seed: int, portuguese: float = 0.6) -> Vacancy:
    return draw_vacancy(load_vocabulary(), Draw("test", seed), portuguese=portuguese)


def bodies(seed: int, habits: Habits, number: int = 8) -> list[dict[str, Any]]:
    return list(islice(searches(vacancy(seed), habits, Draw("search", seed)), number))


def test_vacancy_is_of_one_desk() -> None:
    """Titles, skills and industry are the desk's own, the skills different."""
    for found in map(vacancy, SEEDS):
        assert len(found.titles) == 3
        assert 4 <= len(set(found.skills)) == len(found.skills) <= 7
        assert set(found.skills) <= set(found.desk.skills)
        assert found.industry in found.desk.industries


@pytest.mark.parametrize(("portuguese", "language"), [(1.0, "pt"), (0.0, "en")])
def test_language_follows_the_share(portuguese: float, language: str) -> None:
    """All Portuguese at 1, all English at 0."""
    assert {vacancy(seed, portuguese).language for seed in SEEDS} == {language}


def test_queries_are_mostly_short() -> None:
    """Half of all queries have at most three words; some have more than eight."""
    lengths = sorted(len(query(vacancy(seed), Draw(seed)).split()) for seed in SEEDS)
    assert lengths[0] == 1
    assert lengths[len(lengths) // 2] <= 3
    assert lengths[-1] > 8


def test_queries_name_the_vacancy() -> None:
    """Every query holds the usual title or the first skill, however it is typed."""
    for seed in SEEDS:
        found = vacancy(seed)
        typed = query(found, Draw(seed)).lower()
        known = [found.titles[0].lower(), found.skills[0].lower()]
        assert typed.isascii() or any(name in typed for name in known)


def test_job_descriptions_are_long_and_in_order() -> None:
    """They name title and skills, are 600 to 2,000 characters and have no braces left."""
    for seed in SEEDS:
        found = vacancy(seed)
        text = job_description(found, Draw(seed))
        assert 600 < len(text) < 2_000
        assert all(name in text for name in (found.titles[0], *found.skills))
        assert "{" not in text


def test_filters_only_grow() -> None:
    """Filters that are set stay as they are."""
    draw = Draw("filters")
    filters: dict[str, Any] = {}
    for _ in range(12):
        grown = more_filters(filters, vacancy(1), draw)
        assert grown | filters == grown
        filters = grown
    assert len(filters) >= 5


def test_every_body_is_one_the_service_takes() -> None:
    """Whatever step led to it, a body passes the service's own checks."""
    habits = Habits(job_descriptions=0.5, blank_queries=0.5, filters=0.5)
    for seed in SEEDS:
        for body in bodies(seed, habits):
            assert SearchRequest.from_wire(body).to_wire()


def test_shares_of_nothing_leave_plain_queries() -> None:
    """Without job descriptions and filters a first search is a query."""
    plain = [bodies(seed, Habits(0, 0, 0), 1)[0] for seed in SEEDS]
    assert all(body["query"] for body in plain)
    assert not any({"jobDescription", "jdHash", "filters"} & set(body) for body in plain)


def test_shares_of_all_leave_no_query() -> None:
    """Every first search can be a job description alone, with filters."""
    full = [bodies(seed, Habits(1, 1, 1), 1)[0] for seed in SEEDS]
    assert all(body["jobDescription"] and body["filters"] for body in full)
    assert not any("query" in body for body in full)


def test_searches_of_a_session_are_related() -> None:
    """Pages, filters and rewordings follow; the same draw gives the same ones."""
    habits = Habits(0.2, 0.2, 0.3)
    steps = [bodies(seed, habits) for seed in SEEDS]
    assert steps == [bodies(seed, habits) for seed in SEEDS]
    assert any(body.get("offset") for body in steps[0] + steps[1] + steps[2])
    assert all(body.get("offset", 0) <= 40 for taken in steps for body in taken)
