"""What goes into a search and what comes out, by its names on the wire.

Python names are snake_case; `from_wire` and `to_wire` speak production's camelCase.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import (
    AfterValidator,
    AllowInfNan,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    Strict,
    StrictBool,
    StrictInt,
)
from pydantic import ValidationError as PydanticError
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError, from_json

from hhperf.errors import RequestError

NOTHING_TO_SEARCH = "Either query text, job description, or pre-computed embedding is required."

NEEDS = {
    "missing": "is needed",
    "model_type": "needs to be a JSON object",
    "dict_type": "needs to be a JSON object",
    "tuple_type": "needs to be a list",
    "string_unicode": "is not valid Unicode",
}
"""What pydantic says of Python's types, said of JSON's."""


DEEPEST = 32


def _storable(value: dict[str, Any]) -> dict[str, Any]:
    """Refuse what PostgreSQL's jsonb cannot hold: NaN, endless digits, endless nesting."""
    if _is_deeper(value, DEEPEST):
        raise PydanticCustomError("metadata", "is nested too deeply")
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise PydanticCustomError("metadata", "is not JSON: {why}", {"why": str(error)}) from None
    return value


def _is_deeper(value: object, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels < 0 or any(_is_deeper(each, levels - 1) for each in inner)


BLANKS = (
    "\t\n\v\f\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""What ECMAScript's `String.prototype.trim` takes off, the deployed service's language."""


def _trimmed(text: str) -> str:
    return text.strip(BLANKS)


def _named(names: tuple[str, ...]) -> tuple[str, ...]:
    """The names trimmed; a blank one names nothing."""
    return tuple(name for name in map(_trimmed, names) if name)


RoleType = Literal["executive", "manager", "ic", "default"]
Number = Annotated[float, Strict(), AllowInfNan(allow_inf_nan=False)]
Years = Annotated[Number, Field(ge=0, le=60)]
Places = Annotated[tuple[str, ...], AfterValidator(_named)]
JsonObject = Annotated[dict[str, Any], AfterValidator(_storable)]


class _Wire(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        frozen=True,
        extra="ignore",
    )

    @classmethod
    def names(cls) -> frozenset[str]:
        """The fields' names on the wire."""
        return frozenset(
            field.serialization_alias or name for name, field in cls.model_fields.items()
        )


class Filters(_Wire):
    """What a candidate must meet; every filter given has to hold, and a blank place is none."""

    skills: tuple[str, ...] = ()
    locations: Places = ()
    countries: Places = ()
    industries: tuple[str, ...] = ()
    seniority_levels: tuple[str, ...] = ()
    min_experience_years: Years | None = None
    max_experience_years: Years | None = None
    metadata: JsonObject = Field(default_factory=dict)


class SearchRequest(_Wire):
    """The body of `POST /v1/search/hybrid`.

    `enable_nlp`, `signal_weights` and `anonymized_view` are the deployed service's: taken and kept,
    and nothing here goes by them, since the scoring is this kit's own. As there, fields that no
    search has are let pass; `unknown_fields` tells their names.
    """

    query: Annotated[str, Field(max_length=6_000), AfterValidator(_trimmed)] = ""
    job_description: Annotated[str, Field(max_length=20_000)] = ""
    embedding: tuple[Number, ...] = ()
    jd_hash: Annotated[str, Field(min_length=8, max_length=64)] | None = None
    filters: Filters = Filters()
    limit: Annotated[StrictInt, Field(ge=1, le=200)] = 20
    offset: Annotated[StrictInt, Field(ge=0, le=200)] = 0
    include_debug: StrictBool = False
    role_type: RoleType = "default"
    enable_nlp: StrictBool | None = None
    signal_weights: dict[str, Number] | None = None
    anonymized_view: StrictBool | None = None
    _unknown: tuple[str, ...] = PrivateAttr(default=())

    @classmethod
    def from_wire(cls, body: object) -> Self:
        """Check a decoded JSON body.

        Raises:
            RequestError: a field is of the wrong type or out of bounds (its name on the wire is in
                `field`), or there is nothing to search for.
        """
        try:
            request = cls.model_validate(body, by_name=False)
        except PydanticError as error:
            problem = error.errors(include_url=False, include_context=False)[0]
            name = ".".join(str(part) for part in problem["loc"]) or "body"
            need = NEEDS.get(problem["type"], problem["msg"])
            raise RequestError(f"{name}: {need}", name) from None
        request._unknown = unknown_fields(body)
        return request._checked()

    @classmethod
    def from_json(cls, body: bytes) -> Self:
        """Check a JSON body as it came over the wire.

        Raises:
            RequestError: as `from_wire`, or the body is not JSON.
        """
        try:
            decoded = from_json(body)
        except ValueError as error:
            raise RequestError(f"body: is not JSON: {error}", "body") from None
        return cls.from_wire(decoded)

    def to_wire(self) -> dict[str, Any]:
        """The JSON body that `from_wire` reads, without what is left at its default."""
        return self.model_dump(by_alias=True, exclude_defaults=True, mode="json")

    @property
    def unknown_fields(self) -> tuple[str, ...]:
        """Names that stood in the body and mean nothing to a search, such as `filters.skils`."""
        return self._unknown

    @property
    def text(self) -> str:
        """What is embedded and looked up: the query if not blank, else the job description."""
        return self.query or self.job_description

    @property
    def role(self) -> str:
        """What candidates are reranked by: the job description if not blank, else the query."""
        return self.job_description if self.job_description.strip() else self.query

    def _checked(self) -> Self:
        if self.embedding and not 8 <= len(self.embedding) <= 4_096:
            raise RequestError(
                f"embedding: has {len(self.embedding)} numbers, needs 8 to 4096", "embedding"
            )
        if not self.text.strip() and not self.embedding:
            raise RequestError(NOTHING_TO_SEARCH, "query")
        return self


def unknown_fields(body: object) -> tuple[str, ...]:
    """The names in a decoded body, and in its filters, that no search has."""
    if not isinstance(body, dict):
        return ()
    filters = body.get("filters")
    inner = filters if isinstance(filters, dict) else {}
    names = [str(name) for name in body if name not in _FIELDS]
    names += [f"filters.{name}" for name in inner if name not in _FILTERS]
    # Half a surrogate pair, which JSON can hold, could be neither printed nor sent.
    return tuple(sorted(name.encode("utf-8", "replace").decode() for name in names))


_FIELDS, _FILTERS = SearchRequest.names(), Filters.names()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the tenant whose candidates are searched, and the id that follows the request."""

    tenant: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Profile:
    """A candidate's row in `candidate_profiles`."""

    candidate_id: str
    full_name: str
    title: str | None
    headline: str | None
    location: str | None
    country: str | None
    industries: tuple[str, ...]
    skills: tuple[str, ...]
    years_experience: float | None
    confidence: float | None
    profile: Mapping[str, Any]


class Fused(NamedTuple):
    """A candidate after fusion: where each method ranked it, and the score of both together.

    A named tuple, since a search makes hundreds of them and keeps a page. Scores are cosine
    similarity (vector), `ts_rank_cd` (text) and the fused sum; ranks start at 1 and are None where
    the method did not return the candidate.
    """

    candidate_id: str
    score: float
    vector_score: float
    text_score: float
    rrf_score: float
    vector_rank: int | None
    text_rank: int | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One result: a person found, with every score that led there."""

    profile: Profile
    fused: Fused
    score: float
    skills: tuple[tuple[str, float], ...] = ()
    match_reasons: tuple[str, ...] = ()
    signal_scores: Mapping[str, float] = field(default_factory=dict)

    def to_wire(self) -> dict[str, Any]:
        """The result's JSON object."""
        person, fused = self.profile, self.fused
        return {
            "candidateId": person.candidate_id,
            "score": self.score,
            "vectorScore": fused.vector_score,
            "textScore": fused.text_score,
            "rrfScore": fused.rrf_score,
            "vectorRank": fused.vector_rank,
            "textRank": fused.text_rank,
            "confidence": person.confidence,
            "fullName": person.full_name,
            "title": person.title,
            "headline": person.headline,
            "location": person.location,
            "country": person.country,
            "industries": list(person.industries),
            "yearsExperience": person.years_experience,
            "skills": [{"name": name, "weight": weight} for name, weight in self.skills],
            "matchReasons": list(self.match_reasons),
            "signalScores": dict(self.signal_scores),
        }
