"""How well each candidate fits, from signals between 0 and 1. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hhperf.search.model import Candidate, Fused, Profile, RoleType, SearchRequest
from hhperf.search.specialty import term_of, terms_of

MISSING = 0.5
"""What a signal counts that cannot be told."""

COVERAGE_BONUS = 0.1
CONFIDENCE_FLOOR, BELOW_FLOOR = 0.2, 0.9
SKILL_BOOST, SKILL_BOOST_MOST = 0.02, 0.1
LOCATION_BOOST = 0.05
CONFIDENT, CONFIDENCE_BOOST = 0.9, 0.02
ASKED_WEIGHT, OTHER_WEIGHT = 1.0, 0.3
SKILLS_ENOUGH = 3
"""So many skills named in the text count as all of them, when no filter requires any."""

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
    """What a search asks for, worked out once for all its candidates.

    Attributes:
        request: the search.
        specialty: the one that its text names, if any.
        skills: the skills that the filters require, as terms.
        places: the locations that the filters allow, in lower case.
        named: those skills, and every run of words in the text.
    """

    request: SearchRequest
    specialty: str | None
    skills: frozenset[str]
    places: frozenset[str]
    named: frozenset[str]

    @classmethod
    def of(cls, request: SearchRequest, specialty: str | None) -> "Wanted":
        """Read the request's words."""
        skills = frozenset(map(term_of, request.filters.skills))
        places = frozenset(place.lower() for place in request.filters.locations)
        return cls(request, specialty, skills, places, skills.union(terms_of(request.text)))


@dataclass(frozen=True, slots=True)
class Fit:
    """One candidate against what is wanted.

    Attributes:
        profile: the candidate.
        fused: how the searches placed them.
        wanted: what the search asks for.
        asked: their skills that the filters or the text name, in the profile's order.
    """

    profile: Profile
    fused: Fused
    wanted: Wanted
    asked: tuple[str, ...]

    @classmethod
    def of(cls, profile: Profile, fused: Fused, wanted: Wanted) -> "Fit":
        """Look for the wanted skills."""
        asked = tuple(skill for skill in profile.skills if term_of(skill) in wanted.named)
        return cls(profile, fused, wanted, asked)


def rank(
    page: Sequence[tuple[Profile, Fused]], request: SearchRequest, specialty: str | None
) -> tuple[Candidate, ...]:
    """Score the page's candidates and put the best first, ties by candidate id."""
    wanted = Wanted.of(request, specialty)
    ranked = [_candidate(Fit.of(profile, fused, wanted)) for profile, fused in page]
    return tuple(sorted(ranked, key=lambda each: (-each.score, each.profile.candidate_id)))


def signals(fit: Fit) -> dict[str, float]:
    """Each signal that can be told, between 0 and 1."""
    told = {name: tell(fit) for name, tell in _SIGNALS.items()}
    return {name: value for name, value in told.items() if value is not None}


def weighted(scores: Mapping[str, float], role: RoleType) -> float:
    """The signals' weighted sum, a missing one counting 0.5."""
    return sum(weight * scores.get(name, MISSING) for name, weight in WEIGHTS[role].items())


def skill_weights(fit: Fit) -> tuple[tuple[str, float], ...]:
    """Each skill with 1 when it was asked for, else 0.3."""
    return tuple(
        (skill, ASKED_WEIGHT if skill in fit.asked else OTHER_WEIGHT)
        for skill in fit.profile.skills
    )


def _candidate(fit: Fit) -> Candidate:
    scores = signals(fit)
    base = weighted(scores, fit.wanted.request.role_type)
    base += COVERAGE_BONUS * scores.get("skillsExactMatch", 0.0)
    if fit.profile.confidence is not None and fit.profile.confidence < CONFIDENCE_FLOOR:
        base *= BELOW_FLOOR
    boosts, reasons = _boosts(fit)
    return Candidate(
        fit.profile,
        fit.fused,
        score=min(1.0, max(0.0, base)) + boosts,
        skills=skill_weights(fit),
        match_reasons=tuple(reasons),
        signal_scores=scores,
    )


def _boosts(fit: Fit) -> tuple[float, list[str]]:
    boost, reasons = 0.0, []
    if fit.asked:
        boost += min(SKILL_BOOST_MOST, SKILL_BOOST * len(fit.asked))
        reasons.append("Matched skills: " + ", ".join(fit.asked))
    if fit.profile.location is not None and fit.profile.location.lower() in fit.wanted.places:
        boost += LOCATION_BOOST
        reasons.append(f"Located in {fit.profile.location}")
    if fit.profile.confidence is not None and fit.profile.confidence >= CONFIDENT:
        boost += CONFIDENCE_BOOST
        reasons.append("High profile confidence")
    return boost, reasons


def _skills_signal(fit: Fit) -> float | None:
    required = fit.wanted.skills
    if required:
        return len(required & set(map(term_of, fit.profile.skills))) / len(required)
    if not fit.profile.skills:
        return None
    return min(1.0, len(fit.asked) / SKILLS_ENOUGH)


def _specialty_signal(fit: Fit) -> float | None:
    own = fit.profile.profile.get("specialty")
    if fit.wanted.specialty is None or own is None:
        return None
    return 1.0 if own == fit.wanted.specialty else 0.0


def _level_signal(fit: Fit) -> float | None:
    asked = fit.wanted.request
    levels = frozenset(asked.filters.seniority_levels) or LEVELS[asked.role_type]
    level = fit.profile.profile.get("seniority")
    if not levels or not isinstance(level, str):
        return None
    return 1.0 if level in levels else 0.0


def _experience_signal(fit: Fit) -> float | None:
    least = fit.wanted.request.filters.min_experience_years
    if fit.profile.years_experience is None or not least:
        return None
    return min(1.0, fit.profile.years_experience / least)


def _text_signal(fit: Fit) -> float | None:
    if fit.fused.text_rank is None:
        return None
    return fit.fused.text_score / (1.0 + fit.fused.text_score)  # ts_rank_cd has no upper bound


def _vector_signal(fit: Fit) -> float | None:
    return None if fit.fused.vector_rank is None else min(1.0, max(0.0, fit.fused.vector_score))


_SIGNALS: Mapping[str, Callable[[Fit], float | None]] = {
    "vectorSimilarity": _vector_signal,
    "textRelevance": _text_signal,
    "specialtyMatch": _specialty_signal,
    "levelMatch": _level_signal,
    "skillsExactMatch": _skills_signal,
    "experienceFit": _experience_signal,
}
