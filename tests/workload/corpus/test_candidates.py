"""The corpus: reproducible, stratified, well worded."""

import hashlib
import json
import tracemalloc
from collections import Counter
from dataclasses import astuple
from itertools import islice, pairwise

import pytest

from hhperf.workload.corpus.candidates import (
    SENIORITY_LEVELS,
    CandidateRow,
    Tenant,
    generate_candidates,
)
from hhperf.workload.corpus.vocabulary import load_vocabulary

VOCABULARY = load_vocabulary()


@pytest.fixture(scope="module")
def rows() -> list[CandidateRow]:
    return list(generate_candidates(4_000))


def test_default_size() -> None:
    """23,000 candidates unless asked otherwise."""
    assert sum(1 for _ in generate_candidates()) == 23_000


def test_row_does_not_depend_on_how_many_are_made(rows: list[CandidateRow]) -> None:
    """Asking for more rows leaves the first ones as they are."""
    assert list(generate_candidates(150)) == rows[:150]
    assert list(islice(generate_candidates(200_000), 150)) == rows[:150]


def test_seed_makes_other_people(rows: list[CandidateRow]) -> None:
    """Another seed gives other rows under the same ids."""
    other = list(generate_candidates(50, seed=1))
    assert [row.candidate_id for row in other] == [row.candidate_id for row in rows[:50]]
    assert all(left.text != right.text for left, right in zip(other, rows, strict=False))


def test_rows_are_pinned(rows: list[CandidateRow]) -> None:
    """The corpus is the same on every machine: caches built from it are keyed by the seed."""
    content = json.dumps([astuple(row) for row in rows[:500]], sort_keys=True)
    assert hashlib.sha256(content.encode()).hexdigest()[:16] == "74c2c6e6fd4b531a"


def test_memory_is_constant() -> None:
    """Streaming ten times the rows takes no more memory."""
    next(generate_candidates(1))
    tracemalloc.start()
    for _ in generate_candidates(3_000):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_tenants_keep_their_shares(rows: list[CandidateRow]) -> None:
    """Four fifths belong to the large tenant."""
    tenants = Counter(row.tenant_id for row in rows)
    assert tenants == {
        "tenant-large": pytest.approx(3_200, abs=10),
        "tenant-small": pytest.approx(800, abs=10),
    }


def test_tenants_can_be_chosen() -> None:
    """Shares are in any unit."""
    rows = generate_candidates(300, tenants=[Tenant("a", 1), Tenant("b", 2)])
    assert Counter(row.tenant_id for row in rows)["b"] == pytest.approx(200, abs=4)


def test_every_desk_is_filled_in_every_tenant(rows: list[CandidateRow]) -> None:
    """Desks keep their shares within each tenant, so that none is thin."""
    found = Counter((row.tenant_id, row.specialty) for row in rows)
    total = sum(desk.share for desk in VOCABULARY.desks)
    for tenant, share in (("tenant-large", 3_200), ("tenant-small", 800)):
        for desk in VOCABULARY.desks:
            wanted = share * desk.share / total
            assert found[tenant, desk.specialty] == pytest.approx(wanted, rel=0.25, abs=3)


def test_ids_are_unique_and_sort_in_order(rows: list[CandidateRow]) -> None:
    """Ids ascend, so that ties broken by id follow the order of generation."""
    ids = [row.candidate_id for row in rows]
    assert all(left < right for left, right in pairwise(ids))


def test_skills_fit_the_desk(rows: list[CandidateRow]) -> None:
    """Everyone holds at least four skills, different ones, all of their own desk."""
    for row in rows:
        desk = VOCABULARY.desk(row.specialty)
        allowed = {*desk.skills, *desk.tools, *(p for ps in desk.rare.values() for p in ps)}
        assert len(row.skills) >= 4
        assert len({skill.casefold() for skill in row.skills}) == len(row.skills)
        assert set(row.skills) <= allowed


def test_both_languages_are_written(rows: list[CandidateRow]) -> None:
    """Most profiles are Portuguese, a good part English."""
    portuguese = sum("Competências:" in row.text for row in rows) / len(rows)
    assert 0.55 < portuguese < 0.8


def test_missing_values_exist_but_are_few(rows: list[CandidateRow]) -> None:
    """Some candidates name no country or no years, as filters must cope with."""
    for missing in ([r.country is None for r in rows], [r.years_experience is None for r in rows]):
        assert 0.02 < sum(missing) / len(rows) < 0.1


def test_numbers_are_in_bounds(rows: list[CandidateRow]) -> None:
    """Years are 0 to 60, confidence 0 to 1 with people below the floor and above the boost."""
    assert all(0 <= row.years_experience <= 60 for row in rows if row.years_experience is not None)
    confidences = [row.analysis_confidence for row in rows]
    assert 0 <= min(confidences) < 0.2
    assert 0.9 < max(confidences) <= 1


def test_profile_is_json_and_names_the_seniority(rows: list[CandidateRow]) -> None:
    """The jsonb column survives a round trip and holds every seniority level."""
    assert all(json.loads(json.dumps(row.profile)) == row.profile for row in rows)
    assert {row.profile["seniority"] for row in rows} == set(SENIORITY_LEVELS)


def test_careers_add_up(rows: list[CandidateRow]) -> None:
    """The years of all posts are the years of experience."""
    for row in rows:
        years = sum(post["years"] for post in row.profile["experience"])
        assert row.years_experience in (None, years)


def test_wording_has_no_leftovers(rows: list[CandidateRow]) -> None:
    """No template brace is left in a title, headline or text."""
    assert not [row for row in rows if "{" in row.current_title + row.headline + row.text]


def test_text_holds_what_is_searched(rows: list[CandidateRow]) -> None:
    """The embedded text names title, headline, skills and place."""
    row = rows[0]
    assert all(
        part in row.text for part in (row.current_title, row.headline, *row.skills, row.location)
    )
