"""How well each candidate fits, from signals between 0 and 1. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hhperf.search.model import Candidate, Fused, Profile, RoleType, SearchRequest
from hhperf.search.terms import terms_of

MISSING = 0.5
"""What a signal counts that cannot be told."""

COVERAGE_BONUS = 0.1
CONFIDENCE_FLOOR, BELOW_FLOOR = 0.2, 0.9
SKILL_BOOST, SKILL_BOOST_MOST = 0.02, 0.1
LOCATION_BOOST = 0.05
CONFIDENT, CONFIDENCE_BOOST = 0.9, 0.02
ASKED_WEIGHT, OTHER_WEIGHT = 1.0, 0.3

WEIGHTS: Mapping[RoleType, Mapping[str, float]] = {
    "executive": {
        "vectorSimilarity": 0.25, "textRelevance": 0.05, "specialtyMatch": 0.15,
        "levelMatch": 0.30, "skillsExactMatch": 0.05, "experienceFit": 0.20,
    },
    "manager": {
        "vectorSimilarity": 0.30, "textRelevance": 0.05, "specialtyMatch": 0.20,
        "levelMatch": 0.20, "skillsExactMatch": 0.15, "experienceFit": 0.10,
    },
    "ic": {
        "vectorSimilarity": 0.30, "textRelevance": 0.10, "specialtyMatch": 0.20,
        "levelMatch": 0.10, "skillsExactMatch": 0.25, "experienceFit": 0.05,
    },
    "default": {
        "vectorSimilarity": 0.35, "textRelevance": 0.10, "specialtyMatch": 0.20,
        "levelMatch": 0.10, "skillsExactMatch": 0.15, "experienceFit": 0.10,
    },
}  # fmt: skip
"""What each signal counts, by role; every row sums to 1."""

LEVELS: Mapping[RoleType, frozenset[str]] = {
    "executive": frozenset({"director", "executive"}),
    "manager": frozenset({"lead", "manager", "director"}),
    "ic": frozenset({"junior", "mid", "senior", "lead"}),
    "default": frozenset(),
}
"""The seniority levels a role asks for; none where it asks for nothing."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a search asks for, worked out once for all its candidates."""

    request: SearchRequest
    specialty: str | None
    terms: frozenset[str]

    @classmethod
    def of(cls, request: SearchRequest, specialty: str | None) -> "Wanted":
        """Read the request's words."""
        return cls(request, specialty, frozenset(terms_of(request.text)))


def rank(
    page: Sequence[tuple[Profile, Fused]], request: SearchRequest, specialty: str | None
) -> tuple[Candidate, ...]:
    """Score the page's candidates and put the best first, ties by candidate id."""
    wanted = Wanted.of(request, specialty)
    ranked = [_candidate(profile, fused, wanted) for profile, fused in page]
    return tuple(sorted(ranked, key=lambda each: (-each.score, each.profile.candidate_id)))


def signals(profile: Profile, fused: Fused, wanted: Wanted) -> dict[str, float]:
    """Each signal that can be told, between 0 and 1."""
    told = {name: tell(profile, fused, wanted) for name, tell in _SIGNALS.items()}
    return {name: value for name, value in told.items() if value is not None}


def weighted(scores: Mapping[str, float], role: RoleType) -> float:
    """The signals' weighted sum, a missing one counting 0.5."""
    return sum(weight * scores.get(name, MISSING) for name, weight in WEIGHTS[role].items())


def skill_weights(profile: Profile, wanted: Wanted) -> tuple[tuple[str, float], ...]:
    """Each skill with 1 when it was asked for, else 0.3."""
    asked = _asked(profile, wanted)
    return tuple(
        (skill, ASKED_WEIGHT if skill in asked else OTHER_WEIGHT) for skill in profile.skills
    )


def _candidate(profile: Profile, fused: Fused, wanted: Wanted) -> Candidate:
    scores = signals(profile, fused, wanted)
    base = weighted(scores, wanted.request.role_type)
    base += COVERAGE_BONUS * scores.get("skillsExactMatch", 0.0)
    if profile.confidence is not None and profile.confidence < CONFIDENCE_FLOOR:
        base *= BELOW_FLOOR
    boosts, reasons = _boosts(profile, wanted)
    return Candidate(
        profile,
        fused,
        score=min(1.0, max(0.0, base)) + boosts,
        skills=skill_weights(profile, wanted),
        match_reasons=tuple(reasons),
        signal_scores=scores,
    )


def _boosts(profile: Profile, wanted: Wanted) -> tuple[float, list[str]]:
    boost, reasons = 0.0, []
    asked = _asked(profile, wanted)
    if asked:
        boost += min(SKILL_BOOST_MOST, SKILL_BOOST * len(asked))
        reasons.append("Matched skills: " + ", ".join(asked))
    if _is_where_asked(profile, wanted):
        boost += LOCATION_BOOST
        reasons.append(f"Located in {profile.location}")
    if profile.confidence is not None and profile.confidence >= CONFIDENT:
        boost += CONFIDENCE_BOOST
        reasons.append("High profile confidence")
    return boost, reasons


def _asked(profile: Profile, wanted: Wanted) -> list[str]:
    """The candidate's skills that the filters or the text name, in the profile's order."""
    filtered = {skill.lower() for skill in wanted.request.filters.skills}
    return [
        skill
        for skill in profile.skills
        if skill.lower() in filtered or skill.lower() in wanted.terms
    ]


def _is_where_asked(profile: Profile, wanted: Wanted) -> bool:
    places = {place.lower() for place in wanted.request.filters.locations}
    return profile.location is not None and profile.location.lower() in places


def _skills_signal(profile: Profile, _fused: Fused, wanted: Wanted) -> float | None:
    required = {skill.lower() for skill in wanted.request.filters.skills}
    if required:
        return len(required & {skill.lower() for skill in profile.skills}) / len(required)
    if not profile.skills:
        return None
    return min(1.0, len(_asked(profile, wanted)) / 3)


def _specialty_signal(profile: Profile, _fused: Fused, wanted: Wanted) -> float | None:
    own = profile.profile.get("specialty")
    if wanted.specialty is None or own is None:
        return None
    return 1.0 if own == wanted.specialty else 0.0


def _level_signal(profile: Profile, _fused: Fused, wanted: Wanted) -> float | None:
    levels = set(wanted.request.filters.seniority_levels) or LEVELS[wanted.request.role_type]
    level = profile.profile.get("seniority")
    if not levels or not isinstance(level, str):
        return None
    return 1.0 if level in levels else 0.0


def _experience_signal(profile: Profile, _fused: Fused, wanted: Wanted) -> float | None:
    least = wanted.request.filters.min_experience_years
    if profile.years_experience is None or not least:
        return None
    return min(1.0, profile.years_experience / least)


def _text_signal(_profile: Profile, fused: Fused, _wanted: Wanted) -> float | None:
    if fused.text_rank is None:
        return None
    return fused.text_score / (1.0 + fused.text_score)  # ts_rank_cd has no upper bound


def _vector_signal(_profile: Profile, fused: Fused, _wanted: Wanted) -> float | None:
    return None if fused.vector_rank is None else min(1.0, max(0.0, fused.vector_score))


_SIGNALS: Mapping[str, Callable[[Profile, Fused, Wanted], float | None]] = {
    "vectorSimilarity": _vector_signal,
    "textRelevance": _text_signal,
    "specialtyMatch": _specialty_signal,
    "levelMatch": _level_signal,
    "skillsExactMatch": _skills_signal,
    "experienceFit": _experience_signal,
}
