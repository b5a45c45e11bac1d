"""Candidates are scored by how well they fit."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhperf.search.model import Candidate, Fused, Profile, SearchRequest
from hhperf.search.ranking import (
    BELOW_FLOOR,
    COVERAGE_BONUS,
    LEVELS,
    MISSING,
    WEIGHTS,
    Fit,
    Wanted,
    rank,
    signals,
    weighted,
)


def person(candidate_id: str = "c1", **fields: Any) -> Profile:
    """A candidate of whom nothing is known but what is given."""
    blank: dict[str, Any] = {
        "full_name": "Ana Souza", "title": "", "headline": "", "location": None, "country": None,
        "industries": (), "skills": (), "years_experience": None, "confidence": None,
        "profile": {},
    }  # fmt: skip
    return Profile(candidate_id, **{**blank, **fields})


def placed(candidate_id: str = "c1", vector: float | None = None, text: float = 0.0) -> Fused:
    """How the searches placed a candidate."""
    return Fused(
        candidate_id,
        score=0.0,
        vector_score=vector or 0.0,
        text_score=text,
        rrf_score=0.0,
        vector_rank=None if vector is None else 1,
        text_rank=1 if text else None,
    )


def request(**body: Any) -> SearchRequest:
    """A search for Java unless told otherwise."""
    return SearchRequest.from_wire({"query": "java", **body})


def scored(profile: Profile, fused: Fused | None = None, **body: Any) -> Candidate:
    """The candidate after ranking; `specialty` is what the lookup found."""
    specialty = body.pop("specialty", None)
    (found,) = rank([(profile, fused or placed())], request(**body), specialty)
    return found


def signal(name: str, profile: Profile, fused: Fused | None = None, **body: Any) -> float | None:
    """One signal; None when it cannot be told."""
    specialty = body.pop("specialty", None)
    wanted = Wanted.of(request(**body), specialty)
    return signals(Fit.of(profile, fused or placed(), wanted)).get(name)


@pytest.mark.parametrize("role", sorted(WEIGHTS))
def test_weights_sum_to_one(role: Any) -> None:
    """Every role's weights share out one whole."""
    assert sum(WEIGHTS[role].values()) == pytest.approx(1.0)


def test_nothing_known_counts_half() -> None:
    """A missing signal counts 0.5, so a blank profile scores 0.5."""
    assert weighted({}, "default") == pytest.approx(MISSING)
    assert scored(person()).score == pytest.approx(MISSING)


@pytest.mark.parametrize(
    ("own", "wanted", "value"),
    [("data", "data", 1.0), ("data", "backend", 0.0), (None, "data", None), ("data", None, None)],
)
def test_specialty(own: str | None, wanted: str | None, value: float | None) -> None:
    """It matches or not, and cannot be told when either side has none."""
    profile = person(profile={} if own is None else {"specialty": own})
    assert signal("specialtyMatch", profile, specialty=wanted) == value


@pytest.mark.parametrize(
    ("body", "level", "value"),
    [
        ({"filters": {"seniorityLevels": ["senior"]}}, "senior", 1.0),
        ({"filters": {"seniorityLevels": ["senior"]}}, "junior", 0.0),
        ({"roleType": "executive"}, "director", 1.0),
        ({"roleType": "executive"}, "junior", 0.0),
        ({"roleType": "ic"}, None, None),
        ({}, "senior", None),
    ],
)
def test_level(body: dict[str, Any], level: str | None, value: float | None) -> None:
    """Filters say which level is asked for, else the role does; the default role does not."""
    assert signal("levelMatch", person(profile={"seniority": level}), **body) == value


def test_every_role_but_the_default_asks_for_levels() -> None:
    """A role type without levels would rank like none at all."""
    assert {role for role, levels in LEVELS.items() if not levels} == {"default"}


@pytest.mark.parametrize(
    ("skills", "body", "value"),
    [
        (["Java", "SQL"], {"filters": {"skills": ["Java", "SQL"]}}, 1.0),
        (["Java"], {"filters": {"skills": ["Java", "SQL"]}}, 0.5),
        (["Java"], {}, 1 / 3),
        (["Java", "SQL", "Go", "C"], {"query": "java, sql, go e c"}, 1.0),
        (["SQL"], {}, 0.0),
        ([], {}, None),
    ],
)
def test_skills(skills: list[str], body: dict[str, Any], value: float | None) -> None:
    """The share of the required skills; of three when only the text names any."""
    found = signal("skillsExactMatch", person(skills=tuple(skills)), **body)
    assert found == (None if value is None else pytest.approx(value))


@pytest.mark.parametrize(
    ("skill", "query"),
    [
        ("Gestão de Pessoas", "gestao de pessoas"),
        ("CI/CD", "quem sabe CI/CD?"),
        ("C++", "c++ sênior"),
        ("Node.js", "desenvolvedor Node.js."),
    ],
)
def test_skills_are_found_as_people_write_them(skill: str, query: str) -> None:
    """Case, accents and punctuation do not hide a skill."""
    assert dict(scored(person(skills=(skill, "Excel")), query=query).skills) == {
        skill: 1.0,
        "Excel": 0.3,
    }


