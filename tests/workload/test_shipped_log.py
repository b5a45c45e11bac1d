"""The shipped query log is the one the kit makes, and finds people."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from hhperf.workload.corpus.candidates import CandidateRow, generate_candidates
from hhperf.workload.make import make_query_log
from hhperf.workload.query_log import QueryLog, write_query_log
from hhperf.workload.reader import load_query_log
from hhperf.workload.shipped import data_file

# Portuguese stop words that PostgreSQL leaves out of a query too.
STOP_WORDS = frozenset({"de", "da", "do", "e", "em", "com", "para", "que", "a", "o"})


@pytest.fixture(scope="module")
def log() -> QueryLog:
    return load_query_log(data_file("queries.jsonl"))


@pytest.fixture(scope="module")
def people() -> list[CandidateRow]:
    return list(generate_candidates(12_000))


def words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[\w.#+]+", text.lower())) - STOP_WORDS


def index(people: Iterable[CandidateRow]) -> dict[tuple[str, str], set[str]]:
    """Who has a word in what text search looks at, by tenant and word."""
    found: dict[tuple[str, str], set[str]] = {}
    for row in people:
        text = " ".join([row.current_title, row.headline, *row.skills, *row.industries])
        for word in words(text):
            found.setdefault((row.tenant_id, word), set()).add(row.candidate_id)
    return found


def test_log_is_what_the_kit_makes(tmp_path: Path) -> None:
    """Made anew from its seed, the file is the same byte for byte."""
    write_query_log(make_query_log(), tmp_path / "queries.jsonl")
    assert (tmp_path / "queries.jsonl").read_bytes() == data_file("queries.jsonl").read_bytes()


def test_log_is_long_and_clean(log: QueryLog) -> None:
    """2,400 requests over some minutes, none of them skipped or moved."""
    assert len(log) == 2_400
    assert (log.skipped, log.reordered) == (0, 0)
    assert 200 < log.span_s < 600


def test_log_has_every_kind_of_request(log: QueryLog) -> None:
    """Queries, job descriptions alone and beside a query, filters of every kind, pages, roles."""
    bodies = [request.body for request in log]
    filters = Counter(name for body in bodies for name in body.get("filters", {}))
    assert sum("jobDescription" in body for body in bodies) > 300
    assert sum("query" not in body for body in bodies) > 50
    assert sum("jdHash" in body for body in bodies) > 100
    assert sum(body.get("offset", 0) > 0 for body in bodies) > 100
    assert len(filters) == 8
    assert min(filters.values()) > 50
    assert {body.get("roleType") for body in bodies} == {"ic", "manager", "executive", None}


def test_log_is_in_two_languages(log: QueryLog) -> None:
    """Job descriptions tell the language: both are common."""
    texts = [request.body["jobDescription"] for request in log if "jobDescription" in request.body]
    portuguese = sum("Requisitos:" in text for text in texts) / len(texts)
    assert 0.4 < portuguese < 0.8


def test_most_queries_find_people_by_their_words(log: QueryLog, people: list[CandidateRow]) -> None:
    """For 60% or more of the queries somebody of the tenant has every word, even unstemmed."""
    held = index(people)
    asked = [(request.tenant, request.body["query"]) for request in log if "query" in request.body]
    found = sum(
        bool(set.intersection(*(held.get((tenant, word), set()) for word in words(query))))
        for tenant, query in asked
    )
    assert found / len(asked) > 0.6


def test_most_filters_are_met_by_somebody(log: QueryLog, people: list[CandidateRow]) -> None:
    """Nine in ten sets of filters are met by somebody of the large tenant."""
    rows = [row for row in people if row.tenant_id == "tenant-large"]
    asked = [request.body["filters"] for request in log if "filters" in request.body][:150]
    assert sum(any(meets(row, filters) for row in rows) for filters in asked) / len(asked) > 0.9


def meets(row: CandidateRow, filters: Mapping[str, Any]) -> bool:
    years = row.years_experience or 0
    return (
        set(filters.get("skills", ())) <= set(row.skills)
        and row.location.lower() in [p.lower() for p in filters.get("locations", [row.location])]
        and row.country in (None, *filters.get("countries", [row.country]))
        and bool({*row.industries} & {*filters.get("industries", row.industries)})
        and row.profile["seniority"] in filters.get("seniorityLevels", [row.profile["seniority"]])
        and filters.get("minExperienceYears", 0) <= years
        and years <= filters.get("maxExperienceYears", 60)
        and all(holds(row.profile[key], v) for key, v in filters.get("metadata", {}).items())
    )


def holds(value: object, wanted: object) -> bool:
    if isinstance(value, list) and isinstance(wanted, list):
        return set(wanted) <= set(value)
    return value == wanted