@pytest.mark.parametrize(("years", "value"), [(5, 0.5), (10, 1.0), (20, 1.0), (None, None)])
def test_experience(years: float | None, value: float | None) -> None:
    """The share of the years asked for, all of them at most."""
    found = signal(
        "experienceFit", person(years_experience=years), filters={"minExperienceYears": 10}
    )
    assert found == value


@pytest.mark.parametrize(("score", "value"), [(0.7, 0.7), (1.2, 1.0), (-0.2, 0.0), (None, None)])
def test_similarity(score: float | None, value: float | None) -> None:
    """The cosine, within 0 and 1; not known when only the text search found the candidate."""
    assert signal("vectorSimilarity", person(), placed(vector=score)) == value


def test_coverage_is_a_bonus() -> None:
    """Full skill coverage adds a tenth to the weighted sum."""
    filters = {"skills": ["Java"]}
    found = scored(person(skills=("Java",)), filters=filters)
    assert found.signal_scores == {"skillsExactMatch": 1.0}
    base = weighted(found.signal_scores, "default") + COVERAGE_BONUS
    assert found.score == pytest.approx(base + 0.02)  # and 0.02 for the skill matched


@pytest.mark.parametrize(("confidence", "factor"), [(0.19, BELOW_FLOOR), (0.2, 1.0), (None, 1.0)])
def test_confidence_below_the_floor(confidence: float | None, factor: float) -> None:
    """A profile hardly trusted loses a tenth."""
    assert scored(person(confidence=confidence)).score == pytest.approx(MISSING * factor)


@pytest.mark.parametrize(("confidence", "boost"), [(0.89, 0.0), (0.9, 0.02)])
def test_confident_profiles_are_boosted(confidence: float, boost: float) -> None:
    """From 0.9 on, exactly."""
    found = scored(person(confidence=confidence))
    assert found.score == pytest.approx(MISSING + boost)
    assert found.match_reasons == (("High profile confidence",) if boost else ())


def test_location_boost() -> None:
    """Who is where the filter says is boosted, whatever the case."""
    found = scored(person(location="São Paulo"), filters={"locations": ["SÃO PAULO"]})
    assert found.score == pytest.approx(MISSING + 0.05)
    assert found.match_reasons == ("Located in São Paulo",)


def test_skill_boost_is_capped() -> None:
    """Five matched skills add a tenth, and so do six."""
    skills = ("Java", "SQL", "Go", "Rust", "Scala", "Kotlin")
    found = scored(person(skills=skills), query=" ".join(skills))
    scores = found.signal_scores
    assert found.score == pytest.approx(weighted(scores, "default") + COVERAGE_BONUS + 0.1)


def test_the_base_is_clamped() -> None:
    """The best candidate of all has 1 and the boosts."""
    best = person(
        skills=("Java",), confidence=0.95, years_experience=20, location="Recife",
        profile={"specialty": "backend", "seniority": "senior"},
    )  # fmt: skip
    filters = {
        "skills": ["Java"], "seniorityLevels": ["senior"], "minExperienceYears": 5,
        "locations": ["recife"],
    }  # fmt: skip
    found = scored(best, placed(vector=1.0, text=1e9), filters=filters, specialty="backend")
    assert found.score == pytest.approx(1.0 + 0.02 + 0.05 + 0.02)


def test_ties_go_by_candidate_id() -> None:
    """Equal scores leave nothing to chance."""
    page = [(person(name), placed(name)) for name in ("c2", "c3", "c1")]
    assert [each.profile.candidate_id for each in rank(page, request(), None)] == ["c1", "c2", "c3"]


profiles = st.builds(
    person,
    st.text("abc", min_size=1, max_size=3),
    skills=st.lists(st.sampled_from(["Java", "SQL", "!", ""])).map(tuple),
    years_experience=st.none() | st.floats(0, 60),
    confidence=st.none() | st.floats(0, 1),
    location=st.none() | st.just("Recife"),
    profile=st.fixed_dictionaries(
        {},
        optional={
            "specialty": st.sampled_from(["data", None]),
            "seniority": st.sampled_from(["mid", 3]),
        },
    ),
)


placings = st.builds(placed, vector=st.none() | st.floats(-1, 1), text=st.floats(0, 50))


@given(
    st.lists(st.tuples(profiles, placings), max_size=8),
    st.sampled_from(sorted(WEIGHTS)),
    st.sampled_from(["data", None]),
)
def test_scores_are_bounded_and_sorted(
    page: list[tuple[Profile, Fused]], role: str, specialty: str | None
) -> None:
    """Whatever is known, scores lie between 0 and 1 plus the boosts, best first."""
    ranked = rank(page, request(roleType=role, filters={"locations": ["Recife"]}), specialty)
    keys = [(-each.score, each.profile.candidate_id) for each in ranked]
    assert keys == sorted(keys)
    assert all(0 <= each.score <= 1.17 + 1e-9 for each in ranked)
    assert all(0 <= value <= 1 for each in ranked for value in each.signal_scores.values())
